"""From a model's output to pictures: uint8 arrays and PIL pictures."""

import numpy as np

from keras_acai import checks

LARGEST = 8  # how far a decoder's output may lie from 0 and still be a picture


def to_images(x):
    """Converts floats in [-1, 1] to uint8 in 0…255.

    A decoder's output overshoots [-1, 1] a little. It is clipped here, where `astype("uint8")`
    alone would wrap around.

    Args:
        x: array or tensor of any shape, floats in [-1, 1] such as those of `decode` and
            `interpolate`. uint8 is returned as it is.

    Returns:
        uint8 NumPy array of the same shape: round((x + 1) · 127.5), clipped to 0…255.

    Raises:
        ValueError: for another dtype, NaN or infinity, and for values beyond ±8.
    """
    x = checks.to_numpy(x)
    if x.dtype == "uint8":
        return x
    if x.dtype.kind != "f":
        raise ValueError(f"images have dtype {x.dtype}: pass uint8, or floats in [-1, 1].")
    if not (np.abs(x) <= LARGEST).all():
        raise ValueError(
            f"images range over {np.min(x):.4g}…{np.max(x):.4g}: pass floats in [-1, 1], or scale "
            "0…255 with images / 127.5 - 1."
        )
    return np.clip(np.rint((x.astype("float32") + 1) * 127.5), 0, 255).astype("uint8")


def to_pil(x):
    """Converts images to PIL pictures, grey or RGB.

    Args:
        x: uint8, or floats in [-1, 1] as for `to_images`, with 1 or 3 channels: one image
            (height, width, channels), images (n, height, width, channels), strips
            (n, steps, height, width, channels) or grids (n, rows, columns, height, width,
            channels).

    Returns:
        A `PIL.Image.Image` for one image; a list of them for images; for strips and grids, a list
        with one picture for each, whose images lie side by side.

    Raises:
        ValueError: for another shape, dtype or range.
    """
    from PIL import Image

    x = to_images(x)
    if x.ndim not in (3, 4, 5, 6) or x.shape[-1] not in (1, 3) or 0 in x.shape[-3:]:
        raise ValueError(
            f"images have shape {x.shape}: pass ([n, [[rows, ]columns, ]]height, width, channels), "
            "with 1 or 3 channels."
        )
    if x.ndim == 3:
        return Image.fromarray(x[..., 0] if x.shape[-1] == 1 else x)
    if x.ndim > 4:
        x = _side_by_side(x if x.ndim == 6 else x[:, None])
    return [to_pil(image) for image in x]


def _side_by_side(grids):
    """(n, rows, columns, height, width, channels) → (n, rows·height, columns·width, channels)."""
    n, rows, columns, height, width, channels = grids.shape
    return grids.swapaxes(2, 3).reshape(n, rows * height, columns * width, channels)
