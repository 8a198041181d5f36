"""The table of names: model × dataset × code size, the cells of the paper's tables.

A name is `<model>-<dataset>[-<code size>]`, such as "acai-mnist" or "vae-svhn-32"; the bare name is
the larger code. Every name says how the model is built, whether anybody has trained it or not.
`published.json` says where trained ones lie on the Hugging Face Hub; `training.publish` writes it.
"""

import dataclasses
import difflib
import fnmatch
import functools
import pathlib

from keras_acai import files
from keras_acai.zoo import records

MODELS = {
    "ae": "Autoencoder",
    "denoising": "DenoisingAutoencoder",
    "dropout": "DropoutAutoencoder",
    "vae": "VAE",
    "aae": "AAE",
    "vqvae": "VQVAE",
    "acai": "ACAI",
}


@dataclasses.dataclass(frozen=True)
class Dataset:
    """How the paper's models of one data set are built (paper, appendix A).

    Args:
        colours: int. The channels of its images, which are all 32×32.
        depth: int. The models' `depth`.
        latent_channels: tuple of int. One for each code size, the bare name's last.
        num_classes: int or None. The classes of the probe; None where there are no labels.
        latent_width: int. Defaults to 4.
        title: str. What people call it.
        counts: tuple of int. Its train and its test images; None where they are drawn without end.
        hub_id: str. Its name on the Hugging Face Hub; None where it is not there.
        terms: str. What models of it may be used for, a sentence.
        research_only: bool. Whether these terms are narrower than the weights' Apache-2.0.
        may_be_shown: bool. Whether its images may be passed on, as in a card's pictures.
    """

    colours: int
    depth: int
    latent_channels: tuple
    num_classes: int | None
    title: str
    terms: str
    counts: tuple | None = None
    latent_width: int = 4
    hub_id: str | None = None
    research_only: bool = False
    may_be_shown: bool = True


DATASETS = {
    "lines": Dataset(
        colours=1,
        depth=16,
        latent_channels=(16,),
        num_classes=10,
        latent_width=2,
        title="Lines",
        terms="The weights are under Apache-2.0; the pictures of lines are drawn by keras_acai.",
    ),
    "mnist": Dataset(
        colours=1,
        depth=16,
        latent_channels=(2, 16),
        num_classes=10,
        title="MNIST",
        counts=(60_000, 10_000),
        hub_id="ylecun/mnist",
        terms="The weights are under Apache-2.0; MNIST (Yann LeCun and Corinna Cortes) is under "
        "Creative Commons Attribution-Share Alike 3.0.",
    ),
    "svhn": Dataset(
        colours=3,
        depth=64,
        latent_channels=(2, 16),
        num_classes=10,
        title="SVHN",
        counts=(604_388, 26_032),
        hub_id="ufldl-stanford/svhn",
        terms="For research: SVHN (Netzer et al., 2011) is for non-commercial use only.",
        research_only=True,
    ),
    "cifar10": Dataset(
        colours=3,
        depth=64,
        latent_channels=(16, 64),
        num_classes=10,
        title="CIFAR-10",
        counts=(50_000, 10_000),
        hub_id="uoft-cs/cifar10",
        terms="The weights are under Apache-2.0; CIFAR-10 (Krizhevsky, 2009) names no licence.",
    ),
    "celeba": Dataset(
        colours=3,
        depth=64,
        latent_channels=(2, 16),
        num_classes=None,
        title="CelebA",
        counts=(162_770, 19_962),
        hub_id="flwrlabs/celeba",
        terms="For research: CelebA (Liu et al., 2015) is for non-commercial research only, and no "
        "part of it may be passed on.",
        research_only=True,
        may_be_shown=False,
    ),
}
WIDER = {("vqvae", "lines"): 4}  # the authors' VQ-VAE of lines has a code of 4×4


PUBLISHED = pathlib.Path(__file__).with_name("published.json")


