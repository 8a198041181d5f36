"""Data sets by name."""

from keras_acai.datasets import cache, tfds
from keras_acai.datasets.cache import cache_path
from keras_acai.datasets.drawn import draw_lines

NAMES = ("lines", *tfds.SOURCES)


def load(name, split="train", data_dir=None):
    """Images and labels of a data set.

    Args:
        name: "lines", "mnist", "fashion_mnist", "svhn" (its train and extra images), "cifar10" or
            "celeba".
        split: "train" or "test".
        data_dir: the folder of TensorFlow Datasets. Defaults to `TFDS_DATA_DIR`, or its own.
            Not used for what is cached already.

    Returns:
        (x, y): uint8 (n, 32, 32, colours) in 0…255 and int64 (n,). MNIST has two black pixels
        added on each side; faces are cut to their middle, 146×146, and resized; lines are
        labelled by the tenth of the circle that they point to. celeba's y is (n, 40): its
        attributes, 0 or 1, in alphabetical order, "5_o_Clock_Shadow" first.

    Raises:
        ValueError: for another name or split.
        DatasetError: when the data set is not in the cache and cannot be downloaded, or
            TensorFlow Datasets is not installed.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split={split!r} is unknown: use 'train' or 'test'.")
    if name not in NAMES:
        raise ValueError(f"There is no data set {name!r}: use one of {', '.join(sorted(NAMES))}.")
    if name == "lines":
        return draw_lines(split)
    path = cache_path(name, split)
    return cache.cached(path, lambda: tfds.prepare(name, split, data_dir))
