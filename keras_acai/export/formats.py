"""Export to the formats that Keras writes, each part of a model to a file or folder of its own."""

import importlib.util
import pathlib
import warnings

import keras
import numpy as np

from keras_acai import backend, files
from keras_acai.engine.extraction import copy_of
from keras_acai.export import parts as model_parts

FORMATS = {  # format → suffix of a part's file; SavedModels are folders
    "onnx": ".onnx",
    "tf_saved_model": "",
    "litert": ".tflite",
    "openvino": ".xml",
}


def export(model, folder, format="onnx", *, parts=model_parts.PARTS, uint8=False, half=False):
    """Writes the parts of a model; see `Autoencoder.export`."""
    check_format(format, half)
    if uint8 and model.value_range is None:
        raise ValueError("uint8=True is for pictures, but this model takes other data.")
    parts = model_parts.check_parts(model, parts)
    paths = {part: pathlib.Path(folder, f"{part}{FORMATS[format]}") for part in parts}
    for path in paths.values():
        _check_replaceable(path)
    copy = copy_of(model, dtype="float32")
    if half:
        _round_to_float16(copy)
    with files.atomic_write_together(folder) as new:
        for part, path in paths.items():
            network = model_parts.functional(copy, part, uint8)
            path = new / path.name
            _write(network, path, format)
            if format == "onnx":
                from keras_acai.export import onnx_files

                onnx_files.finish(path, model_parts.ENDS[part], half)
    return paths


def is_installed(package):
    """Returns whether a package can be imported."""
    return importlib.util.find_spec(package) is not None


def check_format(format, half=False):
    """Refuses formats that this backend cannot write here, with a `ValueError`."""
    if format not in FORMATS:
        raise ValueError(f"format={format!r}: choose from {', '.join(FORMATS)}.")
    packages = backend.EXPORTS.get(format)
    if packages is None:
        able = ", ".join(backend.EXPORTS)
        raise ValueError(
            f"Keras cannot write {format} on the backend {keras.backend.backend()}: choose from "
            f"{able}, or set KERAS_BACKEND=tensorflow."
        )
    missing = [name for name in packages if not is_installed(name)]
    if missing:
        raise ValueError(
            f"{format} needs {' and '.join(missing)} on this backend: pip install "
            f"{' '.join(missing).replace('_', '-')}."
        )
    if half and format != "onnx":
        raise ValueError(f"half=True: weights in float16 are for ONNX, not for {format}.")


def _round_to_float16(model):
    """Rounds the weights of a model to float16, before a converter computes others from them."""
    rounded = [weight.astype("float16") for weight in model.get_weights()]
    if not all(np.isfinite(weight).all() for weight in rounded):
        raise ValueError("half=True: a weight is too large for float16, so leave it out.")
    model.set_weights([weight.astype("float32") for weight in rounded])


def _check_replaceable(path):
    """Refuses to replace a folder that is not a SavedModel."""
    if path.is_dir() and not (path / "saved_model.pb").exists():
        raise ValueError(f"{path} is a folder of something else: export to another folder.")


def _write(network, path, format):
    """Writes a functional model in a format."""
    spec = model_parts.input_spec(network)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracers and converters, about their own code
        network.export(str(path), format=format, verbose=False, input_signature=[spec])