@dataclasses.dataclass(frozen=True)
class Published:
    """Where a trained model lies on the Hugging Face Hub, and what its files must be.

    Attributes:
        repo_id: str. "owner/name".
        revision: str. The commit, 40 hexadecimal digits.
        sha256: dict. File → SHA-256; that of `config.json` vouches for the weights too.
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
        model: str. The first part of the name, a key of `MODELS`.
        dataset: str. The second part, a key of `DATASETS`.
        image_shape, latent_width, latent_channels, depth, num_classes: arguments of the model.
    """

    name: str
    model: str
    dataset: str
    image_shape: tuple
    latent_width: int
    latent_channels: int
    depth: int
    num_classes: int | None

    @property
    def code_size(self):
        """The numbers in one latent code."""
        return self.latent_width**2 * self.latent_channels

    @property
    def class_name(self):
        """The model's class in `keras_acai`."""
        return MODELS[self.model]

    @property
    def arguments(self):
        """The arguments that the model is made with."""
        names = ("image_shape", "latent_width", "latent_channels", "depth", "num_classes")
        return {name: getattr(self, name) for name in names}

    @property
    def shipped(self):
        """The folder of its trained model in this installation or checkout, or None."""
        found = [home / self.name for home in _homes()]
        return next((one for one in found if (one / "config.json").is_file()), None)

    @property
    def published(self):
        """What the Hub has of it, a `Published`, or None."""
        return _published().get(self.name)

    @property
    def is_trained(self):
        """Whether `load` can give it."""
        return self.shipped is not None or self.published is not None


def list_models(pattern="*", trained=False):
    """The names that match, sorted: `list_models("acai-*")`.

    Args:
        pattern: str. A shell pattern. Defaults to "*", all names.
        trained: bool. Whether to leave out those that `load` cannot give, because nobody has
            trained them yet. Defaults to False.
    """
    names = sorted(fnmatch.filter(_TABLE, pattern))
    return [one for one in names if _TABLE[one].is_trained] if trained else names


def exists(name):
    """Whether there is a preset of this name."""
    return name in _TABLE or name in _with_sizes()


def get(name):
    """The `Preset` of a name; a code size that the bare name stands for may be written out.

    Raises:
        ValueError: for another name; the message suggests the nearest ones.
    """
    full = _with_sizes()
    if exists(name):
        return _TABLE.get(name) or full[name]
    close = difflib.get_close_matches(str(name), _TABLE | full, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(close)}?" if close else "list_models() gives all names."
    raise ValueError(f"There is no model {name!r}: {advice}")


def of_run(run):
    """The `Preset` that a `run.json` trained, or None: for other data, sizes or no record.

    The runs that it goes on from have to be of the same data.
    """
    settings = (run or {}).get("settings") or {}
    name = settings.get("name")
    preset = _TABLE.get(name) if isinstance(name, str) else None
    data = {(leg.get("data") or {}).get("name") for leg in records.legs(run)}
    if preset is None or data != {preset.dataset}:
        return None
    asked = {name: settings.get(name, value) for name, value in preset.arguments.items()}
    return preset if _as_lists(asked) == _as_lists(preset.arguments) else None


def _as_lists(arguments):
    """As JSON has them."""
    return {key: list(one) if isinstance(one, tuple) else one for key, one in arguments.items()}


def checkout():
    """The checkout that this package lies in, or None."""
    folder = pathlib.Path(__file__).parents[1]
    is_one = (folder / "setup.cfg").exists() and (folder / "training").is_dir()
    return folder if is_one else None


def _homes():
    """Where trained models may lie: in the installed package, or in the checkout around it."""
    return [folder / "weights" for folder in (pathlib.Path(__file__).parent, checkout()) if folder]


@functools.cache
def _published():
    return {name: Published(**entry) for name, entry in (files.read_json(PUBLISHED) or {}).items()}


def _with_sizes():
    """Every preset by the name that has its code size in it."""
    return {f"{one.model}-{one.dataset}-{one.code_size}": one for one in _TABLE.values()}


def _make_table():
    presets = {}
    for model in MODELS:
        for dataset, of in DATASETS.items():
            for channels in of.latent_channels:
                width = WIDER.get((model, dataset), of.latent_width)
                size = "" if channels == of.latent_channels[-1] else f"-{width**2 * channels}"
                name = f"{model}-{dataset}{size}"
                shape = (32, 32, of.colours)
                presets[name] = Preset(
                    name, model, dataset, shape, width, channels, of.depth, of.num_classes
                )
    return presets


_TABLE = _make_table()
