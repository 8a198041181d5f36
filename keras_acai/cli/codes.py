"""Tables of latent codes: from pictures or arrays to a file for other tools."""

import pathlib

import numpy as np

from keras_acai import checks, files
from keras_acai.datasets import DatasetError, pictures

SUFFIXES = (".npz", ".parquet")


def check_suffix(path):
    """Checks that codes can be written to a file of this name.

    Raises:
        ValueError: for a suffix other than .npz and .parquet.
    """
    if pathlib.Path(path).suffix not in SUFFIXES:
        raise ValueError(f"{path}: write to a file that ends in {' or '.join(SUFFIXES)}.")


def read(path, image_shape):
    """Reads images and their names or labels.

    Args:
        path: path. A folder of pictures, which are cropped and resized, or an .npz file. The file
            has an array `x`, uint8 or floats in [-1, 1] of the model's size, and optionally labels
            `y`.
        image_shape: (height, width, colours) of the model.

    Returns:
        dict with "x", (n, *image_shape), and "names" or "y", (n,), if there are any.

    Raises:
        DatasetError: for a folder without pictures, or a file that is not an .npz with `x`.
        ValueError: for images of another shape, dtype or range.
    """
    path = pathlib.Path(path)
    return _read_folder(path, image_shape) if path.is_dir() else _read_npz(path, image_shape)


def encode(model, x, batch_size=256, track=lambda batches, total: batches):
    """Encodes images to flat codes, float32 (n, size).

    Args:
        model: a model of `keras_acai`.
        x: images, (n, *image_shape).
        batch_size: int. Images in a pass. Defaults to 256.
        track: callable (batches, total) → batches, to report progress. Defaults to no report.
    """
    starts = range(0, len(x), batch_size)
    codes = [
        model.features(x[start : start + batch_size], batch_size, verbose=0)
        for start in track(starts, len(starts))
    ]
    return np.concatenate(codes)


def write(path, table):
    """Writes codes with their names or labels, atomically.

    Args:
        path: path. A file ending in .npz, or in .parquet, which needs pyarrow.
        table: dict of arrays: "codes", (n, size), and others, (n,).

    Raises:
        ValueError: for another suffix, or when pyarrow is missing.
    """
    check_suffix(path)
    writer = _write_parquet if pathlib.Path(path).suffix == ".parquet" else np.savez_compressed
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


def _read_folder(folder, image_shape):
    height, width, colours = image_shape
    paths = pictures.pictures_in(folder)
    x, read = pictures.read_pictures(folder, paths, (height, width), colours)
    return {"x": x, "names": np.array([path.relative_to(folder).as_posix() for path in read])}


def _read_npz(path, image_shape):
    try:
        with np.load(path, allow_pickle=False) as file:
            table = {name: file[name] for name in ("x", "y") if name in file.files}
    except Exception as error:  # zipfile and NumPy raise many kinds of errors for a damaged file
        raise DatasetError(f"{path} is not an .npz file of plain arrays: {error}") from error
    if "x" not in table:
        raise DatasetError(f"{path} has no array x: write it by np.savez(path, x=images).")
    table["x"] = checks.check_images(table["x"], image_shape, what=f"x of {path}")
    y = table.get("y", np.zeros(len(table["x"]), int))
    if y.shape != (len(table["x"]),) or y.dtype.kind not in "biufUS":
        raise DatasetError(
            f"{path} has {len(table['x'])} images x, but labels y of dtype {y.dtype} and shape "
            f"{y.shape}: give one number or text for each image."
        )
    return table
