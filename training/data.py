"""What a run trains on and is scored on."""

import dataclasses
import pathlib

import numpy as np

from keras_acai import datasets, files
from training import devices
from training.run import RunError

RESIDENT_BYTES = 2**32  # images up to so many bytes stay on a GPU
HELD_OUT = 10  # of one's own pictures, every tenth is not trained on


@dataclasses.dataclass
class Data:
    """Images and labels of both splits; of lines, which are drawn as one trains, a first batch.

    Attributes:
        name: str. The data set's, or "pictures/" and the folder's.
        train, test: (x, y) with uint8 (n, height, width, colours) and int64 (n,) or None.
    """

    name: str
    train: tuple
    test: tuple

    @property
    def identity(self):
        """Name and SHA-256 of what is trained on, for the record."""
        arrays = [array for array in self.train if array is not None]
        return {"name": self.name, "sha256": files.sha256_of_arrays(*arrays)}

    def stream(self, batch_size, seed, start, labelled):
        """Endless batches from batch `start` on, with labels or without."""
        if self.name == "lines":
            return datasets.EndlessLines(batch_size, seed, start, labelled)
        x, y = self.train
        fits = devices.has_accelerator() and x.nbytes <= RESIDENT_BYTES
        kind = datasets.Resident if fits else datasets.Shuffled
        return kind(x, y if labelled else None, batch_size, seed, start)


def load(settings, data_dir=None):
    """The data that the settings name, checked against the model that they describe.

    Raises:
        RunError: when images or labels do not fit the model, or a folder holds too few.
        keras_acai.datasets.DatasetError: when a data set cannot be had.
    """
    name = settings["data"]
    if name == "lines":
        data = Data(name, datasets.EndlessLines()[0], datasets.load(name, "test"))
    elif name in datasets.NAMES:
        data = Data(name, *(datasets.load(name, split, data_dir) for split in ("train", "test")))
    else:
        data = _pictures(name, settings["image_shape"])
    _check(data, settings)
    return data


def _pictures(folder, image_shape):
    height, _, colours = image_shape
    x, y = datasets.image_folder(folder, height, colours)
    if len(x) < 2:
        raise RunError(f"{folder} holds {len(x)} picture: give two at least, better thousands.")
    test = np.arange(len(x)) % HELD_OUT == min(HELD_OUT, len(x)) - 1
    pick = lambda where: (x[where], None if y is None else y[where])  # noqa: E731
    return Data(f"pictures/{pathlib.Path(folder).name}", pick(~test), pick(test))


def _check(data, settings):
    x, y = data.train
    shape, classes = tuple(settings["image_shape"]), settings["num_classes"]
    if x.shape[1:] != shape:
        raise RunError(
            f"{data.name} has images of {x.shape[1:]}, but the model takes {shape}: add "
            f"--image-shape {','.join(map(str, x.shape[1:]))}, or choose other data."
        )
    if classes and (y is None or y.ndim > 1):
        raise RunError(f"{data.name} has no classes for a probe: add --num-classes none.")
    if classes and y.max() >= classes:
        raise RunError(f"{data.name} has {y.max() + 1} classes: add --num-classes {y.max() + 1}.")
