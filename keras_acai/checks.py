"""Checks of user input, made before any work is done.

Images are uint8 in 0…255 or floats in [-1, 1]. NumPy arrays, whatever NumPy can convert and tensors
of the backend are checked completely. While a compiler traces them, only shape and dtype are known.
Every failure is a one-line `ValueError` that says what to do.
"""

import lazy_loader
import numpy as np

keras = lazy_loader.load("keras")  # sizes and numbers are checked without it

TOLERANCE = 1e-3  # how far rounding may carry a float beyond [-1, 1]


def check_images(images, image_shape, what="images", at_least=1):
    """Returns `images` as uint8 or float32, (n, *image_shape).

    Args:
        images: array or tensor, (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
        image_shape: (height, width, colours).
        what: str. Their name in the message. Defaults to "images".
        at_least: int. The smallest n allowed. Defaults to 1.

    Raises:
        ValueError: for another rank, size, dtype or range, for NaN, and for too few images.
    """
    images = _as_array(images, what)
    _check_shape(images, image_shape, what, at_least)
    dtype = keras.backend.standardize_dtype(images.dtype)
    if dtype == "uint8":
        return images
    if "float" not in dtype:
        raise ValueError(
            f"{what} have dtype {dtype}: use uint8 in 0…255 (images.astype('uint8')) "
            "or floats in [-1, 1]."
        )
    _check_range(images, what)
    return images.astype("float32", copy=False) if isinstance(images, np.ndarray) else images


def check_codes(codes, code_shape):
    """Returns latent codes as floats, (n, *code_shape).

    Raises:
        ValueError: for another shape, a dtype that is not numeric, for NaN or infinity.
    """
    codes = _as_array(codes, "codes")
    _check_shape(codes, code_shape, "codes", at_least=1)
    if _is_traced(codes):
        return codes
    values = to_numpy(codes)
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise ValueError("codes must be finite numbers: check how they were computed.")
    return values.astype("float32", copy=False) if isinstance(codes, np.ndarray) else codes


def check_labels(labels, count, num_classes):
    """Returns labels as int64, (count,), or None.

    Args:
        labels: array of integers in 0…num_classes − 1, (count,) or (count, 1), or None.
        count: int. The number of images, or None if it is not known yet.
        num_classes: int or None. The classes of the model's probe.

    Raises:
        ValueError: for labels without a probe, of another shape or dtype, or out of range.
    """
    if labels is None:
        return None
    if num_classes is None:
        raise ValueError(
            "labels were given, but the model has no probe: leave the labels out, or make the "
            "model with num_classes=…"
        )
    labels = _as_array(labels, "labels")
    dtype = keras.backend.standardize_dtype(labels.dtype)
    if "int" not in dtype:
        raise ValueError(
            f"labels have dtype {dtype}: use integers in 0…{num_classes - 1} "
            "(labels.argmax(-1) if they are one-hot)."
        )
    shape = tuple(labels.shape)
    counts = {len_ for len_ in (count, *shape[:1]) if len_ is not None}
    if len(shape) == 0 or shape[1:] not in ((), (1,)) or len(counts) > 1:
        raise ValueError(
            f"labels have shape {shape}: one integer per image is needed, shape "
            f"({'n' if count is None else count},) (labels.argmax(-1) if they are one-hot)."
        )
    if _is_traced(labels):
        return labels
    values = to_numpy(labels).reshape(-1)
    if values.size and not 0 <= values.min() <= values.max() < num_classes:
        raise ValueError(
            f"labels range over {values.min()}…{values.max()}, but the model has classes "
            f"0…{num_classes - 1}: make it with num_classes={max(values.max() + 1, 1)}, or "
            "renumber the labels from 0."
        )
    return values.astype("int64") if isinstance(labels, np.ndarray) else labels


