"""Keras callbacks of the user's own, such as those of experiment trackers: `--callback`."""

import importlib
import os
import sys

import keras

from .errors import RunError


def load(names, run):
    """Imports and creates callbacks.

    Modules are found where Python finds them, and in the current folder.

    Args:
        names: list of str. "module:Class" each. The class is called without arguments.
        run: `Run`. Each callback finds it as its attribute `run`, as it finds the model as `model`.

    Returns:
        list of `keras.callbacks.Callback`.

    Raises:
        RunError: for a name that leads to no callback.
    """
    callbacks = [_create(name) for name in names]
    for callback in callbacks:
        callback.run = run
    return callbacks


def _create(name):
    module, _, attribute = name.partition(":")
    if not (module and attribute.isidentifier()):
        raise RunError(f"--callback {name}: write MODULE:CLASS, such as trackers:Trackio.")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        callback = getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError, TypeError) as error:
        raise RunError(f"--callback {name}: {error}.") from error
    if not isinstance(callback, keras.callbacks.Callback):
        kind = type(callback).__name__
        raise RunError(f"--callback {name} is a {kind}: give a keras.callbacks.Callback.")
    return callback
