"""Train and test splits of a data set, of a folder of pictures, or of a NumPy file."""

import dataclasses
import functools
import pathlib

from keras_acai import files
from keras_acai.datasets import cache, faces, npz, parquet, pictures, tfds
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.datasets.drawn import EndlessLines, draw_lines


def load(name, split="train", data_dir=None):
    """Loads images and labels of a data set.

    TensorFlow Datasets prepares them. Where it or TensorFlow is not installed, MNIST,
    Fashion-MNIST, SVHN and CIFAR-10 come from the Hugging Face Hub, in another order.

    Args:
        name: str. A key of `datasets.DATASETS`: "lines", "mnist", "fashion_mnist", "svhn" (its
            train and extra images), "cifar10", "celeba" or "celeba-64".
        split: "train" or "test". Defaults to "train".
        data_dir: path. The TensorFlow Datasets directory. Defaults to `TFDS_DATA_DIR`, or to the
            directory that TensorFlow Datasets chooses. Not used if the split is in the cache. For
            celeba, either may be a folder of its aligned JPEG files; then y is None, and without
            all 202,599 every tenth picture is a test image.

    Returns:
        (x, y): uint8 (n, 32, 32, colours) in 0…255 and int64 (n,). MNIST has two black pixels
        added on each side. Faces are cropped to their middle, 146×146, and resized, to 64×64 for
        "celeba-64". Lines are labelled by the tenth of the circle that they point to. celeba's y is
        (n, 40): its attributes, 0 or 1, in alphabetical order, "5_o_Clock_Shadow" first.

    Raises:
        ValueError: for an unknown name or split.
        DatasetError: when the data set is not in the cache and cannot be downloaded, or what
            prepares it is not installed.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split={split!r} is unknown: use 'train' or 'test'.")
    if name not in DATASETS:
        raise ValueError(
            f"There is no data set {name!r}: use one of {', '.join(sorted(DATASETS))}."
        )
    if DATASETS[name].builder is None:
        return draw_lines(split)
    if folder := faces.find(DATASETS[name], data_dir):
        return faces.load(DATASETS[name], split, folder)
    return cache.cached(cache.cache_path(name, split), lambda: _prepare(name, split, data_dir))


def _prepare(name, split, data_dir):
    """Prepares a split by TensorFlow Datasets, or from the Hub where that is not installed."""
    if DATASETS[name].parquet and not tfds.is_installed():
        return parquet.prepare(name, split)
    return tfds.prepare(name, split, data_dir)


@dataclasses.dataclass
class Splits:
    """Images and labels to train on and to score on.

    Attributes:
        name: str. The data set's name, or "pictures/" and the name of the folder or file.
        train, test: (x, y), uint8 (n, height, width, colours) and int64 (n,) or None. For lines,
            which are drawn without end, `train` is the first batch.
    """

    name: str
    train: tuple
    test: tuple

    @classmethod
    def load(cls, name, image_shape, data_dir=None):
        """Loads both splits of a data set, of a folder or of a NumPy file.

        Every tenth picture of a folder is a test image, and of a file without test images.

        Args:
            name: str. A data set's name, the path of a folder of pictures, or that of a NumPy
                file as `npz.load` reads it.
            image_shape: (height, width, colours) to give the pictures of a folder.
            data_dir: path. The TensorFlow Datasets directory. Defaults to None, as for
                `datasets.load`.

        Raises:
            DatasetError: when a data set cannot be prepared, a file cannot be read, or there are
                fewer than two pictures.
        """
        if name == "lines":
            return cls(name, EndlessLines()[0], load(name, "test"))
        if name in DATASETS:
            return cls(name, *(load(name, split, data_dir) for split in ("train", "test")))
        if npz.is_npz(name):
            parts = npz.load(name)
        else:
            *size, colours = image_shape
            parts = [pictures.image_folder(name, size, colours)]
        own = f"pictures/{pathlib.Path(name).name}"
        return cls(own, *(parts if len(parts) == 2 else _held_out(*parts[0], name)))

    @property
    def counts(self):
        """[number of train images, number of test images]; None for lines, which are endless."""
        return None if self.name == "lines" else [len(x) for x, _ in (self.train, self.test)]

    @functools.cached_property
    def identity(self):
        """Name and SHA-256 of the training data, as a dict for records."""
        arrays = [array for array in self.train if array is not None]
        return {"name": self.name, "sha256": files.sha256_of_arrays(*arrays)}


def _held_out(x, y, name):
    """Returns (train, test) of pictures, every tenth of which is a test image."""
    test = pictures.held_out(x, name)
    return [(x[part], None if y is None else y[part]) for part in (~test, test)]
