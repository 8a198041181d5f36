"""The settings of a run: everything that its outcome depends on."""

import dataclasses
import inspect
import json
import os.path
import pathlib
from typing import Any

from keras_acai import presets
from keras_acai.datasets import npz
from keras_acai.registry import MODELS

from . import recipes
from .recipes import Recipe

PICTURES = "pictures"  # the data set name of a folder of pictures, for `recipes.get`
OWN = ("encoder", "decoder", "critic", "value_range")  # arguments of models that presets lack
PRECISIONS = ("float32", "mixed_bfloat16", "auto")


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a run trains, on what, and how.

    Args:
        name: str. A preset such as "acai-mnist", or a model such as "acai" for other data.
        recipe_name: str. "paper" or "fast", from which the recipe began.
        data: str. The name of a data set, a folder of pictures, or a NumPy file.
        recipe: `Recipe`. How the model is trained.
        arguments: dict. The arguments of the model's class.
        start: str. The trained model to start from: a name, a folder or hf://owner/name.
            Defaults to "": from scratch.
        seed: int. Seed of the initial weights, of the noise and of the order of the data.
            Defaults to 0.
        dtype: str. Precision of the computation: "float32", "mixed_bfloat16", or "auto" for the
            faster of the two on this machine. Defaults to "float32".

    Raises:
        ValueError: for an unknown name, a negative seed or another dtype.
    """

    name: str
    recipe_name: str
    data: str
    recipe: Recipe
    arguments: dict[str, Any]
    start: str = ""
    seed: int = 0
    dtype: str = "float32"

    def __post_init__(self):
        if self.seed < 0:
            raise ValueError(f"seed={self.seed}: give 0 or more.")
        if self.dtype not in PRECISIONS:
            raise ValueError(f"dtype={self.dtype!r}: use {', '.join(PRECISIONS)}.")

    @property
    def model_class(self):
        """The class of the model."""
        return class_of(self.name)

    @property
    def preset(self):
        """The `Preset` that was named, or None for a model of other data."""
        return None if self.name in MODELS else presets.get(self.name)

    @property
    def run_name(self) -> str:
        """The folder name of the run where none is given."""
        is_own = self.preset is not None and self.preset.dataset == self.data
        data = "" if is_own else "-" + pathlib.Path(self.data).name.removesuffix(npz.SUFFIX)
        return f"{self.name}{data}-{self.recipe_name}-{self.seed}"

    def build(self):
        """Returns the untrained model.

        Raises:
            ValueError: for sizes that do not fit each other.
        """
        return self.model_class(**self.arguments, dtype=self.dtype)

    def replace(self, **changes):
        """Returns settings with other values for some names, as in `record`."""
        return read(self.record() | changes)

    def record(self) -> dict:
        """Returns the settings as one flat dict of JSON values."""
        flat = {
            "name": self.name,
            "recipe": self.recipe_name,
            "data": self.data,
            "start": self.start,
            "seed": self.seed,
            "dtype": self.dtype,
            **dataclasses.asdict(self.recipe),
            **self.arguments,
        }
        return json.loads(json.dumps(flat))  # lists for tuples


def read(record) -> Settings:
    """Returns the settings that were recorded.

    Settings that did not exist then have the values with which nothing changes.

    Args:
        record: dict. As from `Settings.record`, perhaps of an older version.

    Raises:
        ValueError: for a value out of range or an unknown name.
    """
    flat = completed(record)
    arguments = argument_defaults(class_of(flat["name"]))
    return Settings(
        name=flat["name"],
        recipe_name=flat["recipe"],
        data=flat["data"],
        recipe=Recipe(**{field.name: flat[field.name] for field in dataclasses.fields(Recipe)}),
        arguments={name: _as_tuple(flat[name]) for name in arguments},
        start=flat["start"],
        seed=flat["seed"],
        dtype=flat["dtype"],
    )


def completed(record) -> dict:
    """Returns a recorded flat dict with defaults for the settings that did not exist then."""
    arguments = argument_defaults(class_of(record["name"]))
    others = {"recipe": "", "data": "", "start": "", "seed": 0, "dtype": "float32"}
    defaults = others | dataclasses.asdict(Recipe()) | arguments
    return json.loads(json.dumps(defaults)) | record


def defaults(name, recipe_name="fast", data=None, start="", size=None) -> Settings:
    """Returns the settings of a model before any is overridden.

    Args:
        name: str. A preset, or a model with `data`.
        recipe_name: str. "paper" or "fast". Defaults to "fast".
        data: str. Another data set, a folder of pictures, or a NumPy file (`npz.load`). Defaults
            to None: the preset's.
        start: str. The trained model to start from. Defaults to "": none.
        size: int. Height and width of the images. Defaults to None: the preset's, those in the
            file, or 32.

    Raises:
        ValueError: for an unknown name, a model without data, or another recipe.
    """
    model_class = class_of(name)
    if name in MODELS:
        if data is None:
            raise ValueError(
                f"{name} is a model without data: add --data FOLDER or FILE.npz, or name a preset."
            )
        shape = npz.image_shape(data) if npz.is_npz(data) else (32, 32, 3)
        dataset, sizes = PICTURES, {"image_shape": shape, "num_classes": None}
    else:
        dataset, sizes = presets.get(name).dataset, presets.get(name).arguments
    arguments = argument_defaults(model_class) | sizes
    if size is not None:
        arguments["image_shape"] = (size, size, arguments["image_shape"][2])
    recipe = recipes.get(dataset, recipe_name, model_class)
    if start:  # a trained model had its head start
        recipe = dataclasses.replace(recipe, head_start=0)
    data = dataset if data is None else os.path.normpath(data)
    dtype = "auto" if recipe_name == "fast" else "float32"
    return Settings(name, recipe_name, data, recipe, arguments, start=start, dtype=dtype)


def class_of(name):
    """Returns the class of a preset, or of a model's short name such as "acai".

    Raises:
        ValueError: for another name; the message suggests the nearest ones.
    """
    return MODELS[name if name in MODELS else presets.get(name).model].model_class


def argument_defaults(model_class) -> dict:
    """Returns the defaults of the arguments of a model's class and of its bases.

    Networks and data of one's own are not settings of a run.
    """
    return {
        name: value
        for base in bases(model_class)
        for name, value in _defaults_of(base).items()
        if name not in OWN
    }


def bases(model_class) -> list[type]:
    """Returns a model's class and its bases of this package, the most general one first."""
    general = MODELS["ae"].model_class
    return [base for base in reversed(model_class.__mro__) if issubclass(base, general)]


def _defaults_of(model_class):
    parameters = inspect.signature(model_class.__init__).parameters.values()
    return {
        parameter.name: parameter.default
        for parameter in parameters
        if parameter.default is not inspect.Parameter.empty
    }


def _as_tuple(value):
    return tuple(value) if isinstance(value, list) else value
