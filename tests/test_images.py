"""Floats in [-1, 1] become pictures, clipped and never wrapped around."""

import keras
import numpy as np
import pytest
from conftest import check_refused
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import keras_acai

GREYS = np.arange(256, dtype="uint8")


def test_every_grey_level_survives_scaling():
    np.testing.assert_array_equal(keras_acai.to_images(GREYS / np.float32(127.5) - 1), GREYS)


@settings(max_examples=1000)
@given(hnp.arrays("float32", hnp.array_shapes(), elements=st.floats(-8, 8, width=32)))
def test_overshoot_is_clipped(x):
    images = keras_acai.to_images(x)
    assert images.dtype == "uint8" and images.shape == x.shape
    assert (images[x >= 1] == 255).all() and (images[x <= -1] == 0).all()
    inside = np.abs(x) <= 1
    assert np.abs(images - (x + 1) * 127.5)[inside].max(initial=0) <= 0.5001


def test_tensors_and_uint8_are_taken():
    tensor = keras.ops.convert_to_tensor([[-1.18, 0.0, 1.18]])
    np.testing.assert_array_equal(keras_acai.to_images(tensor), [[0, 128, 255]])
    assert keras_acai.to_images(GREYS) is GREYS


@pytest.mark.parametrize(
    "bad, match",
    [
        (np.zeros(3, int), "uint8"),
        (np.array([0.0, np.nan]), r"\[-1, 1\]"),
        (np.array([-np.inf]), r"\[-1, 1\]"),
        (np.array([0.0, 255.0]), "127.5"),
        ("text", "uint8"),
    ],
)
def test_what_is_not_an_image_is_refused(bad, match):
    check_refused(match, keras_acai.to_images, bad)


@pytest.mark.parametrize("channels, mode", [(1, "L"), (3, "RGB")])
def test_pictures_of_each_shape(channels, mode):
    strips = np.random.default_rng(0).uniform(-1, 1, (2, 5, 4, 6, channels)).astype("float32")
    one = keras_acai.to_pil(strips[0, 0])
    assert one.mode == mode and one.size == (6, 4)
    assert [picture.size for picture in keras_acai.to_pil(strips[0])] == [(6, 4)] * 5
    rows = keras_acai.to_pil(strips)
    assert [row.size for row in rows] == [(30, 4)] * 2
    last = np.asarray(rows[1]).reshape(4, 30, channels)[:, 24:]
    np.testing.assert_array_equal(last, keras_acai.to_images(strips[1, 4]))


def test_a_grid_is_one_picture():
    grids = np.random.default_rng(0).integers(0, 256, (2, 3, 5, 4, 6, 1), "uint8")
    pictures = keras_acai.to_pil(grids)
    assert [picture.size for picture in pictures] == [(30, 12)] * 2
    np.testing.assert_array_equal(np.asarray(pictures[1])[8:, 24:], grids[1, 2, 4, ..., 0])


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (0, 4, 1), (1, 1, 1, 1, 4, 4, 1)])
def test_pictures_of_other_shapes_are_refused(shape):
    check_refused("shape", keras_acai.to_pil, np.zeros(shape, "float32"))