def check_image_shape(image_shape):
    """Returns (height, width, colours) as a tuple of positive ints, or raises a `ValueError`."""
    sides = tuple(image_shape) if isinstance(image_shape, (tuple, list)) else ()
    if len(sides) != 3:
        raise ValueError(
            f"image_shape={image_shape!r}: give (height, width, colours), such as (32, 32, 1)."
        )
    return tuple(check_size(side, "image_shape") for side in sides)


def check_size(size, what):
    """Returns a positive int, or raises a `ValueError`."""
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
        raise ValueError(f"{what}={size!r}: give a positive integer.")
    return int(size)


def check_number(number, what, at_least, at_most=float("inf"), below=float("inf")):
    """Returns a float of the given range, or raises a `ValueError`."""
    numeric = isinstance(number, (int, float, np.number)) and not isinstance(number, bool)
    if not numeric or not (at_least <= number <= at_most and number < below):
        upper = f" and below {below}" if below < float("inf") else ""
        upper = f" and at most {at_most}" if at_most < float("inf") else upper
        raise ValueError(f"{what}={number!r}: give a finite number of at least {at_least}{upper}.")
    return float(number)


def _check_shape(array, item_shape, what, at_least):
    shape = tuple(array.shape)
    if len(shape) != len(item_shape) + 1 or None in shape[1:] or shape[1:] != tuple(item_shape):
        wanted = ", ".join(str(side) for side in ("n", *item_shape))
        raise ValueError(
            f"{what} have shape {shape}, expected ({wanted}): {_advice(shape, item_shape)}"
        )
    if shape[0] is not None and shape[0] < at_least:
        reason = "" if at_least == 1 else " (this model mixes every image with another)"
        raise ValueError(f"{what}: {shape[0]} given, pass at least {at_least}{reason}.")


def _advice(shape, item_shape):
    if shape == tuple(item_shape):
        return "add a batch axis with array[None]."
    if shape[1:] == tuple(item_shape[:-1]):
        return "add a channel axis with array[..., None]."
    if len(shape) == len(item_shape) + 1 and shape[1:] == (item_shape[-1], *item_shape[:-1]):
        return "move the channels last with np.moveaxis(array, 1, -1)."
    return "resize or reshape them, or make a model of their size."


def _check_range(images, what):
    if _is_traced(images):
        return
    values = to_numpy(images)
    low, high = values.min(), values.max()
    if np.isnan(low):
        raise ValueError(f"{what} hold NaN: remove or repair those images.")
    if low < -1 - TOLERANCE or high > 1 + TOLERANCE:
        raise ValueError(
            f"{what} range over {low:.4g}…{high:.4g}: floats must be in [-1, 1]; pass uint8, "
            "scale 0…255 with images / 127.5 - 1, or clip with np.clip(images, -1, 1)."
        )


def _as_array(array, what):
    if keras.ops.is_tensor(array) or isinstance(array, keras.KerasTensor):
        return array
    try:
        array = to_numpy(array)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} are not an array ({error}): pass a NumPy array.") from None
    if array.dtype.kind in "fiub":
        return array
    return _floats(array, what)


def _floats(array, what):
    """Converts an extension dtype such as bfloat16, which NumPy does not count as numeric."""
    if "float" in array.dtype.name:
        return array.astype("float32")
    raise ValueError(f"{what} have dtype {array.dtype}: pass an array of numbers.")


def to_numpy(array):
    """Converts an array or tensor to a NumPy array, bfloat16 to float32."""
    if keras.ops.is_tensor(array):
        array = keras.ops.convert_to_numpy(array)
    elif hasattr(array, "detach"):  # a torch tensor on another backend
        array = array.detach().cpu()
        array = array.float() if "bfloat16" in str(array.dtype) else array
    array = np.asarray(array)
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def _is_traced(array):
    """Whether only shape and dtype are known: symbolic tensors, and tracers of a compiler."""
    from keras_acai import backend

    return isinstance(array, keras.KerasTensor) or backend.is_traced(array)
