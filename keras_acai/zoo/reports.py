"""The scores of a model's folder: measured, written down, compared."""

import math
import pathlib

from keras_acai import files, presets
from keras_acai.datasets import Splits
from keras_acai.errors import LoadError
from keras_acai.evaluation import paper, scores
from keras_acai.zoo import folders, records

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
        name: str. What it was asked for by: a name of `list_models`, or anything else.
        folder: the model's.
        data: str. A data set's name or a folder of pictures. Defaults to that of its name, or to
            what `run.json` says.
        data_dir: the folder of TensorFlow Datasets.

    Raises:
        LoadError: for a folder that does not load, or when nothing says what data to take.
        keras_acai.datasets.DatasetError: when they cannot be had.
    """

    def __init__(self, name, folder, data=None, data_dir=None):
        self.name = name
        self.folder = folder
        self.model = folders.load(folder)
        self.run = records.read_run(folder) or {}
        self.before = records.read_metrics(folder)
        self.preset = presets.get(name) if presets.exists(name) else presets.of_run(self.run)
        self.data = Splits.load(self._source(data), self.model.image_shape, data_dir)

    def measure(self, n_init=None, report=lambda name, value: None):
        """The content of `metrics.json`.

        Args:
            n_init: int. Starts of k-means. Defaults to those of the scores that are there, or the
                paper's 1000.
            report: callable (name, value), called when a score is known. Defaults to nothing.
        """
        n_init = n_init or (self.before or {}).get("n_init", 1000)
        found = scores.metrics(self.model, self.data, self.preset, n_init, report)
        command = f"keras-acai evaluate {records.portable_name(self.name)} --n-init {n_init}"
        if self.preset is None or self.data.name != self.preset.dataset:
            command += f" --data {pathlib.PurePath(self.data.name).name}"
        return found | {"images": self.run.get("images"), "command": command}

    def check_comparable(self):
        """Whether scores of these data can be compared with those of `metrics.json`.

        Raises:
            LoadError: where there are none for these weights, or they are of other data.
        """
        if self.before is None:
            raise LoadError(f"{self.folder} holds no scores of its weights: use --write.")
        before = (self.before.get("data") or {}).get("name"), self.before.get("counts")
        now = self.data.name, self.data.counts
        if before != now:
            raise LoadError(
                f"{self.folder} holds scores of {_data(*before)}, and this is {_data(*now)}: leave "
                "out --check to measure it."
            )

    def check(self, found):
        """Compares scores with those of `metrics.json`.

        Raises:
            LoadError: where `check_comparable` does, or one is further off than `TOLERANCES`.
        """
        self.check_comparable()
        for name, before in self.before["scores"].items():
            now = found["scores"].get(name)
            if not _agree(name, before, now):
                shown = paper.shown(name, before), paper.shown(name, now)
                raise LoadError(f"{paper.label(name)} was {shown[0]}, and is {shown[1]} now.")

    def write(self, found):
        """Writes scores, pictures and card into the folder."""
        write(self.folder, self.model, self.data, found)

    def _source(self, data):
        asked = data or (self.run.get("settings") or {}).get("data")
        if asked is None and self.preset:
            return self.preset.dataset
        if asked is None:
            raise LoadError(
                f"{self.folder} does not say what it was trained on: name it with --data."
            )
        return asked


def write(folder, model, data, found, source=None):
    """Writes `metrics.json`, pictures of test images and the card into a model's folder.

    Args:
        folder: the model's.
        model: the model.
        data: `datasets.Splits`.
        found: dict. The content of `metrics.json`.
        source: str. What the card tells to load. Defaults to the name of what ships from there.
    """
    folder = pathlib.Path(folder)
    records.write_metrics(folder, found)
    for name, figure in scores.pictures(model, data).items():
        with files.atomic_write(folder / f"{name}.png") as path:
            figure.savefig(path, bbox_inches="tight")
    folders.write_card(folder, source or _shipped_name(folder))


def say(name, value):
    """Prints a score as soon as it is known."""
    print(paper.phrase(name, value), flush=True)


def _data(name, counts):
    """Data in words: "svhn (15,756 train and 10,000 test images)"."""
    if not counts:
        return str(name)
    return f"{name} ({counts[0]:,} train and {counts[1]:,} test images)"


def _agree(name, before, now):
    if before is None or now is None:
        return before is now
    return math.isclose(now, before, rel_tol=0, abs_tol=TOLERANCES.get(name, 0.001))


def _shipped_name(folder):
    """The name under which `load` finds a folder, or None."""
    preset = presets.get(folder.name) if presets.exists(folder.name) else None
    ships = preset and preset.shipped and preset.shipped.resolve() == folder.resolve()
    return preset.name if ships else None
