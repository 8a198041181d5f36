"""Checks of user input, made before any work is done.

Images are uint8 in 0…255, floats in [-1, 1], or numbers of a `value_range` that the caller names.
All are checked completely; while a compiler traces a tensor, only shape and dtype are known. Every
failure is a one-line `ValueError` that says what to do.
"""

import numpy as np


class _Keras:
    """Keras, imported when it is needed: sizes and numbers are checked without it."""

    def __getattr__(self, name):
        import keras

        return getattr(keras, name)


keras = _Keras()

TOLERANCE = 1e-3  # how far rounding may carry a float beyond [-1, 1]
DATA_FORMATS = (None, "channels_last", "channels_first")


def check_images(
    images,
    image_shape,
    what="images",
    at_least=1,
    value_range=None,
    data_format=None,
    tolerance=TOLERANCE,
    may_be_dark=False,
):
    """Returns `images` as uint8 in 0…255 or floats in [-1, 1], (n, *image_shape).

    Args:
        images: array or tensor, (n, *image_shape): uint8, floats, or numbers of `value_range`.
        image_shape: (height, width, colours).
        what: str. Their name in the message. Defaults to "images".
        at_least: int. The smallest n allowed. Defaults to 1.
        value_range: (low, high), black and white. Defaults to None: (0, 255) for uint8, (-1, 1)
            for floats. Floats that all lie in [0, 1] are then refused: most are x / 255.
        data_format: "channels_last" (also None), or "channels_first", (n, colours, height, width).
        tolerance: float. How far floats may lie beyond [-1, 1]. Defaults to 0.001, for rounding.
        may_be_dark: bool. Whether floats may all lie in [0, 1], as in a part of the images may be.

    Returns:
        An array for an array, a tensor for a tensor. uint8 in 0…255 stays uint8.

    Raises:
        ValueError: for another rank, size, dtype or range, for NaN, and for too few images.
    """
    value_range = check_value_range(value_range)
    images = _channels_last(_as_array(images, what), data_format)
    _check_shape(images, image_shape, what, at_least)
    dtype = keras.backend.standardize_dtype(images.dtype)
    if dtype == "uint8" and value_range in (None, (0, 255)):
        return images
    if value_range is None:
        _check_floats(images, dtype, what, tolerance, may_be_dark)
    else:
        _check_numbers(images, dtype, what, value_range, tolerance, may_be_dark)
        images = _scaled(images, *value_range)
    return images.astype("float32", copy=False) if isinstance(images, np.ndarray) else images


def check_value_range(value_range):
    """Returns (low, high) as floats, or None for None, or raises a `ValueError`."""
    if value_range is None:
        return None
    try:
        low, high = (float(bound) for bound in value_range)
    except (TypeError, ValueError):
        low = high = 0.0
    if not (low < high and np.isfinite([low, high]).all()):
        raise ValueError(
            f"value_range={value_range!r}: give the numbers of black and white, such as (0, 1)."
        )
    return low, high


def check_codes(codes, code_shape, what="codes", at_least=1):
    """Returns latent codes, or data that are not pictures, as floats, (n, *code_shape).

    Raises:
        ValueError: for another shape, a dtype that is not numeric, for NaN or infinity.
    """
    codes = _as_array(codes, what)
    _check_shape(codes, code_shape, what, at_least)
    if _is_traced(codes):
        return codes
    values = to_numpy(codes)
    if values.dtype.kind not in "iuf":
        raise ValueError(f"{what} have dtype {values.dtype}: pass real numbers.")
    with np.errstate(over="ignore"):
        values = values.astype("float32", copy=False)
    if not np.isfinite(values).all():
        raise ValueError(f"{what} must be finite in float32: check how they were computed.")
    return values if isinstance(codes, np.ndarray) else codes


def check_labels(labels, count, num_classes):
    """Returns labels as int64, (count,), or None.

    Args:
        labels: array of integers in 0…num_classes − 1, (count,) or (count, 1), or None.
        count: int. The number of images, or None if it is not known yet.
        num_classes: int. The classes of the model's probe.

    Raises:
        ValueError: for labels of another shape or dtype, or out of range.
    """
    if labels is None:
        return None
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
    if None not in item_shape and shape[1:] == (np.prod(item_shape),):
        return f"reshape it with array.reshape{(-1, *item_shape)}."
    if len(shape) == len(item_shape) + 1 and shape[1:] == (item_shape[-1], *item_shape[:-1]):
        return "pass data_format='channels_first', or np.moveaxis(array, 1, -1)."
    return "resize or reshape them, or make a model of their size."


def _channels_last(images, data_format):
    """Moves the channels of a batch last, if they come first."""
    if data_format not in DATA_FORMATS:
        raise ValueError(f"data_format={data_format!r}: use 'channels_last' or 'channels_first'.")
    if data_format != "channels_first" or len(images.shape) != 4:
        return images
    move = np.moveaxis if isinstance(images, np.ndarray) else keras.ops.moveaxis
    return move(images, 1, -1)


def _check_floats(images, dtype, what, tolerance, may_be_dark):
    """Checks images without a `value_range`."""
    if "float" not in dtype:
        raise ValueError(
            f"{what} have dtype {dtype}: use uint8 in 0…255 (images.astype('uint8')), floats in "
            "[-1, 1], or value_range=(low, high)."
        )
    if _is_traced(images):
        return
    low, high = _range(images, what)
    if low < -1 - tolerance or high > 1 + tolerance:
        raise ValueError(
            f"{what} range over {low:.4g}…{high:.4g}: floats must be in [-1, 1]; pass uint8, name "
            "the range such as value_range=(0, 255), or clip with np.clip(images, -1, 1)."
        )
    if not may_be_dark and low >= -TOLERANCE and high <= 1 + TOLERANCE:
        raise ValueError(
            f"{what} are floats in [0, 1], where [-1, 1] is expected: pass value_range=(0, 1), or "
            "value_range=(-1, 1) if they are meant so."
        )


def _check_numbers(images, dtype, what, value_range, tolerance, may_be_dark):
    """Checks images of a `value_range`."""
    if "complex" in dtype:
        raise ValueError(f"{what} have dtype {dtype}: pass real numbers.")
    if _is_traced(images):
        return
    low, high = _range(images, what)
    slack = tolerance * (value_range[1] - value_range[0]) / 2
    if low < value_range[0] - slack or high > value_range[1] + slack:
        raise ValueError(
            f"{what} range over {low:.4g}…{high:.4g}, which is outside value_range="
            f"({value_range[0]:g}, {value_range[1]:g}): name the range that they have."
        )
    if not may_be_dark and "float" in dtype and low >= 0 and 0 < high <= 1 < value_range[1]:
        raise ValueError(
            f"{what} are floats in [0, 1], which is next to black in value_range=(…, "
            f"{value_range[1]:g}): name the range that they have."
        )


def _range(images, what):
    """The smallest and the largest value of images, as floats."""
    values = to_numpy(images)
    low, high = float(values.min()), float(values.max())
    if np.isnan(low):
        raise ValueError(f"{what} hold NaN: remove or repair those images.")
    return low, high


def _scaled(images, low, high):
    """Maps low…high to [-1, 1], as floats."""
    if isinstance(images, np.ndarray):
        images = images.astype("float32", copy=False)
    elif "float" not in keras.backend.standardize_dtype(images.dtype):
        images = keras.ops.cast(images, "float32")
    if (low, high) == (-1, 1):
        return images
    return (images - low) / ((high - low) / 2) - 1


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
