"""The scores of a model's folder: measured, written down, compared."""

import math

from keras_acai import files, folders, paper, presets, scores
from keras_acai.datasets import Splits
from keras_acai.errors import LoadError

TOLERANCES = {  # how far another backend, processor or version may be
    "mean_distance": 2e-5,
    "smoothness": 5e-3,
    "rmse": 0.01,
    "joint_probe": 0.001,
    "linear_probe": 0.002,
    "clustering": 0.02,
}


class Report:
    """A trained model with the data that it is scored on.

    Args:
        folder: the model's.
        model: the model.
        data: str. A data set's name or a folder of pictures. Defaults to what `run.json` says.
        data_dir: the folder of TensorFlow Datasets.

    Raises:
        LoadError: when no data are named, and the folder does not say.
        keras_acai.datasets.DatasetError: when they cannot be had.
    """

    def __init__(self, folder, model, data=None, data_dir=None):
        self.folder = folder
        self.model = model
        self.run = folders.read_run(folder)
        self.preset = presets.of_run(self.run)
        name = data or ((self.run or {}).get("settings") or {}).get("data")
        if name is None:
            raise LoadError(f"{folder} does not say what it was trained on: name it with --data.")
        self.data = Splits.load(name, model.image_shape, data_dir)

    def measure(self, n_init, report):
        """The content of `metrics.json`; takes the arguments of `scores.metrics`."""
        return scores.metrics(self.model, self.data, self.preset, n_init, report)

    def write(self, found, command):
        """Writes scores, pictures and card into the folder."""
        write(self.folder, self.model, self.data, found | {"command": command})


def write(folder, model, data, found):
    """Writes `metrics.json`, pictures of test images and the card into a model's folder."""
    folders.write_metrics(folder, found)
    for name, figure in scores.pictures(model, data).items():
        with files.written(folder / f"{name}.png") as path:
            figure.savefig(path, bbox_inches="tight")
    folders.write_card(folder)


def check(folder, found):
    """Compares scores with those of the folder's `metrics.json`.

    Raises:
        LoadError: where there are none for these weights, or one is further off than `TOLERANCES`.
    """
    metrics = folders.read_metrics(folder)
    if metrics is None:
        raise LoadError(f"{folder} holds no scores of its weights: evaluate it with --write.")
    for name, before in metrics["scores"].items():
        now = found["scores"].get(name, math.nan)
        if not abs(now - before) <= TOLERANCES[name]:
            shown = [f"{paper.shown(name, value)}" for value in (before, now)]
            raise LoadError(f"{paper.label(name)} was {shown[0]}, and is {shown[1]} now.")


def line(name, value):
    """A score in words."""
    return f"{paper.label(name)}: {paper.shown(name, value)}"


def say(name, value):
    """Prints a score as soon as it is known."""
    print(line(name, value), flush=True)
