"""Data sets from TensorFlow Datasets: found, downloaded where necessary, decoded to arrays."""

import contextlib
import dataclasses

import keras
import numpy as np

from keras_acai.datasets.cache import cache_path
from keras_acai.errors import first_line

SIDE = 32
BATCH = 1024  # images that are decoded at once


class DatasetError(RuntimeError):
    """Data are not in the cache and cannot be prepared; the message says what would help."""


@dataclasses.dataclass(frozen=True)
class Source:
    """Where a data set is found in TensorFlow Datasets, and how its images become 32×32.

    Args:
        builder: str. Its name there.
        colours: int. The channels of its images.
        train: str. What makes up our split "train" there.
        pad: int. Black pixels to add on each side.
        crop: (int, int). Rows and columns to cut from each side before resizing.
        label: str. The feature that holds the labels: a number, or a dict of numbers.
    """

    builder: str
    colours: int
    train: str = "train"
    pad: int = 0
    crop: tuple = (0, 0)
    label: str = "label"


SOURCES = {
    "mnist": Source("mnist", colours=1, pad=2),
    "fashion_mnist": Source("fashion_mnist", colours=1, pad=2),
    "svhn": Source("svhn_cropped", colours=3, train="train+extra"),
    "cifar10": Source("cifar10", colours=3),
    "celeba": Source("celeb_a", colours=3, crop=(36, 16), label="attributes"),
}


def prepare(name, split, data_dir):
    """Downloads and decodes a split, with a progress bar.

    Returns:
        (x, y): uint8 (n, 32, 32, colours); int64 (n,), or (n, k) where labels are a dict of k.

    Raises:
        DatasetError: when TensorFlow Datasets is not installed or the download fails.
    """
    source = SOURCES[name]
    builder = _builder(name, source, data_dir)
    wanted = source.train if split == "train" else split
    count = sum(builder.info.splits[part].num_examples for part in wanted.split("+"))
    x, y = np.empty((count, SIDE, SIDE, source.colours), "uint8"), None
    bar = keras.utils.Progbar(count, unit_name="image")
    records = builder.as_dataset(split=wanted, shuffle_files=False)
    records = records.map(lambda record: (fit_image(record["image"], source), record[source.label]))
    start = 0
    for images, labels in records.batch(BATCH).prefetch(1).as_numpy_iterator():
        labels = _label_array(labels)
        y = np.empty((count, *labels.shape[1:]), "int64") if y is None else y
        stop = start + len(images)
        x[start:stop], y[start:stop] = images, labels
        start = stop
        bar.update(stop)
    return x, y


def fit_image(image, source):
    """A uint8 tensor (height, width, colours) → uint8 (32, 32, colours).

    Cuts, then resizes bicubically with antialiasing where the image is not 32×32 by now, or pads.
    """
    import tensorflow as tf

    rows, columns = source.crop
    image = image[rows : image.shape[0] - rows, columns : image.shape[1] - columns]
    if source.pad:
        return tf.pad(image, [[source.pad] * 2, [source.pad] * 2, [0, 0]])
    if image.shape[:2] == (SIDE, SIDE):
        return image
    image = tf.image.resize(image, (SIDE, SIDE), "bicubic", antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)


def _label_array(labels):
    if isinstance(labels, dict):
        labels = np.stack([labels[name] for name in sorted(labels)], axis=1)
    return labels.astype("int64")


def _builder(name, source, data_dir):
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise DatasetError(
            f"{name} is not in the cache ({cache_path(name, 'train').parent}) and cannot be "
            f"prepared without TensorFlow Datasets ({error}): pip install tensorflow "
            "tensorflow-datasets importlib_resources, or copy the file from a machine that has it."
        ) from None
    builder = tfds.builder(source.builder, data_dir=data_dir)
    try:
        with _impatience():
            builder.download_and_prepare()
    except Exception as error:
        raise DatasetError(
            f"{name} could not be downloaded ({type(error).__name__}: {first_line(error)}): "
            "connect to the internet once, or set TFDS_DATA_DIR (or data_dir=) to a folder of "
            f"TensorFlow Datasets that holds {source.builder}."
        ) from error
    return builder


@contextlib.contextmanager
def _impatience(retries=2):
    """TFDS retries a download ten times, over three minutes, before it says that it failed."""
    from tensorflow_datasets.core.download import downloader

    patient = getattr(downloader, "MAX_RETRIES", None)
    downloader.MAX_RETRIES = retries
    try:
        yield
    finally:
        downloader.MAX_RETRIES = patient
