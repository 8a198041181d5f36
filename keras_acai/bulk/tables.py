"""Tables of latent codes, and how they are written to files for other tools."""

import csv
import pathlib

import numpy as np

from keras_acai import files
from keras_acai.bulk.parquet import pyarrow

SUFFIXES = (".npz", ".csv", ".parquet")


def check_suffix(path):
    """Checks that codes can be written to a file of this name.

    Raises:
        ValueError: for another suffix than those of `SUFFIXES`, or when pyarrow is missing.
    """
    suffix = pathlib.Path(path).suffix
    if suffix not in SUFFIXES:
        raise ValueError(
            f"{path}: write to a file that ends in {', '.join(SUFFIXES)}, or to a folder."
        )
    if suffix == ".parquet":
        pyarrow()


def concatenate(tables):
    """Returns tables of the same columns as one, dicts of NumPy or Arrow arrays."""
    return {name: _joined([table[name] for table in tables]) for name in tables[0]}


def take(table, places):
    """Returns some rows of a table."""
    return {name: column.take(places) for name, column in table.items()}


def count_rows(path):
    """Returns the number of rows of a Parquet file."""
    _, pq = pyarrow()
    return pq.read_metadata(path).num_rows


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


def _joined(columns):
    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    pa, _ = pyarrow()
    return pa.concat_arrays(columns)


def _write_parquet(path, **table):
    pa, pq = pyarrow()
    codes = table.pop("codes")
    flat = pa.array(codes.ravel())
    columns = {"codes": pa.FixedSizeListArray.from_arrays(flat, codes.shape[1])}
    pq.write_table(
        pa.table({name: pa.array(column) for name, column in table.items()} | columns), path
    )


def _write_csv(path, **table):
    codes = table.pop("codes")
    columns = [column.tolist() for column in table.values()]
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*table, *(f"code{number}" for number in range(codes.shape[1]))])
        rows.writerows(
            [*others, *(f"{value:.9g}" for value in code)] for *others, code in zip(*columns, codes)
        )


def _write_npz(path, **table):
    np.savez_compressed(path, **{name: _plain(column) for name, column in table.items()})


def _plain(column):
    """A column as an array that needs no pickling."""
    array = np.asarray(column)
    if array.dtype != object:
        return array
    return np.array(["" if value is None else str(value) for value in array])


WRITERS = {".npz": _write_npz, ".csv": _write_csv, ".parquet": _write_parquet}
