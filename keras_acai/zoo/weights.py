"""Weights as plain HDF5: numbered arrays in a group for each network.

    encoder/0   (1, 1, colours, depth)     kernel
    encoder/1   (depth,)                   bias
    …

The numbers are places in `network.weights` (without what `network.derived` names, where there is
such a thing), so that a file hangs on no class and no version of Keras.

A file may come from anybody: it is read by `read` alone, which takes plain arrays of floats and
nothing else that HDF5 could hold.
"""

import pathlib

import h5py
import keras
import numpy as np

from keras_acai.errors import first_line

DTYPES = ("float16", "float32")


class ArraysError(ValueError):
    """A file holds no weights, or not those of the model."""


def write(path, networks, dtype="float32"):
    """Writes the weights of networks.

    Args:
        path: the file.
        networks: dict of name → layer.
        dtype: "float32", or "float16" for half the size and 3 digits.

    Raises:
        ValueError: for another dtype, and for weights that are not finite, or not in that dtype.
        OSError: when it cannot be written.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype={dtype!r}: use {' or '.join(DTYPES)}.")
    with h5py.File(path, "w") as file:
        for name, network in networks.items():
            group = file.create_group(name)
            for number, variable in enumerate(_stored(network)):
                group.create_dataset(str(number), data=_as(variable, dtype))


def read(path):
    """The arrays of a file: network → list of arrays, float16 or float32.

    No more memory is taken than the file is large.

    Raises:
        ArraysError: for what `write` would not have written.
    """
    try:
        with h5py.File(path, "r") as file:
            sets = {name: _datasets(file, name) for name in _names(file)}
            claimed = sum(one.nbytes for group in sets.values() for one in group)
            if claimed > pathlib.Path(path).stat().st_size:
                raise ArraysError(f"it claims to hold {claimed:,} bytes, more than it has")
            return {name: [_array(one) for one in group] for name, group in sets.items()}
    except ArraysError:
        raise
    except Exception as error:  # h5py has many ways to say that a file is damaged
        raise ArraysError(f"it is no whole HDF5 file ({first_line(error)})") from error


def assign(found, networks):
    """Gives networks what `read` found, all of them or, if one does not fit, none.

    Raises:
        ArraysError: for networks or arrays that are missing, too many, or of another shape.
    """
    if set(found) != set(networks):
        raise ArraysError(f"it holds {_listed(found)}, the model has {_listed(networks)}")
    for name, network in networks.items():
        shapes = [array.shape for array in found[name]]
        expected = [tuple(variable.shape) for variable in _stored(network)]
        if shapes != expected:
            raise ArraysError(f"{name} is {_difference(shapes, expected)}")
    for name, network in networks.items():
        for variable, array in zip(_stored(network), found[name]):
            variable.assign(array.astype("float32"))
        if hasattr(network, "derive"):
            network.derive()


def count(found):
    """How many numbers there are in what `read` returns."""
    return sum(array.size for group in found.values() for array in group)


def _stored(network):
    """The weights of a network that do not follow from the others."""
    derived = {id(variable) for variable in getattr(network, "derived", ())}
    return [variable for variable in network.weights if id(variable) not in derived]


def _as(variable, dtype):
    array = keras.ops.convert_to_numpy(keras.ops.cast(variable, "float32"))
    if not np.isfinite(array).all():
        raise ValueError(f"{variable.path} holds NaN or infinity: the model has diverged.")
    with np.errstate(over="ignore"):
        stored = array.astype(dtype)
    if not np.isfinite(stored).all():
        raise ValueError(f"{variable.path} holds numbers too large for {dtype}: use float32.")
    return stored


def _datasets(file, name):
    """The data sets of one network, in order."""
    group = _plain(file, name, h5py.Group)
    numbers = [str(number) for number in range(len(group))]
    if set(group) != set(numbers):
        raise ArraysError(f"{name} holds more than arrays numbered from 0")
    return [_plain(group, number, h5py.Dataset) for number in numbers]


def _array(dataset):
    if dataset.dtype not in DTYPES or dataset.chunks or dataset.external or dataset.is_virtual:
        raise ArraysError(f"{dataset.name} is no plain array of {' or '.join(DTYPES)}")
    array = dataset[()]
    if not np.isfinite(array).all():
        raise ArraysError(f"{dataset.name} holds numbers that are not finite")
    return array


def _plain(group, name, kind):
    """A member of a group that lies in this file."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ArraysError(f"{name} is a link")
    member = group[name]
    if not isinstance(member, kind):
        raise ArraysError(f"{name} is no {kind.__name__.lower()}")
    return member


def _names(file):
    names = list(file)
    if not 0 < len(names) <= 16:
        raise ArraysError(f"it holds {len(names)} networks")
    return names


def _difference(shapes, expected):
    if len(shapes) != len(expected):
        return f"{len(shapes)} arrays, expected {len(expected)}"
    wrong = next(place for place, pair in enumerate(zip(shapes, expected)) if pair[0] != pair[1])
    return f"{shapes[wrong]} at {wrong}, expected {expected[wrong]}"


def _listed(names):
    return ", ".join(sorted(names)) or "nothing"
