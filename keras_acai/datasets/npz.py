"""Images of your own in a NumPy file: uint8 arrays, with labels or without."""

import pathlib

import numpy as np

from keras_acai.errors import DatasetError, first_line

SUFFIX = ".npz"
SPLIT = ("x_train", "x_test")  # the names in files like Keras's mnist.npz
WHOLE = ("x", "images")
LABELS = {"x_train": "y_train", "x_test": "y_test", "x": "y", "images": "labels"}


def is_npz(name):
    """Whether a name of data is the path of a NumPy file."""
    return pathlib.Path(name).suffix.lower() == SUFFIX


def image_shape(path):
    """Returns (height, width, colours) of the images in a file.

    Raises:
        DatasetError: as for `load`.
    """
    (x, _), *_ = load(path)
    return x.shape[1:]


def load(path):
    """Loads the images and labels of a NumPy file.

    Args:
        path: path. The file has `x_train` and `x_test`, perhaps with `y_train` and `y_test`, as
            Keras's own files; or it has `x` or `images`, perhaps with `y` or `labels`.

    Returns:
        list of (x, y): train and test, or all that there is. x is uint8 (n, height, width,
        colours) in 0…255; a file without the last axis has grey images. y is int64 (n,) or None.

    Raises:
        DatasetError: for a missing or damaged file, for other names, and for arrays of other types
            or shapes.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {
                name: file[name] for name in file.files if name in {*LABELS, *LABELS.values()}
            }
    except Exception as error:  # zipfile and NumPy raise many kinds of errors for a damaged file
        raise DatasetError(f"{path} cannot be read: {first_line(error)}.") from error
    wholes = [(name,) for name in WHOLE]
    names = next((names for names in (SPLIT, *wholes) if arrays.keys() >= set(names)), None)
    if names is None:
        raise DatasetError(
            f"{path} has neither x nor x_train and x_test: save uint8 images as x, with integers "
            "as y where there are classes."
        )
    parts = [_part(path, name, arrays) for name in names]
    if len({x.shape[1:] for x, _ in parts}) > 1:
        raise DatasetError(f"{path} has train and test images of different shapes.")
    return parts


def _part(path, name, arrays):
    x, y = arrays[name], arrays.get(LABELS[name])
    x = x[..., None] if x.ndim == 3 else x
    if x.dtype != "uint8" or x.ndim != 4 or x.shape[-1] not in (1, 3) or not len(x):
        raise DatasetError(
            f"{name} of {path} is {x.dtype} {x.shape}: give uint8 (n, height, width, colours) in "
            "0…255, with 1 or 3 colours."
        )
    if y is None:
        return x, None
    if y.dtype.kind not in "iu" or y.shape != (len(x),) or y.min() < 0:
        raise DatasetError(
            f"{LABELS[name]} of {path} is {y.dtype} {y.shape}: give {len(x)} integers from 0 on."
        )
    return x, y.astype("int64")
