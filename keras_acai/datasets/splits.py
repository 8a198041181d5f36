"""Both splits of a data set, or of a folder of pictures."""

import dataclasses
import pathlib

import numpy as np

from keras_acai import files
from keras_acai.datasets import loading, pictures
from keras_acai.datasets.drawn import EndlessLines
from keras_acai.datasets.tfds import DatasetError

HELD_OUT = 10  # of one's own pictures, every tenth is not trained on


@dataclasses.dataclass
class Splits:
    """Images and labels to train on and to score on; of lines, a first batch to train on.

    Attributes:
        name: str. The data set's, or "pictures/" and the folder's.
        train, test: (x, y) with uint8 (n, height, width, colours) and int64 (n,) or None.
    """

    name: str
    train: tuple
    test: tuple

    @classmethod
    def load(cls, name, image_shape, data_dir=None):
        """Both splits of a data set, or of a folder.

        Args:
            name: of `datasets.load`, or the path of a folder of pictures.
            image_shape: (height, width, colours) that the pictures of a folder get.
            data_dir: the folder of TensorFlow Datasets.

        Raises:
            DatasetError: when it cannot be had, or a folder holds fewer than two pictures.
        """
        if name == "lines":
            return cls(name, EndlessLines()[0], loading.load(name, "test"))
        if name in loading.NAMES:
            return cls(name, *(loading.load(name, one, data_dir) for one in ("train", "test")))
        return cls._of_folder(name, image_shape)

    @property
    def counts(self):
        """[train images, test images]; None for lines, which are drawn without end."""
        return None if self.name == "lines" else [len(x) for x, _ in (self.train, self.test)]

    @property
    def identity(self):
        """Name and SHA-256 of what is trained on, for records."""
        arrays = [array for array in self.train if array is not None]
        return {"name": self.name, "sha256": files.sha256_of_arrays(*arrays)}

    @classmethod
    def _of_folder(cls, folder, image_shape):
        height, _, colours = image_shape
        x, y = pictures.image_folder(folder, height, colours)
        if len(x) < 2:
            raise DatasetError(f"{folder} holds {len(x)} picture: give two at least.")
        test = np.arange(len(x)) % HELD_OUT == min(HELD_OUT, len(x)) - 1
        pick = lambda where: (x[where], None if y is None else y[where])  # noqa: E731
        return cls(f"pictures/{pathlib.Path(folder).name}", pick(~test), pick(test))
