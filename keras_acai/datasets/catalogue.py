"""The table of data sets: where each one comes from, and the facts that are told about it.

A new data set is one entry of `DATASETS`. `datasets.load` then finds it, `presets` names its models
and `keras-acai train` trains them.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Parquet:
    """The files of a data set on the Hugging Face Hub.

    Args:
        commit: str. The commit of its repository, 40 hexadecimal digits.
        files: dict. Split, "train" or "test" → path of each file → its SHA-256, or None where it is
            not known.
        image: str. The column of pictures; labels are in "label". Defaults to "image".
    """

    commit: str
    files: dict[str, dict[str, str | None]]
    image: str = "image"


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A data set and how its images become squares of `size` pixels.

    Args:
        title: str. Its name in texts and tables.
        builder: str or None. Its name in TensorFlow Datasets; None for lines, which are drawn.
        colours: int. Channels of its images: 1 or 3.
        terms: str. A sentence on what models trained on it may be used for.
        size: int. Height and width of its images, in pixels. Defaults to 32.
        num_classes: int or None. Number of classes for the probe. Defaults to None: no classes.
        train: str. The splits of the builder that make up "train". Defaults to "train".
        pad: int. Black pixels added on each side. Defaults to 0.
        crop: (int, int). Rows and columns cut from each side before resizing. Defaults to (0, 0).
        from_folder: bool. Whether `datasets.load` also reads it from a folder of its pictures.
            Defaults to False.
        label: str. The feature that holds the labels: an integer, or a dict of integers. Defaults
            to "label".
        counts: (int, int) or None. Numbers of train and test images. Defaults to None: not fixed.
        hub_id: str or None. Its name on the Hugging Face Hub. Defaults to None: it is not there.
        parquet: `Parquet` or None. Its files there, where TensorFlow Datasets is not installed.
            Defaults to None: they are not used.
        research_only: bool. Whether its terms are narrower than the weights' Apache-2.0. Defaults
            to False.
        may_be_shown: bool. Whether its images may be redistributed, as in the pictures of a model
            card. Defaults to True.
    """

    title: str
    builder: str | None
    colours: int
    terms: str
    size: int = 32
    num_classes: int | None = None
    train: str = "train"
    pad: int = 0
    crop: tuple[int, int] = (0, 0)
    from_folder: bool = False
    label: str = "label"
    counts: tuple[int, int] | None = None
    hub_id: str | None = None
    parquet: Parquet | None = None
    research_only: bool = False
    may_be_shown: bool = True

    @property
    def licence(self):
        """The licence of the weights of models trained on it, as the Hub names it."""
        return "research-only" if self.research_only else "apache-2.0"

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, colours) of its images."""
        return (self.size, self.size, self.colours)


DATASETS: dict[str, Dataset] = {
    "lines": Dataset(
        title="Lines",
        builder=None,
        colours=1,
        num_classes=10,
        terms="The weights are under Apache-2.0; the pictures of lines are drawn by keras_acai.",
    ),
    "mnist": Dataset(
        title="MNIST",
        builder="mnist",
        colours=1,
        pad=2,
        num_classes=10,
        counts=(60_000, 10_000),
        hub_id="ylecun/mnist",
        parquet=Parquet(
            commit="77f3279092a1c1579b2250db8eafed0ad422088c",
            files={
                "train": {
                    "mnist/train-00000-of-00001.parquet": (
                        "f2c01285a9f89399335b00ee4e8d499dc4e46db5e39c74903ce5618d895eb3bf"
                    )
                },
                "test": {
                    "mnist/test-00000-of-00001.parquet": (
                        "d49fcf556ce25b002b302e318ce4a11098bbfe5d4499c3f35d7c72297c52374b"
                    )
                },
            },
        ),
        terms="The weights are under Apache-2.0; MNIST (Yann LeCun and Corinna Cortes) is under "
        "Creative Commons Attribution-Share Alike 3.0.",
    ),
    "fashion_mnist": Dataset(
        title="Fashion-MNIST",
        builder="fashion_mnist",
        colours=1,
        pad=2,
        num_classes=10,
        counts=(60_000, 10_000),
        hub_id="zalando-datasets/fashion_mnist",
        parquet=Parquet(
            commit="531be5e2ccc9dba0c201ad3ae567a4f3d16ecdd2",
            files={
                "train": {"fashion_mnist/train-00000-of-00001.parquet": None},
                "test": {"fashion_mnist/test-00000-of-00001.parquet": None},
            },
        ),
        terms="The weights are under Apache-2.0; Fashion-MNIST (Zalando SE) is under the MIT "
        "licence.",
    ),
    "svhn": Dataset(
        title="SVHN",
        builder="svhn_cropped",
        colours=3,
        train="train+extra",
        num_classes=10,
        counts=(604_388, 26_032),
        hub_id="ufldl-stanford/svhn",
        parquet=Parquet(
            commit="f9e1717d73324ebbc1ece84267ccd80d0aca0690",
            files={
                "train": {
                    "cropped_digits/train-00000-of-00001.parquet": None,
                    "cropped_digits/extra-00000-of-00002.parquet": None,
                    "cropped_digits/extra-00001-of-00002.parquet": None,
                },
                "test": {"cropped_digits/test-00000-of-00001.parquet": None},
            },
        ),
        terms="The weights are for non-commercial research only, as SVHN (Netzer et al., 2011) is.",
        research_only=True,
    ),
    "cifar10": Dataset(
        title="CIFAR-10",
        builder="cifar10",
        colours=3,
        num_classes=10,
        counts=(50_000, 10_000),
        hub_id="uoft-cs/cifar10",
        parquet=Parquet(
            commit="0b2714987fa478483af9968de7c934580d0bb9a2",
            files={
                "train": {
                    "plain_text/train-00000-of-00001.parquet": (
                        "8428b53a88a11ac374111006708df51469e315a22ac6d66470afd9c78d2ae883"
                    )
                },
                "test": {
                    "plain_text/test-00000-of-00001.parquet": (
                        "841389e6f2d64f28bf17310e430aebac20ec3ba611a3c5e231dc93c645ce84de"
                    )
                },
            },
            image="img",
        ),
        terms="The weights are under Apache-2.0; CIFAR-10 (Krizhevsky, 2009) names no licence.",
    ),
    "celeba": Dataset(
        title="CelebA",
        builder="celeb_a",
        colours=3,
        crop=(36, 16),
        from_folder=True,
        label="attributes",
        counts=(162_770, 19_962),
        hub_id="flwrlabs/celeba",
        terms="The weights are for non-commercial research only, as CelebA (Liu et al., 2015) is. "
        "No part of CelebA may be passed on.",
        research_only=True,
        may_be_shown=False,
    ),
}
DATASETS["celeba-64"] = dataclasses.replace(DATASETS["celeba"], title="CelebA 64×64", size=64)


def may_be_shown(name):
    """Whether pictures may contain images of a data set, or of data of one's own."""
    return name not in DATASETS or DATASETS[name].may_be_shown
