"""Images between images: paths through several, and grids between four."""

import keras
import numpy as np
import pytest
from conftest import check_refused, make
from hypothesis import given
from hypothesis import strategies as st


def as_array(x):
    return keras.ops.convert_to_numpy(x)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("spacing", ["codes", "images"])
def test_a_path_is_the_strips_from_each_image_to_the_next(x, closed, spacing):
    model = make("ACAI")
    ends = np.concatenate([x[1:4], x[:1]]) if closed else x[1:4]
    strips = model.interpolate(x[: len(ends)], ends, 5, spacing=spacing)
    path = model.path(x[:4], 5, closed=closed, spacing=spacing)
    assert path.shape == ((16 if closed else 13), 8, 8, 1)
    expected = [*np.concatenate(strips[:, :-1])] + ([] if closed else [strips[-1, -1]])
    np.testing.assert_allclose(path, expected, atol=1e-6)


def test_a_path_takes_what_encode_takes(x):
    model = make("ACAI")
    expected = model.path(x[:3], 4)
    np.testing.assert_allclose(model.path(list(x[:3]), 4), expected, atol=1e-6)
    tensor = keras.ops.convert_to_tensor(x[:3])
    path = model.path(tensor, 4)
    assert keras.ops.is_tensor(path)
    np.testing.assert_allclose(as_array(path), expected, atol=1e-5)


def test_a_path_needs_two_images_and_two_steps(x):
    model = make("Autoencoder")
    check_refused("at least 2", model.path, x[:1])
    for spacing in ("codes", "images"):
        check_refused("at least 2", model.path, x[:3], 1, spacing=spacing)
        check_refused("at least 2", model.interpolate, x[:2], x[2:4], 1, spacing=spacing)
    check_refused("'lerp' or 'slerp'", model.path, x[:3], method="cubic")


@pytest.mark.parametrize("method", ["lerp", "slerp"])
def test_the_sides_of_a_grid_are_strips(x, method):
    model = make("VAE")
    a, b, c, d = (x[start : start + 2] for start in (0, 2, 4, 6))
    grid = model.grid(a, b, c, d, 5, method=method)
    assert grid.shape == (2, 5, 5, 8, 8, 1)
    sides = [(grid[:, 0], a, b), (grid[:, -1], c, d), (grid[:, :, 0], a, c), (grid[:, :, -1], b, d)]
    for strip, start, end in sides:
        np.testing.assert_allclose(strip, model.interpolate(start, end, 5, method), atol=1e-5)


@given(size=st.integers(2, 5))
def test_the_middle_of_a_grid_decodes_the_mean_of_the_corners(size):
    model = make("Autoencoder")
    generator = np.random.default_rng(size)
    corners = generator.uniform(-1, 1, (4, 8, 8, 1)).astype("float32")
    grid = model.grid(*corners, size=2 * size - 1)
    mean = model.encode(corners).mean(axis=0, keepdims=True)
    np.testing.assert_allclose(grid[0, size - 1, size - 1], model.decode(mean)[0], atol=1e-5)


def test_an_attribute_vector_leads_from_one_mean_code_to_the_other(x):
    model = make("ACAI")
    vector = model.attribute_vector(x[:5], x[5:])
    codes = model.encode(x)
    assert vector.shape == model.code_shape and vector.dtype == "float32"
    np.testing.assert_allclose(codes[5:].mean(0) + vector, codes[:5].mean(0), atol=1e-5)
