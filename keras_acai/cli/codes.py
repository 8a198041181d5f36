"""Tables of latent codes: from pictures or arrays to a file for other tools."""

import csv
import pathlib

import numpy as np

from keras_acai import checks, files
from keras_acai.datasets import DatasetError, pictures

SUFFIXES = (".npz", ".csv", ".parquet")
ARRAYS = (".npy", ".npz")


def check_suffix(path):
    """Checks that codes can be written to a file of this name.

    Raises:
        ValueError: for another suffix than those of `SUFFIXES`.
    """
    if pathlib.Path(path).suffix not in SUFFIXES:
        raise ValueError(f"{path}: write to a file that ends in {', '.join(SUFFIXES)}.")


def read(paths, image_shape, value_range=None, background="white"):
    """Reads images and their names or labels.

    Args:
        paths: list of paths: pictures and folders of pictures, which are cropped and resized; or
            one .npy file with an array of images of the model's size, or one .npz file with an
            array `x` and optionally labels `y`.
        image_shape: (height, width, colours) of the model.
        value_range: (low, high), black and white in an array, as for `encode`. Defaults to None.
        background: the colour behind transparent pictures. Defaults to white.

    Returns:
        dict with "x", (n, *image_shape), uint8 or floats in [-1, 1], and "names" or "y", (n,), if
        there are any.

    Raises:
        DatasetError: for folders without pictures, files that are not pictures, and files that
            hold no arrays.
        ValueError: for images of another shape, dtype or range, and for arrays beside other files.
    """
    paths = [pathlib.Path(path) for path in paths]
    if not any(path.suffix.lower() in ARRAYS for path in paths):
        return _read_pictures(paths, image_shape, background)
    if len(paths) > 1:
        raise ValueError(f"{len(paths)} paths with an array among them: pass one array file alone.")
    table = _arrays_of(paths[0])
    table["x"] = checks.check_images(
        table["x"], image_shape, what=f"images in {paths[0]}", value_range=value_range
    )
    _check_labels(table, paths[0])
    return table


def encode(model, x, batch_size=256, track=lambda batches, total: batches):
    """Encodes images to flat codes, float32 (n, size).

    Args:
        model: a model of `keras_acai`.
        x: images as `read` returns them.
        batch_size: int. Images in a pass. Defaults to 256.
        track: callable (batches, total) → batches, to report progress. Defaults to no report.
    """
    value_range = range_of(x)
    starts = range(0, len(x), batch_size)
    codes = [
        model.features(
            x[start : start + batch_size], batch_size, verbose=0, value_range=value_range
        )
        for start in track(starts, len(starts))
    ]
    return np.concatenate(codes)


def range_of(x):
    """Returns the `value_range` of images as `read` returns them."""
    return None if x.dtype == "uint8" else (-1, 1)


def write(path, table):
    """Writes codes with their names or labels, atomically.

    Args:
        path: path. A file ending in .npz, in .csv, which has a column for each number of a code,
            or in .parquet, which needs pyarrow.
        table: dict of arrays: "codes", (n, size), and others, (n,).

    Raises:
        ValueError: for another suffix, or when pyarrow is missing.
    """
    check_suffix(path)
    writer = WRITERS[pathlib.Path(path).suffix]
    with files.atomic_write(path) as part:
        writer(part, **table)


def _write_parquet(path, **table):
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ValueError("Parquet needs pyarrow: pip install pyarrow, or write .npz.") from None
    codes = table.pop("codes")
    flat = pa.array(codes.ravel())
    columns = {"codes": pa.FixedSizeListArray.from_arrays(flat, codes.shape[1])}
    pq.write_table(
        pa.table({name: pa.array(column) for name, column in table.items()} | columns), path
    )


def _write_csv(path, **table):
    codes = table.pop("codes")
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*table, *(f"code{number}" for number in range(codes.shape[1]))])
        rows.writerows(
            [*others, *(f"{value:.9g}" for value in code)]
            for *others, code in zip(*table.values(), codes)
        )


WRITERS = {".npz": np.savez_compressed, ".csv": _write_csv, ".parquet": _write_parquet}


def _read_pictures(paths, image_shape, background):
    """Pictures, and those of folders, in the order of the paths; unreadable files are skipped.

    The names are those below a folder if it is the only one.
    """
    files = [each for path in paths for each in _pictures_of(path)]
    place = ", ".join(map(str, paths[:3])) + (" …" if paths[3:] else "")
    *size, colours = image_shape
    x, kept = pictures.read_pictures(place, files, tuple(size), colours, background)
    names = [files[each] for each in kept]
    if len(paths) == 1 and paths[0].is_dir():
        names = [name.relative_to(paths[0]) for name in names]
    return {"x": x, "names": np.array([name.as_posix() for name in names])}


def _pictures_of(path):
    return pictures.pictures_in(path) if path.is_dir() else [path]


def _arrays_of(path):
    """The arrays of an .npy or an .npz file: "x", and "y" if it has one."""
    try:
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return {"x": content}
        with content as file:
            table = {name: file[name] for name in ("x", "y") if name in file.files}
    except Exception as error:  # zipfile and NumPy raise many kinds of errors for a damaged file
        raise DatasetError(
            f"{path} does not hold plain arrays of numbers: write it by np.save(path, images), or "
            "np.savez(path, x=images, y=labels)."
        ) from error
    if "x" not in table:
        raise DatasetError(f"{path} has no array x: write it by np.savez(path, x=images).")
    return table


def _check_labels(table, path):
    """Refuses labels that are not one number or text for each image."""
    count = len(table["x"])
    y = table.get("y", np.zeros(count, int))
    if y.shape != (count,) or y.dtype.kind not in "biufUS":
        raise DatasetError(
            f"{path} has {count} images x, but labels y of dtype {y.dtype} and shape {y.shape}: "
            "give one number or text for each image."
        )
