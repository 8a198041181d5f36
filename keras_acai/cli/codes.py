"""Tables of latent codes: from pictures or arrays to a file that other tools read."""

import pathlib

import numpy as np

from keras_acai import checks, files
from keras_acai.datasets import DatasetError, pictures

SUFFIXES = (".npz", ".parquet")


def check_suffix(path):
    """Whether codes can be written to a file of this name.

    Raises:
        ValueError: if not.
    """
    if pathlib.Path(path).suffix not in SUFFIXES:
        raise ValueError(f"{path}: write to a file that ends in {' or '.join(SUFFIXES)}.")


def read(path, image_shape):
    """Images with what identifies them.

    Args:
        path: a folder of pictures, which are cut and resized, or an .npz with `x`, uint8 or floats
            in [-1, 1] of the model's size, and perhaps `y`, labels.
        image_shape: (height, width, colours) of the model.

    Returns:
        dict with "x", (n, *image_shape), and "names" or "y", (n,), if there is one.

    Raises:
        DatasetError: for a folder without a picture, and for a file that is no .npz with `x`.
        ValueError: for images of another shape, dtype or range.
    """
    path = pathlib.Path(path)
    return _read_folder(path, image_shape) if path.is_dir() else _read_npz(path, image_shape)


def encode(model, x, batch_size=256, track=lambda batches, total: batches):
    """The codes of images, float32 (n, size).

    Args:
        model: a model of `keras_acai`.
        x: images, (n, *image_shape).
        batch_size: int. Images a pass.
        track: callable (batches, total) → batches, to show how far it is. Defaults to nothing.
    """
    starts = range(0, len(x), batch_size)
    codes = [
        model.features(x[start : start + batch_size], batch_size, verbose=0)
        for start in track(starts, len(starts))
    ]
    return np.concatenate(codes)


def write(path, table):
    """Writes codes and what identifies them, whole or not at all.

    Args:
        path: .npz, or .parquet, for which pyarrow is needed.
        table: dict of arrays: "codes", (n, size), and others, (n,).

    Raises:
        ValueError: for another suffix, or when pyarrow is missing.
    """
    check_suffix(path)
    writer = _write_parquet if pathlib.Path(path).suffix == ".parquet" else np.savez_compressed
    with files.written(path) as part:
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
    pq.write_table(pa.table({key: pa.array(one) for key, one in table.items()} | columns), path)


def _read_folder(folder, image_shape):
    height, width, colours = image_shape
    paths = pictures.pictures_in(folder)
    x, read = pictures.read_pictures(folder, paths, (height, width), colours)
    return {"x": x, "names": np.array([path.relative_to(folder).as_posix() for path in read])}


def _read_npz(path, image_shape):
    try:
        with np.load(path, allow_pickle=False) as file:
            table = {name: file[name] for name in ("x", "y") if name in file.files}
    except Exception as error:  # zipfile and NumPy have many ways to say that a file is damaged
        raise DatasetError(f"{path} is no .npz of plain arrays: {error}") from error
    if "x" not in table:
        raise DatasetError(f"{path} has no array x: np.savez(path, x=images).")
    table["x"] = checks.check_images(table["x"], image_shape, what=f"x of {path}")
    y = table.get("y", np.zeros(len(table["x"]), int))
    if y.shape != (len(table["x"]),) or y.dtype.kind not in "biufUS":
        raise DatasetError(
            f"{path} has {len(table['x'])} images x, but labels y of {y.dtype} {y.shape}: give one "
            "number or text for each."
        )
    return table
