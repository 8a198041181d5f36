"""Data sets from the Parquet files of the Hugging Face Hub, without TensorFlow."""

import io

import numpy as np

from keras_acai import quiet
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.errors import DatasetError, HubError
from keras_acai.hub import client

SECONDS = 2 * 60 * 60  # that one file may take: the largest one has some 600 MB
BATCH = 1024  # images decoded at once


def prepare(name, split):
    """Downloads and decodes a split, with a progress bar.

    The files are those of a commit. Their SHA-256 is checked where the catalogue has it. The order
    of the images is that of the files, which differs from that of TensorFlow Datasets.

    Args:
        name: str. A key of `catalogue.DATASETS` whose entry has `parquet`.
        split: "train" or "test".

    Returns:
        (x, y): uint8 (n, size, size, colours) and int64 (n,).

    Raises:
        DatasetError: without pyarrow, when the download fails, and for files of another kind.
    """
    dataset = DATASETS[name]
    try:
        import pyarrow.parquet
    except ImportError:
        raise DatasetError(
            f"{name} is read from Parquet files where TensorFlow Datasets is not installed: "
            "pip install pyarrow."
        ) from None
    source = dataset.parquet
    try:
        paths = [
            client.data_file(dataset.hub_id, path, source.commit, sha256, SECONDS)
            for path, sha256 in source.files[split].items()
        ]
    except HubError as error:
        raise DatasetError(f"{name} could not be downloaded. {error}") from None
    opened = [pyarrow.parquet.ParquetFile(path) for path in paths]
    return _to_arrays(opened, dataset)


def _to_arrays(opened, dataset):
    """Decodes the rows of Parquet files into two arrays, batch by batch."""
    count = sum(file.metadata.num_rows for file in opened)
    x, y, start = np.empty((count, *dataset.image_shape), "uint8"), np.empty(count, "int64"), 0
    bar = quiet.progress_bar(count, "image")
    columns = [dataset.parquet.image, "label"]
    for file in opened:
        for batch in file.iter_batches(BATCH, columns=columns):
            stop = start + len(batch)
            for place, image in enumerate(batch.column(columns[0]).to_pylist(), start):
                x[place] = _decoded(image["bytes"], dataset)
            y[start:stop] = batch.column("label").to_numpy()
            start = stop
            bar.update(stop)
    return x, y


def _decoded(content, dataset):
    """A picture's bytes as uint8 (size, size, colours)."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        pixels = np.asarray(image.convert("L" if dataset.colours == 1 else "RGB"))
    pixels = pixels.reshape(*pixels.shape[:2], dataset.colours)
    return np.pad(pixels, [[dataset.pad] * 2, [dataset.pad] * 2, [0, 0]])
