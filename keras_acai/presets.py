"""The table of names: model × dataset × code size, the cells of the paper's tables.

A name is `<model>-<dataset>[-<code size>]`, such as "acai-mnist" or "vae-svhn-32". The bare name
has the larger code. Every name determines how the model is built, trained or not. `published.json`,
written by `training.publish`, says where trained ones are on the Hugging Face Hub.
"""

import dataclasses
import difflib
import fnmatch
import functools
import itertools
import os
import pathlib

from keras_acai import files
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.errors import UnknownModelError, printable
from keras_acai.registry import MODELS


@dataclasses.dataclass(frozen=True)
class Sizes:
    """Sizes of the models of one data set.

    Args:
        depth: int. The models' `depth`.
        latent_channels: tuple of int. One for each code size; the bare name has the last one.
        latent_width: int. Defaults to 4.
        max_channels: int or None. The models' `max_channels`. Defaults to None.
    """

    depth: int
    latent_channels: tuple[int, ...]
    latent_width: int = 4
    max_channels: int | None = None


PUBLISHED = pathlib.Path(__file__).with_name("published.json")
SIZES = {  # the paper's (appendix A) but for the last
    "lines": Sizes(depth=16, latent_channels=(16,), latent_width=2),
    "mnist": Sizes(depth=16, latent_channels=(2, 16)),
    "svhn": Sizes(depth=64, latent_channels=(2, 16)),
    "cifar10": Sizes(depth=64, latent_channels=(16, 64)),
    "celeba": Sizes(depth=64, latent_channels=(2, 16)),
    "celeba-64": Sizes(depth=32, latent_channels=(16,), max_channels=512),
}
KEYS = ("name", "model", "dataset")  # the rest of a preset are arguments of the model
WIDER = {("vqvae", "lines"): 4}  # the authors' VQ-VAE of lines has a code of 4×4


def sizes_of(dataset):
    """The `Sizes` for a data set: the paper's, or those of MNIST (grey) or SVHN (colour)."""
    like = {1: "mnist", 3: "svhn"}[DATASETS[dataset].colours]
    return SIZES.get(dataset, SIZES[like])


@dataclasses.dataclass(frozen=True)
class Published:
    """A trained model on the Hugging Face Hub: its place and the hashes of its files.

    Attributes:
        repo_id: str. "owner/name".
        revision: str. The commit, 40 hexadecimal digits.
        sha256: dict. File → SHA-256; `config.json` holds the hashes of the weights.
        scores: dict. As in `metrics.json`.
        images: int. Those seen in training; None if unknown.
        counts: list of int. The train and test images that the scores are of; None if unknown.
    """

    repo_id: str
    revision: str
    sha256: dict
    scores: dict
    images: int | None = None
    counts: list | None = None


@dataclasses.dataclass(frozen=True)
class Preset:
    """A cell of the paper's tables.

    Attributes:
        name: str. "acai-mnist-32", or "acai-mnist" for the larger code.
        model: str. The first part of the name, a key of `registry.MODELS`.
        dataset: str. The second part, a key of `datasets.catalogue.DATASETS`.
        image_shape, latent_width, latent_channels, depth, num_classes, max_channels: arguments of
            the model.
    """

    name: str
    model: str
    dataset: str
    image_shape: tuple
    latent_width: int
    latent_channels: int
    depth: int
    num_classes: int | None
    max_channels: int | None

    @property
    def code_size(self):
        """The numbers in one latent code."""
        return self.latent_width**2 * self.latent_channels

    @property
    def class_name(self):
        """The name of the model's class."""
        return MODELS[self.model].class_name

    @property
    def arguments(self):
        """The arguments of the model's class."""
        return {name: value for name, value in vars(self).items() if name not in KEYS}

    @property
    def shipped(self):
        """The folder of its trained model in this installation or checkout, or None."""
        return self._folder_with("model.safetensors")

    @property
    def recorded(self):
        """The folder of its record and scores, or None; pip installs those of all models."""
        return self._folder_with("config.json")

    @property
    def published(self):
        """Its place on the Hub, a `Published`, or None."""
        return published().get(self.name)

    @property
    def is_trained(self):
        """Whether `load` finds its weights."""
        return self.shipped is not None or self.published is not None

    @property
    def why_missing(self):
        """Why `load` does not find its weights, and what to do."""
        if self.recorded:
            return (
                f"{self.name} is not among the models that pip installs, nor on the Hub. A "
                f"checkout has its weights: name the folder weights/{self.name} there."
            )
        return (
            f"{self.name} is not trained yet: `keras-acai train {self.name}`, then name the folder "
            f"runs/{self.name}-fast-0. `keras-acai list --trained` shows the trained models."
        )

    def _folder_with(self, name):
        found = [home / self.name for home in search_path()]
        return next((one for one in found if (one / name).is_file()), None)


