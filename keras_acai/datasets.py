"""Images to train on: uint8 arrays, prepared once and kept in a cache.

    (x, y) = keras_acai.datasets.load("mnist", split="train")

The cache is the folder named by `KERAS_ACAI_HOME`, or `~/.cache/keras_acai`. TensorFlow Datasets
is needed to fill it and not to read it: a file prepared on one machine can be copied to another
that has JAX or PyTorch alone.
"""

import contextlib
import dataclasses
import hashlib
import os
import pathlib
import tempfile
import warnings
import zipfile

import keras
import numpy as np

from keras_acai import lines

BATCH = 4096  # images that are decoded at once


class DatasetError(RuntimeError):
    """A data set is not in the cache and cannot be prepared; the message says what would help."""


@dataclasses.dataclass(frozen=True)
class Source:
    """Where a data set is found in TensorFlow Datasets.

    Args:
        builder: str. Its name there.
        colours: int. The channels of its images.
        pad: int. Black pixels to add on each side, so that images are 32×32.
        train: str. What makes up our split "train" there.
    """

    builder: str
    colours: int
    pad: int = 0
    train: str = "train"


SOURCES = {
    "mnist": Source("mnist", colours=1, pad=2),
    "fashion_mnist": Source("fashion_mnist", colours=1, pad=2),
    "svhn": Source("svhn_cropped", colours=3, train="train+extra"),
    "cifar10": Source("cifar10", colours=3),
}
LINES = {"train": (2**16, 1), "test": (10_000, 2)}  # how many, and the seed of their angles


def load(name, split="train", data_dir=None):
    """Images and labels of a data set.

    Args:
        name: "lines", "mnist", "fashion_mnist", "svhn" (its train and extra images) or "cifar10".
        split: "train" or "test".
        data_dir: the folder of TensorFlow Datasets. Defaults to `TFDS_DATA_DIR`, or its own.
            Not used for what is cached already.

    Returns:
        (x, y): uint8 (n, 32, 32, colours) in 0…255 and int64 (n,). MNIST has two black pixels
        added on each side; lines are labelled by the tenth of the circle that they point to.

    Raises:
        ValueError: for another name or split.
        DatasetError: when the data set is not in the cache and cannot be downloaded, or
            TensorFlow Datasets is not installed.
    """
    if split not in LINES:
        raise ValueError(f"split={split!r} is unknown: use 'train' or 'test'.")
    if name == "lines":
        return _draw_lines(*LINES[split])
    if name not in SOURCES:
        names = ", ".join(sorted(("lines", *SOURCES)))
        raise ValueError(f"There is no data set {name!r}: use one of {names}.")
    path = cache_path(name, split)
    cached = _read(path) if path.exists() else None
    if cached is None:
        cached = _prepare(name, split, data_dir)
        _write(path, *cached)
    return cached


def cache_path(name, split):
    """The file that a split is cached in, whether it is there or not."""
    home = os.environ.get("KERAS_ACAI_HOME") or pathlib.Path.home() / ".cache" / "keras_acai"
    return pathlib.Path(home) / "datasets" / f"{name}-{split}.npz"


class EndlessLines(keras.utils.PyDataset):
    """Batches of lines at random angles, (float32 images, int64 labels), without end.

    Batch `i` depends on the seed and on `i` alone.

    Args:
        batch_size: int. Lines a batch. Defaults to 64.
        seed: int. Defaults to 0.
        **kwargs: arguments of `keras.utils.PyDataset`.

    Example: `model.fit(EndlessLines(), steps_per_epoch=1000, epochs=10)`
    """

    def __init__(self, batch_size=64, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.batch_size = batch_size
        self.seed = seed

    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        generator = np.random.default_rng((self.seed, index))
        angles = generator.uniform(0, 2 * np.pi, self.batch_size)
        return lines.draw(angles), lines.labels(angles)


def _draw_lines(count, seed):
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, count)
    x = np.empty((count, lines.SIZE, lines.SIZE, 1), "uint8")
    for start in range(0, count, BATCH):
        drawn = lines.draw(angles[start : start + BATCH])
        x[start : start + BATCH] = np.round((drawn + 1) * 127.5)
    return x, lines.labels(angles)


def _prepare(name, split, data_dir):
    """Downloads where necessary, decodes and pads a split, with a progress bar."""
    source = SOURCES[name]
    builder = _builder(name, source, data_dir)
    wanted = source.train if split == "train" else split
    count = sum(builder.info.splits[part].num_examples for part in wanted.split("+"))
    x = np.zeros((count, 32, 32, source.colours), "uint8")
    y = np.empty(count, "int64")
    inside = slice(source.pad, 32 - source.pad)
    bar = keras.utils.Progbar(count, unit_name="image")
    records = builder.as_dataset(split=wanted, as_supervised=True, shuffle_files=False)
    start = 0
    for images, labels in records.batch(BATCH).as_numpy_iterator():
        stop = start + len(images)
        x[start:stop, inside, inside] = images
        y[start:stop] = labels
        start = stop
        bar.update(stop)
    return x, y


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
            f"{name} could not be downloaded ({type(error).__name__}: {_first_line(error)}): "
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


def _first_line(error, limit=200):
    return (str(error).splitlines() or [""])[0][:limit]


def _write(path, x, y):
    """Writes a cache file as a whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            part = pathlib.Path(folder, path.name)
            np.savez_compressed(part, x=x, y=y, sha256=_sha256(x, y))
            os.replace(part, path)
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
            x, y, sha256 = file["x"], file["y"], str(file["sha256"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.zlib.error):
        x, y, sha256 = np.empty(0), np.empty(0), None
    if _sha256(x, y) == sha256:
        return x, y
    warnings.warn(f"{path} is damaged: preparing the data anew.", stacklevel=4)
    return None


def _sha256(*arrays):
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()
