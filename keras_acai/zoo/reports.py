"""Scores of a model's folder: measured, compared with those recorded, and written."""

import datetime
import math
import pathlib

import keras

from keras_acai import files, presets
from keras_acai.datasets import DATASETS, Splits
from keras_acai.errors import LoadError, printable
from keras_acai.evaluation import paper, scores
from keras_acai.version import __version__
from keras_acai.zoo import folders, records
from keras_acai.zoo.records import Metrics, Run
from keras_acai.zoo.schema import Data

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
        folder: path of the model, or of the run that trains it.
        model: the model.
        data: `datasets.Splits`.
        run: `Run` that trained it, or None.
        name: str. How the recorded command names the model. Defaults to the folder.

    Attributes:
        preset: `presets.Preset` whose figures in the paper compare: that of the name, else of the
            run; or None.
        before: `Metrics` recorded for the same weights, or None.
    """

    def __init__(self, folder, model, data, run, name=None):
        self.folder = pathlib.Path(folder)
        self.model = model
        self.data = data
        self.run = run or Run()
        self.name = name or self.folder
        named = presets.get(name) if presets.exists(name) else None
        has_model = (self.folder / records.CONFIG).exists()
        config = records.read_config(folder) if has_model else None
        self.preset = named or records.preset_of(run, config)
        self.before = records.read_metrics(folder, config) if has_model else None

    @classmethod
    def open(cls, folder, name=None, data=None, data_dir=None):
        """Loads a model's folder and the data to score it on.

        Args:
            folder: the model's.
            name: str. What it was asked for by: a name of `list_models`, or anything else.
            data: str. A data set's name, a folder of pictures or a NumPy file. Defaults to the
                preset's data, or to the data set that `run.json` names. A folder that it names is
                not read.
            data_dir: the TensorFlow Datasets directory.

        Raises:
            LoadError: for a folder that does not load, or when nothing says which data to use.
            keras_acai.datasets.DatasetError: when the data cannot be had.
        """
        model, run = folders.load(folder), records.read_run(folder)
        if data is None:
            data = data_of(folder, name, run)
        return cls(folder, model, Splits.load(data, model.image_shape, data_dir), run, name)

    @property
    def is_on_other_data(self):
        """Whether the data are not those that the run recorded; False without a record."""
        recorded = self.run.data
        return recorded is not None and Data.from_json(self.data.identity) != recorded

    def measure(self, n_init=None, report=lambda name, value: None):
        """Computes every score that applies.

        Args:
            n_init: int. Number of k-means restarts. Defaults to that of the recorded scores, else
                to the paper's 1000.
            report: callable (name, value), called as soon as a score is known. Defaults to nothing.

        Returns:
            `Metrics`.
        """
        n_init = n_init or (self.before and self.before.n_init) or 1000
        data = Data.from_json(self.data.identity)
        counts = tuple(self.data.counts) if self.data.counts else None
        return Metrics(
            scores=scores.score_all(self.model, self.data, n_init, report),
            data=data,
            counts=counts,
            paper=paper.comparable_figures(self.preset, data.name, counts),
            n_init=n_init,
            time=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            backend=keras.backend.backend(),
            versions={"keras": keras.__version__, "keras_acai": __version__},
            images=self.run.images,
            command=self._command(n_init),
        )

    def check_comparable(self):
        """Checks that scores on this data can be compared with the recorded ones.

        Raises:
            LoadError: without recorded scores of these weights, or if they are on other data.
        """
        if self.before is None:
            raise LoadError(f"{self.folder} has no scores of its weights: use --write.")
        before = _data(self.before.data_name, self.before.counts)
        now = _data(self.data.name, self.data.counts)
        if before != now:
            raise LoadError(
                f"{self.folder} has scores on {before}, and this is {now}: leave out --check to "
                "measure it."
            )

    def check(self, metrics):
        """Compares scores with the recorded ones.

        Raises:
            LoadError: where `check_comparable` does, or if one differs by more than `TOLERANCES`.
        """
        self.check_comparable()
        recorded = self.before.scores if self.before else {}
        for name, before in recorded.items():
            now = metrics.scores.get(name)
            if not _agree(name, before, now):
                shown = paper.format_score(name, before), paper.format_score(name, now)
                raise LoadError(f"{paper.label_of(name)} was {shown[0]}, and is {shown[1]} now.")

    def write(self, metrics, source=None, pictures=False):
        """Writes `metrics.json`, pictures of test images and the card into the folder.

        Pictures that are there and not drawn again are deleted.

        Args:
            metrics: `Metrics`.
            pictures: bool. Whether to draw the images of a folder of the user's own, too: they may
                be private, and are published with the model. Defaults to False.
            source: str. What the card passes to `keras_acai.load`. Defaults to the model's name if
                it is loaded from this folder.
        """
        records.write_metrics(self.folder, metrics)
        folders.delete_pictures(self.folder)
        if pictures or self.data.name in DATASETS:
            self._draw()
        folders.write_card(self.folder, source or _shipped_name(self.folder))

    def _draw(self):
        for name, figure in scores.draw_pictures(self.model, self.data).items():
            with files.atomic_write(self.folder / f"{name}.png") as path:
                figure.savefig(path)

    def _command(self, n_init):
        arguments = f"{records.portable_name(self.name)} --n-init {n_init}"
        if self.preset is None or self.data.name != self.preset.dataset:
            arguments += f" --data {pathlib.PurePath(self.data.name).name}"
        return f"keras-acai evaluate {arguments}"


def say(name, value):
    """Prints a score as soon as it is known."""
    print(paper.describe_score(name, value), flush=True)


def data_of(folder, name, run):
    """Returns the name of the data set that a model was trained on.

    Args:
        folder: path of the model.
        name: str. What it was asked for by.
        run: `Run` that trained it, or None.

    Raises:
        LoadError: when nothing says so, and for data that are no data set of this package.
    """
    if presets.exists(name):
        return presets.get(name).dataset
    recorded = run.settings.get("data") if run else None
    if recorded in DATASETS:
        return recorded
    if recorded is None:
        raise LoadError(f"{folder} does not record its training data: name it with --data.")
    raise LoadError(
        f"{folder} was trained on {printable(recorded)}, which is not a data set of keras_acai: "
        "name the data with --data."
    )


def _data(name, counts):
    """Returns data in words: "svhn (15,756 train and 10,000 test images)"."""
    if not counts:
        return str(name)
    return f"{name} ({counts[0]:,} train and {counts[1]:,} test images)"


def _agree(name, before, now):
    if before is None or now is None:
        return before is now
    return math.isclose(
        now, before, rel_tol=0, abs_tol=TOLERANCES.get(name.removesuffix(scores.OF_MEANS), 0.001)
    )


def _shipped_name(folder):
    """Returns the name for which `load` takes this folder, or None."""
    preset = presets.get(folder.name) if presets.exists(folder.name) else None
    if preset is None or preset.shipped is None:
        return None
    return preset.name if preset.shipped.resolve() == folder.resolve() else None
