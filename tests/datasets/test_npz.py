"""NumPy files of images are read in both layouts, and refused with what to change."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_acai import datasets
from keras_acai.datasets import npz
from keras_acai.errors import DatasetError

pytestmark = pytest.mark.once
IMAGES = np.arange(30 * 4 * 6, dtype="uint32").reshape(30, 4, 6).astype("uint8")
LABELS = np.arange(30) % 3


@pytest.fixture
def save(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "own.npz", **arrays)
        return tmp_path / "own.npz"

    return save


@pytest.mark.parametrize("x, y", [("x", "y"), ("images", "labels")])
def test_every_tenth_image_is_a_test_image(save, x, y):
    splits = datasets.Splits.load(str(save(**{x: IMAGES, y: LABELS})), None)
    assert splits.name == "pictures/own.npz" and splits.counts == [27, 3]
    np.testing.assert_array_equal(splits.test[0], IMAGES[9::10, ..., None])
    np.testing.assert_array_equal(splits.test[1], LABELS[9::10])


def test_the_layout_of_keras(save):
    path = save(x_train=IMAGES[:20], y_train=LABELS[:20], x_test=IMAGES[20:], y_test=LABELS[20:])
    splits = datasets.Splits.load(str(path), None)
    assert splits.counts == [20, 10] and npz.image_shape(path) == (4, 6, 1)
    np.testing.assert_array_equal(splits.test[0], IMAGES[20:, ..., None])


def test_labels_may_be_missing(save):
    ((x, y),) = npz.load(save(x=np.repeat(IMAGES[..., None], 3, -1)))
    assert x.shape == (30, 4, 6, 3) and y is None


@pytest.mark.parametrize(
    "message, content",
    [
        ("x of .* is float32 .*: give uint8", {"x": IMAGES.astype("float32")}),
        ("give uint8", {"x": IMAGES.reshape(30, 24)}),
        ("with 1 or 3 colours", {"x": IMAGES.reshape(30, 1, 4, 6)}),
        ("give uint8", {"x": IMAGES[:0]}),
        ("neither x nor x_train and x_test", {"pictures": IMAGES}),
        ("neither x nor x_train and x_test", {"x_train": IMAGES}),
        ("give 30 integers from 0 on", {"x": IMAGES, "y": LABELS[:-1]}),
        ("give 30 integers from 0 on", {"x": IMAGES, "y": LABELS - 1}),
        ("give 30 integers from 0 on", {"x": IMAGES, "y": LABELS / 2}),
        ("different shapes", {"x_train": IMAGES, "x_test": IMAGES[:, :2]}),
        ("cannot be read", {"x": np.array([{}], dtype=object)}),
    ],
)
def test_what_does_not_fit_is_refused(save, message, content):
    with pytest.raises(DatasetError, match=message) as error:
        npz.load(save(**content))
    assert "\n" not in str(error.value)


KINDS = st.sampled_from(["uint8", "int64", "float32", "bool"])
NAMES = st.sampled_from([*npz.LABELS, *npz.LABELS.values()])


@hypothesis.given(
    st.dictionaries(NAMES, arrays.arrays(KINDS, arrays.array_shapes(max_dims=4, max_side=3)))
)
@hypothesis.settings(max_examples=60, suppress_health_check=list(hypothesis.HealthCheck))
def test_whatever_is_in_it(save, content):
    try:
        parts = npz.load(save(**content))
    except DatasetError:
        return
    for x, y in parts:
        assert x.dtype == "uint8" and x.ndim == 4 and (y is None or len(y) == len(x))


def test_a_file_that_is_none(tmp_path):
    (tmp_path / "own.npz").write_bytes(b"PK")
    for name in ("own.npz", "missing.npz"):
        with pytest.raises(DatasetError, match="cannot be read"):
            npz.load(tmp_path / name)
