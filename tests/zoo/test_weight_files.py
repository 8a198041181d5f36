"""Weights files hold plain arrays; whatever else HDF5 could hold is refused unread."""

import pickle

import h5py
import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st

from keras_acai.zoo import weights

pytestmark = pytest.mark.once


def network(*sizes):
    layers = [keras.layers.Dense(size) for size in sizes[1:]]
    return keras.Sequential([keras.Input((sizes[0],)), *layers])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.h5"


def refused(match, call, *arguments):
    with pytest.raises(weights.ArraysError, match=match):
        call(*arguments)


def test_what_was_written_comes_back(path):
    first, second = network(3, 4, 2), network(3, 4, 2)
    weights.write(path, {"encoder": first})
    found = weights.read(path)
    assert weights.count(found) == first.count_params() == 26
    weights.assign(found, {"encoder": second})
    for one, other in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_names_hang_on_no_class(path):
    weights.write(path, {"encoder": network(3, 4)})
    with h5py.File(path) as file:
        assert {name: list(file[name]) for name in file} == {"encoder": ["0", "1"]}
        assert file["encoder/0"].shape == (3, 4)


def test_float16(path):
    first, second = network(90, 40), network(90, 40)
    weights.write(path, {"encoder": first})
    large = path.stat().st_size
    weights.write(path, {"encoder": first}, "float16")
    assert path.stat().st_size < 0.7 * large
    weights.assign(weights.read(path), {"encoder": second})
    for one, other in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(one.astype("float16"), other)


@pytest.mark.parametrize(
    "number, dtype, message",
    [(np.nan, "float32", "diverged"), (1e6, "float16", "too large"), (1.0, "int8", "use float16")],
)
def test_what_cannot_be_written(path, number, dtype, message):
    one = network(1, 1)
    one.set_weights([np.full((1, 1), number, "float32"), np.zeros(1)])
    with pytest.raises(ValueError, match=message):
        weights.write(path, {"encoder": one}, dtype)


def test_arrays_that_do_not_fit_change_nothing(path):
    weights.write(path, {"a": network(3, 4), "b": network(4, 2)})
    found = weights.read(path)
    fitting, other = network(3, 4), network(4, 5)
    before = fitting.get_weights()
    refused(
        r"b is \(4, 2\) at 0, expected \(4, 5\)", weights.assign, found, {"a": fitting, "b": other}
    )
    refused("holds a, b, the model has a", weights.assign, found, {"a": fitting})
    refused("a is 2 arrays, expected 4", weights.assign, {"a": found["a"]}, {"a": network(3, 4, 5)})
    for one, other in zip(before, fitting.get_weights()):
        np.testing.assert_array_equal(one, other)


HUGE = (50_000, 50_000)  # 10 GB of float32


def external(file):
    file.create_dataset("a/0", (4,), "float32", external=[("/etc/passwd", 0, 16)])


def virtual(file):
    layout = h5py.VirtualLayout((4,), "float32")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
    file.create_virtual_dataset("a/0", layout)


def soft_link(file):
    file["a/1"] = np.zeros(3, "float32")
    file["a/0"] = h5py.SoftLink("/a/1")


def external_link(file):
    file.create_group("a")["0"] = h5py.ExternalLink("/etc/passwd", "/x")


def group_link(file):
    file["a"] = h5py.ExternalLink("/etc/passwd", "/x")


def aliases(file):
    """One array of 400 KB a hundred times."""
    file["a/0"] = np.zeros(100_000, "float32")
    for number in range(1, 100):
        file[f"a/{number}"] = file["a/0"]


def bomb(file):
    file.create_dataset("a/0", HUGE, "float32", compression="gzip", chunks=(1000, 1000))


def pickled(file):
    file["a/0"] = np.void(pickle.dumps(print))


HOSTILE = {
    "external": (external, "no plain array"),
    "virtual": (virtual, "no plain array"),
    "soft link": (soft_link, "0 is a link"),
    "external link": (external_link, "0 is a link"),
    "linked group": (group_link, "a is a link"),
    "aliases": (aliases, "claims to hold 40,000,000 bytes"),
    "10 GB, empty": (
        lambda file: file.create_dataset("a/0", HUGE, "float32"),
        "claims to hold 10,",
    ),
    "10 GB, compressed": (bomb, "claims to hold 10,"),
    "pickle": (pickled, "no plain array"),
    "objects": (
        lambda file: file.create_dataset("a/0", (2,), h5py.string_dtype()),
        "no plain array",
    ),
    "integers": (lambda file: file.create_dataset("a/0", data=[1, 2]), "no plain array"),
    "big endian": (
        lambda file: file.create_dataset("a/0", data=np.zeros(3, ">f4")),
        "no plain array",
    ),
    "NaN": (lambda file: file.create_dataset("a/0", data=np.full(3, np.nan, "f4")), "not finite"),
    "no shape": (lambda file: file.create_dataset("a/0", data=h5py.Empty("f4")), "no whole HDF5"),
    "no elements": (lambda file: file.create_dataset("a/0", (0, 2**62), "f4"), "no whole HDF5"),
    "no text": (lambda file: file.create_group(b"\xff\xfe"), "no whole HDF5"),
    "a gap": (lambda file: file.create_dataset("a/1", data=np.zeros(3, "f4")), "numbered from 0"),
    "deeper": (
        lambda file: file.create_dataset("a/0/b", data=np.zeros(3, "f4")),
        "0 is no dataset",
    ),
    "no group": (lambda file: file.create_dataset("a", data=np.zeros(3, "f4")), "a is no group"),
    "nothing": (lambda file: None, "holds 0 networks"),
    "too much": (lambda file: [file.create_group(str(n)) for n in range(99)], "holds 99 networks"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files(path, kind):
    build, message = HOSTILE[kind]
    with h5py.File(path, "w") as file:
        build(file)
    refused(message, weights.read, path)


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04N.", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n" + b"\0" * 99]
)
def test_what_is_no_hdf5(path, content):
    path.write_bytes(content)
    refused("no whole HDF5 file", weights.read, path)


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=200, derandomize=True)  # libhdf5 is not ours to fuzz
def test_a_file_with_changed_bytes_is_read_or_refused(tmp_path_factory, data):
    """Whatever the bytes, arrays of floats come out or an ArraysError does."""
    path = tmp_path_factory.mktemp("fuzz") / "weights.h5"
    weights.write(path, {"a": SMALL})
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        found = weights.read(path)
    except weights.ArraysError:
        return
    assert all(one.dtype in weights.DTYPES for group in found.values() for one in group)


SMALL = network(2, 3)
