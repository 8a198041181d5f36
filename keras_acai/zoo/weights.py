"""Weights as safetensors: numbered arrays for each network.

    encoder/0   (1, 1, channels, depth)    kernel
    encoder/1   (depth,)                   bias
    …

The numbers are positions in `network.weights`, without those that `network.derived` names, so the
file is independent of the class and of the Keras version.

A file may come from an untrusted source. safetensors refuses whatever is not whole, plain arrays;
names, dtypes, shapes and values are checked here.
"""

import keras
import numpy as np
import safetensors.numpy

from keras_acai import files
from keras_acai.errors import first_line

STORED = ("float16", "float32")


class WeightsError(ValueError):
    """A file does not hold weights, or not those of the model."""


def check_dtype(dtype):
    """Refuses a dtype that weights are not stored in.

    Raises:
        ValueError: for it.
    """
    if dtype not in STORED:
        raise ValueError(f"dtype={dtype!r}: use {' or '.join(STORED)}.")


def write(path, networks, dtype="float32"):
    """Writes the weights of networks.

    Args:
        path: the file.
        networks: dict of name → layer.
        dtype: "float32", or "float16" for half the size and 3 significant digits.

    Raises:
        ValueError: for another dtype, and for weights that are not finite in that dtype.
        OSError: when the file cannot be written.
    """
    check_dtype(dtype)
    arrays = {
        f"{name}/{number}": _as(variable, dtype)
        for name, network in networks.items()
        for number, variable in enumerate(_stored(network))
    }
    with open(path, "wb") as file:
        file.write(safetensors.numpy.save(arrays))


def parse(content):
    """Returns the arrays of a file: network → list of arrays, float16 or float32.

    Args:
        content: bytes of the file.

    Raises:
        WeightsError: for content that `write` would not have written.
    """
    try:
        arrays = safetensors.numpy.load(content)
    except Exception as error:  # its own, or NumPy's for a dtype or a shape that it does not have
        raise WeightsError(
            f"it is not a safetensors file of floats ({first_line(error)})"
        ) from error
    networks = {}
    for key, array in arrays.items():
        name, _, number = key.rpartition("/")
        networks.setdefault(name, {})[number] = _checked(key, array)
    return {name: _in_order(name, numbered) for name, numbered in networks.items()}


def assign(arrays, networks):
    """Gives networks the arrays that `parse` returned: all of them or, if one does not fit, none.

    Raises:
        WeightsError: for networks or arrays that are missing, superfluous, or of another shape, and
            for values too large for the network's dtype.
    """
    if set(arrays) != set(networks):
        raise WeightsError(f"it holds {_listed(arrays)}, the model has {_listed(networks)}")
    for name, network in networks.items():
        shapes = [array.shape for array in arrays[name]]
        expected = [tuple(variable.shape) for variable in _stored(network)]
        if shapes != expected:
            raise WeightsError(f"{name} is {_difference(shapes, expected)}")
    for name, network in networks.items():
        _check_range(name, arrays[name], _stored(network))
    for name, network in networks.items():
        for variable, array in zip(_stored(network), arrays[name]):
            variable.assign(array.astype("float32"))
        if hasattr(network, "derive"):
            network.derive()


def fingerprint(networks, dtype="float32"):
    """Returns a hash of the weights of networks; equal weights have equal hashes.

    Args:
        networks: list of layers.
        dtype: str. The dtype to round them to before. Defaults to "float32".
    """
    arrays = (_as_float32(variable) for network in networks for variable in _stored(network))
    rounded = (array.astype(dtype).astype("float32") for array in arrays)
    return files.sha256_of_arrays(*rounded)


def count(arrays):
    """Returns the number of values in what `parse` returned."""
    return sum(array.size for group in arrays.values() for array in group)


def _stored(network):
    """The weights of a network that do not follow from the others."""
    derived = {id(variable) for variable in getattr(network, "derived", ())}
    return [variable for variable in network.weights if id(variable) not in derived]


def _as(variable, dtype):
    """The value of a variable as a C-contiguous array, which is what safetensors writes."""
    array = _as_float32(variable)
    if not np.isfinite(array).all():
        raise ValueError(f"{variable.path} holds NaN or infinity: the model has diverged.")
    with np.errstate(over="ignore"):
        stored = np.asarray(array, dtype, order="C")
    if not np.isfinite(stored).all():
        raise ValueError(f"{variable.path} holds values too large for {dtype}: use float32.")
    return stored


def _as_float32(variable):
    array = keras.ops.convert_to_numpy(keras.ops.cast(variable, "float32"))
    return np.asarray(array, order="C")


def _check_range(name, arrays, variables):
    """Refuses values that are infinite in the dtype of their variable, which is float16."""
    for array, variable in zip(arrays, variables):
        if variable.dtype == "float16" and np.abs(array).max(initial=0) > np.finfo("float16").max:
            raise WeightsError(
                f"{name} holds values too large for float16, load it with dtype='mixed_float16'"
            )


def _checked(key, array):
    if array.dtype not in STORED:
        raise WeightsError(f"{key} is {array.dtype}, expected {' or '.join(STORED)}")
    if not np.isfinite(array).all():
        raise WeightsError(f"{key} holds values that are not finite")
    return array


def _in_order(name, numbered):
    numbers = [str(number) for number in range(len(numbered))]
    if set(numbered) != set(numbers):
        raise WeightsError(f"the arrays of {name or 'a network without a name'} are not 0, 1, 2 …")
    return [numbered[number] for number in numbers]


def _difference(shapes, expected):
    if len(shapes) != len(expected):
        return f"{len(shapes)} arrays, expected {len(expected)}"
    wrong = next(place for place, pair in enumerate(zip(shapes, expected)) if pair[0] != pair[1])
    return f"{shapes[wrong]} at {wrong}, expected {expected[wrong]}"


def _listed(names):
    return ", ".join(sorted(names)) or "nothing"
