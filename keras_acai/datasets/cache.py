"""Arrays in files that are checked when they are read."""

import os
import pathlib
import warnings

import numpy as np

from keras_acai import files

A_DAY = 24 * 60 * 60  # seconds; no writer takes as long


def cache_path(name, split):
    """The file that a split is cached in, whether it is there or not."""
    home = os.environ.get("KERAS_ACAI_HOME") or pathlib.Path.home() / ".cache" / "keras_acai"
    return pathlib.Path(home) / "datasets" / f"{name}-{split}.npz"


def cached(path, prepare):
    """(x, y) from the file, or from `prepare`, which then fills it.

    A damaged file is made anew, with a warning; a folder that cannot be written is a warning.

    Args:
        path: the cache file.
        prepare: callable. () → (x, y), y None where there are no labels.
    """
    arrays = _read(path) if path.exists() else None
    if arrays is None:
        arrays = prepare()
        _write(path, *arrays)
    return arrays


def _write(path, x, y):
    arrays = {"x": x} if y is None else {"x": x, "y": y}
    try:
        files.sweep(path.parent, A_DAY)
        with files.written(path) as part:
            np.savez_compressed(part, sha256=files.sha256_of_arrays(*arrays.values()), **arrays)
    except OSError as error:
        warnings.warn(
            f"The data could not be cached in {path} ({error}): set KERAS_ACAI_HOME to a folder "
            "that can be written, or they are prepared anew each time.",
            stacklevel=4,
        )


def _read(path):
    """The arrays of a cache file, or None with a warning if it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            expected = str(file["sha256"])
            arrays = [file[name] for name in ("x", "y") if name in file.files]
    except Exception:  # zipfile and NumPy have many ways to say that a file is damaged
        arrays, expected = [], None
    if arrays and files.sha256_of_arrays(*arrays) == expected:
        return (*arrays, None)[:2]
    warnings.warn(f"{path} is damaged: preparing the data anew.", stacklevel=4)
    return None
