"""lerp and slerp between codes of any rank."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_acai.interpolation import even_times, lerp, slerp

BOTH = pytest.mark.parametrize("path", [lerp, slerp])


@st.composite
def pairs(draw):
    """Two codes of one shape (n, …), with zeros, equal and opposite ones among them."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    floats = hnp.arrays("float64", shape, elements=st.floats(-1e3, 1e3, width=32))
    a = draw(floats)
    return a, draw(st.one_of(floats, st.just(a), st.just(-a), st.just(np.zeros(shape))))


@BOTH
@given(pair=pairs(), steps=st.integers(2, 9))
def test_paths_are_finite_and_run_from_end_to_end(path, pair, steps):
    a, b = pair
    points = path(a, b, steps)
    assert points.shape == (len(a), steps, *a.shape[1:])
    assert np.isfinite(points).all()
    np.testing.assert_allclose(points[:, 0], a, atol=1e-6 * (1 + np.abs(a).max()))
    np.testing.assert_allclose(points[:, -1], b, atol=1e-6 * (1 + np.abs(b).max()))


@given(pair=pairs())
def test_paths_are_symmetric(pair):
    a, b = pair
    for path in (lerp, slerp):
        there, back = path(a, b, 5), path(b, a, 5)[:, ::-1]
        np.testing.assert_allclose(there, back, atol=1e-9 * (1 + np.abs(a).max() + np.abs(b).max()))


def test_lerp_is_straight_and_slerp_keeps_the_norm():
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, 6, 2, 2, 3))
    assert np.allclose(np.diff(lerp(a, b, 8), n=2, axis=1), 0)
    unit = [
        code / np.linalg.norm(code.reshape(6, -1), axis=1)[:, None, None, None] for code in (a, b)
    ]
    norms = np.linalg.norm(slerp(*unit, 8).reshape(6, 8, -1), axis=-1)
    np.testing.assert_allclose(norms, 1, atol=1e-12)


@BOTH
def test_tensors_give_tensors_and_keep_dtype(path):
    a, b = np.random.default_rng(0).normal(size=(2, 3, 2, 2, 4)).astype("float32")
    tensor = path(keras.ops.convert_to_tensor(a), keras.ops.convert_to_tensor(b), 5)
    assert keras.ops.is_tensor(tensor)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(tensor), path(a, b, 5), atol=1e-5)
    assert path(a, b, 5).dtype == np.float32


@BOTH
@pytest.mark.parametrize("steps", [1, 0, -3, 2.0, True, None, "8"])
def test_bad_steps(path, steps):
    with pytest.raises(ValueError, match="at least 2"):
        path(np.zeros((1, 2)), np.ones((1, 2)), steps)


@BOTH
@pytest.mark.parametrize("shapes", [((2, 3), (2, 4)), ((2, 3), (3, 3)), ((), ())])
def test_bad_shapes(path, shapes):
    with pytest.raises(ValueError, match="shapes"):
        path(np.zeros(shapes[0]), np.zeros(shapes[1]), 4)


@BOTH
@pytest.mark.parametrize("dtype", ["float16", "int32"])
def test_other_dtypes(path, dtype):
    a, b = np.zeros((1, 3), dtype), np.full((1, 3), 4, dtype)
    points = path(a, b, 3)
    np.testing.assert_allclose(points[0, :, 0], [0, 2, 4])
    tensors = path(keras.ops.convert_to_tensor(a), keras.ops.convert_to_tensor(b), 3)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(tensors), points, atol=1e-3)


@BOTH
def test_paths_at_points_of_ones_own(path):
    a, b = np.random.default_rng(0).normal(size=(2, 2, 3, 4))
    np.testing.assert_allclose(path(a, b, np.linspace(0, 1, 5)), path(a, b, 5))
    own = np.array([[0, 0.5, 1], [0, 0.1, 1]])
    points = path(a, b, own)
    np.testing.assert_allclose(points[0], path(a, b, own[0])[0])
    np.testing.assert_allclose(points[1], path(a, b, own[1])[1])
    for bad in (own[:, None], np.ones((3, 2)), [0.0, np.nan], ["a", "b"], []):
        with pytest.raises(ValueError, match="points themselves"):
            path(a, b, bad)


@given(hnp.arrays("float16", (2, 2, 6), elements=st.floats(-300, 300, width=16)))
def test_slerp_in_float16_is_that_in_float32(codes):
    narrow, wide = slerp(*codes, 4), slerp(*codes.astype("float32"), 4)
    assert narrow.dtype == np.float16
    np.testing.assert_allclose(narrow, wide, rtol=2e-3, atol=1e-3)


def test_even_times_follow_the_change_of_the_images():
    t = np.linspace(0, 1, 101)
    images = np.stack([t**2, t, 0 * t])[..., None]
    times = even_times(images, 5)
    np.testing.assert_allclose(times[0] ** 2, np.linspace(0, 1, 5), atol=1e-3)
    np.testing.assert_allclose(times[1:], [np.linspace(0, 1, 5)] * 2, atol=1e-6)


def gradient(function, a):
    """The gradient of the sum of a function at an array."""
    if keras.backend.backend() == "torch":
        a = keras.ops.convert_to_tensor(a).requires_grad_()
        function(a).sum().backward()
        return a.grad.cpu().numpy()
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(lambda a: function(a).sum())(keras.ops.convert_to_tensor(a)))
    import tensorflow as tf

    a = keras.ops.convert_to_tensor(a)
    with tf.GradientTape() as tape:
        tape.watch(a)
        y = function(a)
    return tape.gradient(y, a).numpy()


@pytest.mark.parametrize("to", [1.0, -1.0, 0.0])
def test_gradients_of_slerp_are_finite_where_it_is_straight(to):
    a = np.ones((2, 3), "float32")
    b = keras.ops.convert_to_tensor(to * a)
    found = gradient(lambda a: slerp(a, b, 4), a)
    np.testing.assert_allclose(found, gradient(lambda a: lerp(a, b, 4), a))
