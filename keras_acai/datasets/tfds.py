"""Data sets from TensorFlow Datasets: found, downloaded where necessary, decoded to arrays."""

import contextlib
import importlib.util
import pathlib
import socket
import tempfile
import threading
import urllib.parse
import urllib.request

import numpy as np

from keras_acai import files, quiet
from keras_acai.datasets.cache import cache_path
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.errors import DatasetError, first_line

BATCH = 1024  # images decoded at once
HOSTS = ("storage.googleapis.com", "huggingface.co")  # one of them is known wherever there is DNS
PATIENCE = 2  # seconds


def is_installed():
    """Whether TensorFlow Datasets is installed, with TensorFlow, which it needs to decode."""
    return all(map(importlib.util.find_spec, ("tensorflow", "tensorflow_datasets")))


def prepare(name, split, data_dir):
    """Downloads and decodes a split, with a progress bar.

    Args:
        name: str. A key of `catalogue.DATASETS` whose entry has a builder.
        split: "train" or "test".
        data_dir: path. The TensorFlow Datasets directory, or None for its default.

    Returns:
        (x, y): uint8 (n, size, size, colours); int64 (n,), or (n, k) where labels are a dict of k.

    Raises:
        DatasetError: when TensorFlow Datasets is not installed or the download fails.
    """
    dataset = DATASETS[name]
    builder = _builder(name, dataset, data_dir)
    wanted = dataset.train if split == "train" else split
    count = sum(builder.info.splits[part].num_examples for part in wanted.split("+"))
    records = builder.as_dataset(split=wanted, shuffle_files=False)
    records = records.map(
        lambda record: (fit_image(record["image"], dataset), record[dataset.label])
    )
    return _to_arrays(records, count, dataset.image_shape)


def fit_image(image, dataset):
    """Crops and resizes, or pads, an image to the size that its `Dataset` says.

    It is resized bicubically, with antialiasing, if it has another size after cropping.

    Args:
        image: uint8 tensor (height, width, colours).
        dataset: `catalogue.Dataset`.

    Returns:
        uint8 tensor (size, size, colours).
    """
    import tensorflow as tf

    rows, columns = dataset.crop
    image = image[rows : image.shape[0] - rows, columns : image.shape[1] - columns]
    if dataset.pad:
        return tf.pad(image, [[dataset.pad] * 2, [dataset.pad] * 2, [0, 0]])
    if image.shape[:2] == (dataset.size, dataset.size):
        return image
    image = tf.image.resize(image, (dataset.size, dataset.size), "bicubic", antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)


def _to_arrays(records, count, image_shape):
    """Decodes `count` (image, label) records into two arrays, batch by batch."""
    x, y, start = np.empty((count, *image_shape), "uint8"), None, 0
    bar = quiet.progress_bar(count, "image")
    for images, labels in records.batch(BATCH).prefetch(1).as_numpy_iterator():
        labels = _label_array(labels)
        y = np.empty((count, *labels.shape[1:]), "int64") if y is None else y
        stop = start + len(images)
        x[start:stop], y[start:stop] = images, labels
        start = stop
        bar.update(stop)
    return x, y


def _label_array(labels):
    if isinstance(labels, dict):
        labels = np.stack([labels[name] for name in sorted(labels)], axis=1)
    return labels.astype("int64")


def _builder(name, dataset, data_dir):
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise DatasetError(
            f"{name} is not in the cache ({cache_path(name, 'train').parent}) and cannot be "
            f"prepared without TensorFlow Datasets ({error}): pip install tensorflow "
            "tensorflow-datasets importlib_resources, or copy the file from a machine that has it."
        ) from None
    builder = tfds.builder(dataset.builder, data_dir=data_dir)
    if builder.is_prepared():
        return builder
    try:
        _check_network(builder.info.homepage)
        _download(builder)
    except Exception as error:
        raise DatasetError(
            f"{name} could not be downloaded ({type(error).__name__}: {first_line(error)}): "
            "connect to the internet once, or set TFDS_DATA_DIR (or data_dir=) to a folder of "
            f"TensorFlow Datasets that holds {dataset.builder}."
        ) from None
    return builder


def _check_network(homepage):
    """Raises a `ConnectionError` without a network: TensorFlow Datasets would try for minutes."""
    hosts = {urllib.parse.urlsplit(homepage).hostname, *HOSTS} - {None}
    if not urllib.request.getproxies() and not any(map(_is_known, hosts)):
        raise ConnectionError("there is no network")


def _is_known(host):
    """Whether a host's name resolves within a moment."""
    found = []
    work = threading.Thread(target=lambda: found.append(_resolve(host)), daemon=True)
    work.start()
    work.join(PATIENCE)
    return bool(found and found[0])


def _resolve(host):
    with contextlib.suppress(OSError):
        return socket.getaddrinfo(host, 443)


def _download(builder):
    """Prepares a data set. What it downloads is removed, whether it is prepared or not."""
    home = pathlib.Path(builder.data_dir).parents[1]
    home.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=home, prefix=files.PART) as downloads:
            builder.download_and_prepare(download_dir=downloads)
    finally:
        for folder in (pathlib.Path(builder.data_dir), pathlib.Path(builder.data_dir).parent):
            with contextlib.suppress(OSError):
                folder.rmdir()  # if it is empty
