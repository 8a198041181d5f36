"""The table of names: model × dataset × code size, the cells of the paper's tables.

A name is `<model>-<dataset>[-<code size>]`, such as "acai-mnist" or "vae-svhn-32"; the bare name is
the larger code. Every name says how the model is built, whether anybody has trained it or not.
"""

import dataclasses
import difflib
import fnmatch

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
    """

    colours: int
    depth: int
    latent_channels: tuple
    num_classes: int | None
    latent_width: int = 4


DATASETS = {
    "lines": Dataset(1, depth=16, latent_channels=(16,), num_classes=10, latent_width=2),
    "mnist": Dataset(1, depth=16, latent_channels=(2, 16), num_classes=10),
    "svhn": Dataset(3, depth=64, latent_channels=(2, 16), num_classes=10),
    "cifar10": Dataset(3, depth=64, latent_channels=(16, 64), num_classes=10),
    "celeba": Dataset(3, depth=64, latent_channels=(2, 16), num_classes=None),
}
WIDER = {("vqvae", "lines"): 4}  # the authors' VQ-VAE of lines has a code of 4×4


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


def list_models(pattern="*"):
    """The names that match, sorted: `list_models("acai-*")`.

    Args:
        pattern: str. A shell pattern. Defaults to "*", all names.
    """
    return sorted(fnmatch.filter(_TABLE, pattern))


def get(name):
    """The `Preset` of a name; a code size that the bare name stands for may be written out.

    Raises:
        ValueError: for another name; the message suggests the nearest ones.
    """
    full = {_with_size(preset): preset for preset in _TABLE.values()}
    if name in _TABLE or name in full:
        return _TABLE.get(name) or full[name]
    close = difflib.get_close_matches(str(name), _TABLE | full, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(close)}?" if close else "list_models() gives all names."
    raise ValueError(f"There is no model {name!r}: {advice}")


def _with_size(preset):
    return f"{preset.model}-{preset.dataset}-{preset.code_size}"


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
