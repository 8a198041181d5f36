"""Data sets: uint8 images and labels, prepared once and kept in a cache.

    (x, y) = keras_acai.datasets.load("mnist", split="train")
    (x, y) = keras_acai.datasets.image_folder("my_pictures/", size=64)
    (x, y) = keras_acai.datasets.samples("mnist")

The cache is the folder named by `KERAS_ACAI_HOME`, or `~/.cache/keras_acai`. TensorFlow Datasets
fills it or, where that is not installed, pyarrow from the Hugging Face Hub. A file prepared on one
machine can be copied to another.
"""

import typing

import lazy_loader

from keras_acai.datasets.catalogue import DATASETS, Dataset
from keras_acai.errors import DatasetError

if typing.TYPE_CHECKING:  # for editors and type checkers
    from keras_acai.datasets import splits, tfds
    from keras_acai.datasets.bundled import samples
    from keras_acai.datasets.cache import cache_path
    from keras_acai.datasets.drawn import EndlessLines
    from keras_acai.datasets.pictures import image_folder, picture
    from keras_acai.datasets.shuffled import Resident, Shuffled
    from keras_acai.datasets.splits import Splits, load

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["splits", "tfds"],
    submod_attrs={
        "bundled": ["samples"],
        "cache": ["cache_path"],
        "drawn": ["EndlessLines"],
        "pictures": ["image_folder", "picture"],
        "shuffled": ["Resident", "Shuffled"],
        "splits": ["Splits", "load"],
    },
)
__all__ += ["DATASETS", "Dataset", "DatasetError"]
