"""What the page offers: models, each beside its baseline, with pictures to begin with."""

import collections
import dataclasses
import pathlib
import re

import numpy as np

from keras_acai import images, presets
from keras_acai.datasets import bundled
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.engine import inputs
from keras_acai.models.autoencoder import Autoencoder
from keras_acai.registry import MODELS
from keras_acai.zoo import folders, pretrained
from keras_acai.zoo.info import Info, info
from keras_acai.zoo.schema import MODEL

SAMPLES = 20
LABELS = {  # of those whose title is the heading of a column
    "ae": "Plain autoencoder",
    "denoising": "Denoising autoencoder",
    "dropout": "Dropout autoencoder",
}


@dataclasses.dataclass(frozen=True)
class Shown:
    """A model on the page.

    Attributes:
        name: str. The last part of its name or path.
        label: str. What it is called beside others.
        model: the model.
        facts: `keras_acai.zoo.info.Info`. Its data and terms.
    """

    name: str
    label: str
    model: Autoencoder
    facts: Info

    @property
    def folder(self):
        """Where its files are in the site. The hash tells models of the same name apart."""
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", self.name).strip("-")  # as addresses need no escape
        return f"models/{name or 'model'}-{self.facts.sha256.get(MODEL, '')[:8]}"

    @property
    def has_critic(self):
        """Whether it estimates α."""
        return hasattr(self.model, "to_alpha")

    def as_dict(self):
        """Returns what the page needs to know."""
        return {
            "folder": self.folder,
            "label": self.label,
            "critic": self.has_critic,
            "codeShape": self.model.code_shape,
        }


@dataclasses.dataclass(frozen=True)
class Entry:
    """A choice on the page: a model, with others beside it.

    Attributes:
        name: str. The model's name, or that of its folder.
        title: str. What its pictures show.
        shown: list of `Shown`, the model first.
        samples: uint8 (n, height, width, colours). Pictures to choose from.
    """

    name: str
    title: str
    shown: list
    samples: np.ndarray

    def as_dict(self):
        """Returns what the page needs to know."""
        model = self.shown[0].model
        return {
            "name": self.name,
            "title": self.title,
            "shape": model.image_shape,
            "samples": len(self.samples),
            "networks": [one.as_dict() for one in self.shown],
        }

    def sprite(self):
        """Returns the samples side by side, a PIL picture."""
        return images.to_pil(np.concatenate(list(self.samples), axis=1)[None])[0]


def open_entry(name, beside=None, pictures=None):
    """Loads a model for the page, with what is beside it.

    Args:
        name: a name or a folder, as for `load`.
        beside: list of names. Defaults to None: the plain autoencoder of the same data and code
            size, if it is trained.
        pictures: pictures to begin with, as for `encode`. Defaults to None: samples of the data
            set.

    Returns:
        `Entry`.

    Raises:
        ValueError: for a model that does not take pictures, for models of different sizes, and for
            data without samples.
        keras_acai.LoadError: for a model that cannot be loaded.
    """
    names = [name, *(_baselines(name) if beside is None else beside)]
    shown = [_show(each) for each in names]
    first = shown[0].model
    for one in shown:
        if one.model.value_range is None or len(one.model.image_shape) != 3:
            raise ValueError(f"{name} does not take pictures: the page cannot show it.")
        if one.model.image_shape != first.image_shape:
            raise ValueError(f"{one.name} takes pictures of another size than {name}.")
    preset = presets.get(name) if presets.exists(name) else None
    x = _samples(preset, name) if pictures is None else np.asarray(inputs.read(pictures, first))
    title = shown[0].name if preset is None else _title(preset)
    some = np.linspace(0, len(x) - 1, min(SAMPLES, len(x))).astype(int)
    return Entry(shown[0].name, title, shown, x[some])


def with_titles_of_their_own(entries):
    """Returns entries whose titles differ: those of the same data name their model, too."""
    counts = collections.Counter(entry.title for entry in entries)
    return [
        entry
        if counts[entry.title] == 1
        else dataclasses.replace(entry, title=f"{entry.title}, {entry.shown[0].label}")
        for entry in entries
    ]


def _show(name):
    model = folders.load(pretrained.find(name, with_records=True))
    kind = next(key for key, known in MODELS.items() if known.class_name == type(model).__name__)
    label = LABELS.get(kind, MODELS[kind].title)
    shown_name = pathlib.Path(name.removeprefix("hf://")).name or pathlib.Path(name).resolve().name
    return Shown(shown_name, label, model, info(name))


def _baselines(name):
    """The name of the plain autoencoder of the same cell, if it is trained."""
    if not presets.exists(name):
        return []
    preset = presets.get(name)
    baseline = preset.name.replace(preset.model, "ae", 1)
    return [baseline] if preset.model != "ae" and presets.get(baseline).is_trained else []


def _title(preset):
    size = preset.name.removeprefix(f"{preset.model}-{preset.dataset}").removeprefix("-")
    title = DATASETS[preset.dataset].title
    return f"{title}, codes of {size}" if size else title


def _samples(preset, name):
    if preset is None or preset.dataset not in bundled.NAMES:
        raise ValueError(f"{name} has no sample pictures: pass some as pictures.")
    x, y = bundled.samples(preset.dataset)
    return x[np.argsort(y, kind="stable")]
