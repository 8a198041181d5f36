"""Images in any form that a model takes: arrays, tensors, pictures, folders and streams."""

import os

import keras
import numpy as np

from keras_acai import checks
from keras_acai.datasets import pictures
from keras_acai.engine import streams
from keras_acai.engine.validation import Validator, check_inputs, shape_of
from keras_acai.images import to_pil

FIRST = "channels_first"


def read(images, model, value_range=None, data_format=None, background="white", **options):
    """Reads images for a model.

    Arrays, tensors and batches of streams must have the model's size. Pictures of any size are
    rotated upright, cropped to the middle and resized with antialiasing
    (`datasets.pictures.picture`).

    Args:
        images: an array or tensor of the backend, (n, *image_shape), or of one image; the path of a
            picture or of a folder of pictures; a PIL picture; a list of these or of arrays
            (height, width[, channels]) of different sizes; or a stream as `fit` takes it, whose
            labels are ignored.
        model: a model with `image_shape`.
        value_range, data_format, **options: as for `checks.check_images`. Files and PIL pictures
            need none of them.
        background: the colour behind transparent pictures, as for `datasets.pictures.picture`.
            Defaults to white.

    Returns:
        uint8 in 0…255 or floats in [-1, 1], (n, *image_shape): an array, a tensor for a tensor, or
        an iterator of arrays for a stream.

    Raises:
        ValueError: for images that do not fit the model.
        PictureError: a ValueError, for files that are not pictures.
    """
    if isinstance(images, keras.KerasTensor):
        raise ValueError(
            "images are a keras.Input: in a functional model, call model.feature_extractor() on it."
        )
    options |= {"value_range": value_range, "data_format": data_format}
    if streams.is_stream(images):
        return _batches(images, Validator(model, takes_labels=False, **options))
    if _is_picture(images):
        images = [images]
    if _are_pictures(images):
        check_takes_pictures(model)
        return np.concatenate(
            [_read_all(item, model.image_shape, background, options) for item in images]
        )
    if shape_of(images) == _one_image(model.image_shape, data_format):
        images = images[None]
    return check_inputs(model, images, **options)


def check_takes_pictures(model):
    """Raises a `ValueError` if a model does not take pictures but other data."""
    if model.value_range is None or len(model.image_shape) != 3:
        raise ValueError(
            f"the model takes data of shape {model.image_shape}, not pictures: pass an array."
        )


def _batches(stream, validator):
    """Yields the images of each batch of a stream as arrays."""
    for batch in streams.batches(streams.check_stream(stream, validator)):
        images = batch[0] if isinstance(batch, (tuple, list)) else batch
        yield checks.to_numpy(images)


def _is_pil(item):
    return hasattr(item, "getbands")


def _is_picture(item):
    return isinstance(item, (str, os.PathLike)) or _is_pil(item)


def _are_pictures(items):
    """Whether items are a list with paths or PIL pictures in it, or of arrays of mixed sizes."""
    if not isinstance(items, (list, tuple)) or not items:
        return False
    shapes = set(map(shape_of, items))
    return any(map(_is_picture, items)) or (len(shapes) > 1 and () not in shapes)


def _one_image(image_shape, data_format):
    """The shape of one image, with its channels first or last."""
    return (image_shape[-1], *image_shape[:-1]) if data_format == FIRST else image_shape


def _read_all(item, image_shape, background, options):
    """One picture, or all of a folder → uint8 (n, *image_shape)."""
    *size, colours = image_shape
    how = (tuple(size), colours, background)
    if isinstance(item, (str, os.PathLike)) and os.path.isdir(item):
        return pictures.read_pictures(item, pictures.pictures_in(item), *how)[0]
    return pictures.picture(item if _is_picture(item) else _to_pil(item, **options), *how)[None]


def _to_pil(array, data_format, **options):
    """An array of one image, (height, width[, channels]) → a PIL picture."""
    if len(shape_of(array)) == 2:
        array, data_format = array[..., None], None
    shape = shape_of(array)
    shape = (*shape[1:], *shape[:1]) if data_format == FIRST else shape
    checked = checks.check_images(array[None], shape, data_format=data_format, **options)
    return to_pil(checks.to_numpy(checked))[0]