def list_models(pattern="*", trained=False):
    """The names that match a pattern, sorted: `list_models("acai-*")`.

    Args:
        pattern: str. A shell pattern. Defaults to "*", all names.
        trained: bool. Whether to list only those that `load` finds weights for. Defaults to
            False.
    """
    table = _table()
    names = sorted(fnmatch.filter(table, pattern))
    return [name for name in names if table[name].is_trained] if trained else names


def exists(name):
    """Whether there is a preset of this name."""
    return _folded(name) in _by_every_name()


def get(name):
    """The `Preset` of a name, in any case; the code size of a bare name may be written out.

    Raises:
        UnknownModelError: for another name; the message suggests the nearest ones.
    """
    table = _by_every_name()
    if _folded(name) in table:
        return table[_folded(name)]
    close = difflib.get_close_matches(_folded(str(name)), table, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(close)}?" if close else "list_models() gives all names."
    raise UnknownModelError(f"There is no model {printable(repr(name))}: {advice}")


def is_path(name):
    """Whether a name is a path: a PathLike, has a slash, or is a folder and not a preset's name."""
    if isinstance(name, os.PathLike):
        return True
    if not isinstance(name, str) or exists(name):
        return False
    return "/" in name or os.sep in name or os.path.isdir(name)


def checkout():
    """The checkout that this package lies in, or None."""
    folder = pathlib.Path(__file__).parents[1]
    is_one = (folder / "setup.cfg").exists() and (folder / "training").is_dir()
    return folder if is_one else None


def search_path():
    """The folders that hold trained models: in the installed package, then in the checkout."""
    return [folder / "weights" for folder in (pathlib.Path(__file__).parent, checkout()) if folder]


@functools.cache
def published():
    """The models on the Hub: name → `Published`."""
    return {name: Published(**entry) for name, entry in (files.read_json(PUBLISHED) or {}).items()}


def _folded(name):
    return name.lower() if isinstance(name, str) else name


def _by_every_name():
    """Every preset by its name and by the name that has its code size in it."""
    table = _table()
    return table | {f"{one.model}-{one.dataset}-{one.code_size}": one for one in table.values()}


def _table():
    """Name → `Preset`, for every model, data set and code size."""
    cells = itertools.product(MODELS, DATASETS)
    named = (preset for model, dataset in cells for preset in _cells(model, dataset))
    return {preset.name: preset for preset in named}


def _cells(model, dataset):
    """The presets of one model and one data set, one for each code size."""
    facts, sizes = DATASETS[dataset], sizes_of(dataset)
    width = WIDER.get((model, dataset), sizes.latent_width)
    for channels in sizes.latent_channels:
        size = "" if channels == sizes.latent_channels[-1] else f"-{width**2 * channels}"
        yield Preset(
            name=f"{model}-{dataset}{size}",
            model=model,
            dataset=dataset,
            image_shape=facts.image_shape,
            latent_width=width,
            latent_channels=channels,
            depth=sizes.depth,
            num_classes=facts.num_classes,
            max_channels=sizes.max_channels,
        )
