"""A cache of arrays in files, with a checksum that is verified on reading."""

import os
import pathlib
import warnings

import numpy as np

from keras_acai import files


def home():
    """Returns the folder of the cache: `KERAS_ACAI_HOME`, or `~/.cache/keras_acai`."""
    named = os.environ.get("KERAS_ACAI_HOME")
    return pathlib.Path(named or pathlib.Path.home() / ".cache" / "keras_acai")


def cache_path(name, split):
    """Returns the path of the file that caches a split, whether it exists or not."""
    return home() / "datasets" / f"{name}-{split}.npz"


def cached(path, prepare):
    """Returns (x, y) from the cache file, or from `prepare`, and then writes the file.

    A damaged file is prepared again, with a warning. A folder that cannot be written to causes a
    warning.

    Args:
        path: path. The cache file.
        prepare: callable () → (x, y); y is None where there are no labels.
    """
    arrays = _read(path) if path.exists() else None
    if arrays is None:
        arrays = prepare()
        _write(path, *arrays)
    return arrays


def _write(path, x, y):
    arrays = {"x": x} if y is None else {"x": x, "y": y}
    try:
        with files.atomic_write(path) as part:
            np.savez_compressed(part, sha256=files.sha256_of_arrays(*arrays.values()), **arrays)
    except OSError as error:
        warnings.warn(
            f"The data could not be cached in {path} ({error}) and will be prepared again next "
            "time: set KERAS_ACAI_HOME to a writable folder.",
            stacklevel=4,
        )


def _read(path):
    """Reads the arrays of a cache file; a damaged one gives None and a warning."""
    try:
        with np.load(path, allow_pickle=False) as file:
            expected = str(file["sha256"])
            arrays = [file[name] for name in ("x", "y") if name in file.files]
    except Exception:  # zipfile and NumPy raise many kinds of errors for a damaged file
        arrays, expected = [], None
    if arrays and files.sha256_of_arrays(*arrays) == expected:
        return (*arrays, None)[:2]
    warnings.warn(f"{path} is damaged: preparing the data again.", stacklevel=4)
    return None
