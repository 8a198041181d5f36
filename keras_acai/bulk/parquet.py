"""Parquet files: pictures read from them, a batch of rows at a time."""

import io

from keras_acai import files
from keras_acai.errors import DatasetError, first_line

NEEDED = "Parquet needs pyarrow: pip install pyarrow"
RESERVED = ("x", "codes", "row")
BATCH = 256  # rows that are read at once


def pyarrow():
    """Imports pyarrow and its Parquet module, or raises a `ValueError`."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ValueError(f"{NEEDED}.") from None
    return pa, pq


class Parquet:
    """Pictures in a column of a Parquet file, as encoded bytes.

    The column holds bytes, or structs with `bytes` and `path`, as data sets on the Hugging Face Hub
    do. Other columns of numbers, texts, dates and categories are passed on. Rows are best read in
    order.
    """

    def __init__(self, path, column=None):
        pa, pq = pyarrow()
        self.path = path
        try:
            self.file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise DatasetError(f"{path} is not Parquet: {first_line(error)}") from error
        schema = self.file.schema_arrow
        self.column = _column_of_pictures(schema, column, path)
        self.kept = [field.name for field in schema if _is_plain(field.type)]
        if taken := sorted({*RESERVED} & {*self.kept}):
            raise DatasetError(f"{path} has a column {taken[0]!r}, which codes need: rename it.")
        has_names = pa.types.is_struct(schema.field(self.column).type) and "names" not in self.kept
        self.columns = [*(["names"] if has_names else []), *self.kept]
        self.batches, self.position, self.rest = iter(()), -1, None

    def __len__(self):
        return self.file.metadata.num_rows

    def __str__(self):
        return str(self.path)

    def read(self, start, stop):
        """Returns pictures as binary files, and the other columns."""
        rows = self._rows(start, stop)
        cells = rows.column(self.column).to_pylist()
        columns = {name: _values(rows.column(name)) for name in self.kept}
        if "names" in self.columns and "names" not in columns:
            pa, _ = pyarrow()
            names = [(cell or {}).get("path") or "" for cell in cells]
            columns = {"names": pa.array(names, pa.string()), **columns}
        return [io.BytesIO(_bytes(cell)) for cell in cells], columns

    def fingerprint(self):
        """Returns a hash that changes when the file does."""
        return files.fingerprint([self.path])

    def _rows(self, start, stop):
        """Rows as a `pyarrow.Table`; the file is read on from where the last call stopped."""
        pa, _ = pyarrow()
        if start != self.position:
            self._seek(start)
        found, missing = [], stop - start
        while missing:
            batch = next(self.batches) if self.rest is None else self.rest
            found.append(batch.slice(0, missing))
            self.rest = batch.slice(missing) if batch.num_rows > missing else None
            missing -= found[-1].num_rows
        self.position = stop
        return pa.Table.from_batches(found)

    def _seek(self, start):
        """Starts to read in the row group that holds a row."""
        group = first = 0
        while first + self.file.metadata.row_group(group).num_rows <= start:
            first += self.file.metadata.row_group(group).num_rows
            group += 1
        groups = range(group, self.file.num_row_groups)
        columns = [self.column, *self.kept]
        self.batches = self.file.iter_batches(BATCH, row_groups=groups, columns=columns)
        self.rest = None
        self.position = first
        while self.position < start:
            self._rows(self.position, min(start, self.position + BATCH))


def _column_of_pictures(schema, column, path):
    """The name of the column that holds pictures."""
    found = [field.name for field in schema if _holds_pictures(field.type)]
    if column is not None and column not in found:
        raise DatasetError(f"{path} has no column {column!r} of pictures: it has {found}.")
    if len(found) == 1 or "image" in found or column:
        return column or ("image" if "image" in found else found[0])
    advice = f"name one of {found} as the column" if found else "write their bytes to one"
    raise DatasetError(f"{path} has {len(found)} columns of pictures: {advice}.")


def _holds_pictures(kind):
    """Whether a type is bytes, or a struct with a field `bytes`."""
    types = pyarrow()[0].types
    if types.is_struct(kind):
        index = kind.get_field_index("bytes")
        return index >= 0 and _holds_pictures(kind.field(index).type)
    return types.is_binary(kind) or types.is_large_binary(kind)


def _is_plain(kind):
    """Whether a type is a number, a text or a date, or a category of these."""
    types = pyarrow()[0].types
    if types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    texts = types.is_string(kind) or types.is_large_string(kind)
    return texts or types.is_primitive(kind) or types.is_decimal(kind)


def _values(column):
    """A column as one array; categories as what they stand for."""
    types = pyarrow()[0].types
    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.combine_chunks()


def _bytes(cell):
    return (cell.get("bytes") if isinstance(cell, dict) else cell) or b""
