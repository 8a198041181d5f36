"""What is encoded in bulk, in a fixed order: arrays, and pictures in folders, tars and Parquet."""

import concurrent.futures
import hashlib
import os
import pathlib

import numpy as np

from keras_acai import files
from keras_acai.bulk import containers, tables
from keras_acai.datasets import pictures
from keras_acai.engine.inputs import check_takes_pictures
from keras_acai.engine.validation import check_inputs
from keras_acai.errors import DatasetError, PictureError

ARRAYS = (".npy", ".npz")
CHUNK = 2**14  # images of an array that are checked at once


def listed(paths):
    """Returns a path or several as a list."""
    return [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)


def open_source(paths, model, *, value_range=None, background="white", column=None):
    """Opens files as one sequence of images, of which only what is asked for is read.

    Args:
        paths: a path or a list of paths: pictures, folders, tars and Parquet files of pictures,
            which are cropped and resized; or one .npy file with an array of images of the model's
            size, or one .npz file with an array `x` and optionally labels `y`.
        model: the model that will encode them.
        value_range: (low, high), black and white in an array, as for `encode`. Defaults to None.
        background: the colour behind transparent pictures. Defaults to white.
        column: str. The column of pictures in Parquet files. Defaults to None: the only one, or
            `image`.

    Returns:
        `ArraySource` or `PictureSource`: `len(source)` images in a fixed order, and
        `read(start, stop)` → dict of arrays, (n, …): "x", uint8, floats in [-1, 1] or data of the
        model's own, "row", the positions, and "names", "y" or the columns of Parquet files.

    Raises:
        DatasetError: for files that are not pictures, arrays, tars or Parquet, and for none.
        ValueError: for images that do not fit the model, and for arrays beside other files.
    """
    paths = [pathlib.Path(path) for path in listed(paths)]
    if not any(path.suffix.lower() in ARRAYS for path in paths):
        return PictureSource(containers.open_all(paths, column), model, background)
    if len(paths) > 1:
        raise ValueError(f"{len(paths)} paths with an array among them: pass one array file alone.")
    return ArraySource(paths[0], model, value_range)


class ArraySource:
    """Images of an .npy file, which is mapped into memory, or of an .npz file.

    All of them are checked at once, so that bad ones are refused before any work.
    """

    unreadable = ()

    def __init__(self, path, model, value_range=None):
        self.path, self.model = path, model
        content = _arrays_of(path)
        self.x, self.columns = content["x"], _labels_of(content, path)
        self.value_range = value_range
        self._check_all()

    def __len__(self):
        return len(self.x)

    def read(self, start, stop):
        """Returns images and labels, (stop − start, …)."""
        columns = {name: column[start:stop] for name, column in self.columns.items()}
        images = self._checked(slice(start, stop), may_be_dark=True)  # all together are not
        return {"x": images, "row": np.arange(start, stop), **columns}

    def fingerprint(self):
        """Returns a text that changes when the file does."""
        return files.fingerprint([self.path])

    def _check_all(self):
        """Checks chunk after chunk, and the range of all floats by the images at both its ends."""
        ends = []
        for start in range(0, max(1, len(self)), CHUNK):
            chunk = self._checked(slice(start, start + CHUNK), may_be_dark=True)
            if self.x.dtype.kind == "f":  # bytes need not even be read
                rows = chunk.reshape(len(chunk), -1)
                ends += [start + rows.min(axis=1).argmin(), start + rows.max(axis=1).argmax()]
        if ends:
            self._checked(sorted(set(ends)))

    def _checked(self, where, **options):
        options |= {"what": f"images in {self.path}", "value_range": self.value_range}
        return check_inputs(self.model, np.asarray(self.x[where]), **options)


class PictureSource:
    """Pictures of containers, one after the other; unreadable ones are left out.

    Attributes:
        unreadable: list of the names of pictures that could not be read so far.
    """

    def __init__(self, parts, model, background="white"):
        check_takes_pictures(model)
        self.parts = parts
        *size, colours = model.image_shape
        self.options = (tuple(size), colours, pictures.colour(background))
        self.ends = np.cumsum([len(part) for part in parts])
        self.unreadable = []
        self.pool = concurrent.futures.ThreadPoolExecutor(thread_name_prefix="pictures")

    def __len__(self):
        return int(self.ends[-1])

    def read(self, start, stop):
        """Returns the readable pictures, uint8, with their positions and columns."""
        pieces = list(self._pieces(start, stop))
        opened = [file for found, _ in pieces for file in found]
        columns = tables.concatenate([columns for _, columns in pieces])
        decoded = list(self.pool.map(self._picture, opened))
        kept = np.flatnonzero([image is not None for image in decoded])
        rows = np.arange(start, start + len(opened))
        names = columns.get("names", rows)
        self.unreadable += [str(names[i]) for i, image in enumerate(decoded) if image is None]
        size, colours, _ = self.options
        x = np.array([decoded[i] for i in kept], "uint8").reshape(-1, *size, colours)
        return {"x": x, "row": rows[kept], **tables.take(columns, kept)}

    def fingerprint(self):
        """Returns a text that changes when a file does."""
        digest = hashlib.sha256()
        for part in self.parts:
            digest.update(part.fingerprint().encode())
        return digest.hexdigest()

    def _pieces(self, start, stop):
        """What each container holds of some positions: its files and columns."""
        for part, end in zip(self.parts, self.ends, strict=True):
            first = end - len(part)
            if start < end and stop > first:
                yield part.read(max(start - first, 0), min(stop - first, len(part)))

    def _picture(self, file):
        try:
            return pictures.picture(file, *self.options)
        except PictureError:
            return None


def _arrays_of(path):
    """The arrays of an .npy or an .npz file: "x", and "y" if it has one."""
    try:
        content = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(content, np.ndarray):
            return {"x": np.atleast_1d(content)}
        with content as file:
            table = {name: np.atleast_1d(file[name]) for name in ("x", "y") if name in file.files}
    except Exception as error:  # zipfile and NumPy raise many kinds of errors for a damaged file
        raise DatasetError(
            f"{path} does not hold plain arrays of numbers: write it by np.save(path, images), or "
            "np.savez(path, x=images, y=labels)."
        ) from error
    if "x" not in table:
        raise DatasetError(f"{path} has no array x: write it by np.savez(path, x=images).")
    return table


def _labels_of(content, path):
    """{"y": labels}, or {} without; labels must be one number or text for each image."""
    if "y" not in content:
        return {}
    count, y = len(content["x"]), content["y"]
    if y.shape != (count,) or y.dtype.kind not in "biufUS":
        raise DatasetError(
            f"{path} has {count} images x, but labels y of dtype {y.dtype} and shape {y.shape}: "
            "give one number or text for each image."
        )
    return {"y": y}
