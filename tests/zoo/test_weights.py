"""Weights come back from safetensors bit for bit; anything but plain, finite floats is refused."""

import json
import pickle

import hypothesis
import keras
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import strategies as st

from keras_acai.zoo import weights

pytestmark = pytest.mark.once


def network(*sizes):
    layers = [keras.layers.Dense(size) for size in sizes[1:]]
    return keras.Sequential([keras.Input((sizes[0],)), *layers])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def refused(match, call, *arguments):
    with pytest.raises(weights.WeightsError, match=match) as error:
        call(*arguments)
    assert "\n" not in str(error.value)


def test_what_was_written_comes_back(path):
    first, second = network(3, 4, 2), network(3, 4, 2)
    weights.write(path, {"encoder": first})
    arrays = weights.parse(path.read_bytes())
    assert weights.count(arrays) == first.count_params() == 26
    weights.assign(arrays, {"encoder": second})
    for one, other in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_names_are_independent_of_the_class(path):
    weights.write(path, {"encoder": network(3, 4)})
    arrays = safetensors.numpy.load_file(path)
    assert {name: array.shape for name, array in arrays.items()} == {
        "encoder/0": (3, 4),
        "encoder/1": (4,),
    }


def test_more_than_ten_arrays_keep_their_order(path):
    first = network(*range(1, 9))
    weights.write(path, {"encoder": first})
    found = weights.parse(path.read_bytes())["encoder"]
    assert [array.shape for array in found] == [tuple(one.shape) for one in first.weights]


def test_float16(path):
    first, second = network(90, 40), network(90, 40)
    weights.write(path, {"encoder": first})
    large = path.stat().st_size
    weights.write(path, {"encoder": first}, "float16")
    assert path.stat().st_size < 0.6 * large
    weights.assign(weights.parse(path.read_bytes()), {"encoder": second})
    for one, other in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(one.astype("float16"), other)


def test_arrays_in_fortran_order_are_written_as_they_read(path, monkeypatch):
    first = network(3, 4)
    kernel = first.get_weights()[0]
    transposed = keras.ops.convert_to_numpy
    monkeypatch.setattr(keras.ops, "convert_to_numpy", lambda x: np.asfortranarray(transposed(x)))
    weights.write(path, {"encoder": first})
    np.testing.assert_array_equal(weights.parse(path.read_bytes())["encoder"][0], kernel)


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
    found = weights.parse(path.read_bytes())
    fitting, other = network(3, 4), network(4, 5)
    before = fitting.get_weights()
    refused(
        r"b is \(4, 2\) at 0, expected \(4, 5\)", weights.assign, found, {"a": fitting, "b": other}
    )
    refused("holds a, b, the model has a", weights.assign, found, {"a": fitting})
    refused("a is 2 arrays, expected 4", weights.assign, {"a": found["a"]}, {"a": network(3, 4, 5)})
    for one, other in zip(before, fitting.get_weights()):
        np.testing.assert_array_equal(one, other)


def file(tensors, size, length=None):
    """A file with this header, and this many bytes after it."""
    header = json.dumps(tensors).encode()
    return (len(header) if length is None else length).to_bytes(8, "little") + header + b"\0" * size


def tensor(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


HOSTILE = {
    "nothing": b"",
    "a pickle": pickle.dumps(print),
    "a zip": b"PK\x03\x04" + b"\0" * 99,
    "HDF5": b"\x89HDF\r\n\x1a\n" + b"\0" * 99,
    "a header of 2**40 bytes": file({"a/0": tensor([1], 0, 4)}, 4, length=2**40),
    "a header past the end": file({"a/0": tensor([1], 0, 4)}, 4, length=10**4),
    "more than there is": file({"a/0": tensor([2**32], 0, 2**34)}, 4),
    "a shape that overflows": file({"a/0": tensor([2**62, 2**62], 0, 4)}, 4),
    "a shape of another size": file({"a/0": tensor([2], 0, 4)}, 4),
    "an overlap": file({"a/0": tensor([2], 0, 8), "a/1": tensor([2], 4, 12)}, 12),
    "the same bytes twice": file({"a/0": tensor([1], 0, 4), "a/1": tensor([1], 0, 4)}, 4),
    "a hole": file({"a/0": tensor([1], 0, 4), "a/1": tensor([1], 8, 12)}, 12),
    "bytes left over": file({"a/0": tensor([1], 0, 4)}, 8),
    "integers": file({"a/0": tensor([1], 0, 4, "I32")}, 4),
    "bfloat16": file({"a/0": tensor([2], 0, 4, "BF16")}, 4),
    "float64": file({"a/0": tensor([1], 0, 8, "F64")}, 8),
    "NaN": safetensors.numpy.save({"a/0": np.full(3, np.nan, "f4")}),
    "infinity": safetensors.numpy.save({"a/0": np.full(3, np.inf, "f2")}),
    "a gap in the numbers": safetensors.numpy.save({"a/1": np.zeros(3, "f4")}),
    "no number": safetensors.numpy.save({"kernel": np.zeros(3, "f4")}),
    "another way to write 0": safetensors.numpy.save({"a/00": np.zeros(3, "f4")}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files(kind):
    refused(
        "safetensors file of floats|expected float|not finite|are not 0",
        weights.parse,
        HOSTILE[kind],
    )


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=200, derandomize=True)
def test_a_file_with_changed_bytes_is_read_or_refused(data):
    """Whatever the bytes, finite floats come out or a WeightsError does."""
    content = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = weights.parse(bytes(content[: data.draw(st.integers(1, len(content)))]))
    except weights.WeightsError:
        return
    for array in (one for group in found.values() for one in group):
        assert array.dtype in weights.STORED and np.isfinite(array).all()


SMALL = safetensors.numpy.save({"a/0": np.ones((2, 3), "f4"), "a/1": np.ones(3, "f4")})
