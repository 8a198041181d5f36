"""Autoencoders that interpolate: ACAI and its baselines (arXiv 1807.07543) in Keras 3.

Names are imported on first use (PEP 562): `import keras_acai` is quick, and `list_models` and
`info` need no Keras.
"""

import sys
import typing

import lazy_loader

from keras_acai import errors, quiet
from keras_acai.registry import MODELS
from keras_acai.version import __version__

if typing.TYPE_CHECKING:  # for editors and type checkers
    from keras_acai import bulk, datasets, evaluation, interpolation, lines, page, plotting, sklearn
    from keras_acai.engine.players import Player
    from keras_acai.errors import LoadError
    from keras_acai.images import to_images, to_pil
    from keras_acai.models import *
    from keras_acai.presets import list_models
    from keras_acai.registry import register
    from keras_acai.zoo.info import info
    from keras_acai.zoo.pretrained import load
    from keras_acai.zoo.publishing import publish

quiet.install()

_lazy, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "bulk",
        "datasets",
        "evaluation",
        "interpolation",
        "lines",
        "page",
        "plotting",
        "sklearn",
    ],
    submod_attrs={
        "engine.players": ["Player"],
        "errors": ["LoadError"],
        "images": ["to_images", "to_pil"],
        "presets": ["list_models"],
        "registry": ["register"],
        "zoo.info": ["info"],
        "zoo.pretrained": ["load"],
        "zoo.publishing": ["publish"],
        **{
            model.module.removeprefix("keras_acai."): [model.class_name]
            for model in MODELS.values()
        },
    },
)


def __getattr__(name):
    try:
        return _lazy(name)
    except ModuleNotFoundError as error:
        reason = errors.why_no_backend(error)
        if reason is None:
            raise
        raise ModuleNotFoundError(reason, name=error.name) from None


if "keras" in sys.modules:  # then `keras.saving.load_model` finds the classes at once
    import keras_acai.models
