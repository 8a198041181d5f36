"""The operations of every backend compute what Keras's plain ones do, with gradients."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers as keras_layers
from keras import ops

from keras_acai import backend
from keras_acai.nn import layers
from keras_acai.nn.initializers import SLOPE

SIDES = st.integers(1, 5)


def arrays(seed, *shapes):
    generator = np.random.default_rng(seed)
    return [generator.normal(size=shape).astype("float32") for shape in shapes]


def plain(x, kernel, bias, slope):
    """A convolution as Keras's own layers compute it."""
    x = ops.conv(x, kernel, padding="same", data_format="channels_last") + bias
    return x if slope is None else ops.leaky_relu(x, slope)


def assert_close(actual, expected):
    actual, expected = map(keras.ops.convert_to_numpy, (actual, expected))
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)


@settings(max_examples=25)
@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([1, 3]), st.sampled_from([None, 0.2]))
def test_convolve(height, width, inputs, outputs, size, slope):
    shapes = (2, height, width, inputs), (size, size, inputs, outputs), (outputs,)
    x, kernel, bias = map(ops.convert_to_tensor, arrays(0, *shapes))
    assert_close(backend.convolve(x, kernel, bias, slope), plain(x, kernel, bias, slope))


@settings(max_examples=25)
@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([None, 0.2]))
def test_convolve_doubled(height, width, inputs, outputs, slope):
    shapes = (2, height, width, inputs), (3, 3, inputs, outputs), (outputs,)
    x, kernel, bias = map(ops.convert_to_tensor, arrays(1, *shapes))
    doubled = ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)
    assert_close(
        backend.convolve_doubled(x, kernel, bias, slope), plain(doubled, kernel, bias, slope)
    )


def test_halve():
    (x,) = arrays(2, (3, 6, 4, 5))
    assert_close(backend.halve(ops.convert_to_tensor(x)), x.reshape(3, 3, 2, 2, 2, 5).mean((2, 4)))


@pytest.mark.parametrize("colours", [1, 3])
def test_the_stem_is_a_1x1_and_a_3x3_convolution(colours):
    stem = layers.Stem(4)
    stem.build((None, 5, 6, colours))
    weights = arrays(3, *(w.shape for w in stem.weights))
    stem.set_weights(weights)
    first, first_bias, second, second_bias = weights
    (x,) = arrays(4, (2, 5, 6, colours))
    expected = plain(plain(x, first, first_bias, None), second, second_bias, SLOPE)
    assert_close(stem(x), expected)


def test_networks_learn_what_keras_s_own_layers_learn():
    """A step of plain gradient descent, so that every gradient is seen."""
    depth, shape = 3, (8, 8, 2)
    conv = {"padding": "same", "activation": keras_layers.LeakyReLU(SLOPE)}
    theirs = keras.Sequential(
        [
            keras.Input(shape),
            keras_layers.Conv2D(depth, 1),
            keras_layers.Conv2D(depth, 3, **conv),
            keras_layers.AveragePooling2D(2),
            keras_layers.Conv2D(4, 3, **conv),
            keras_layers.UpSampling2D(2),
            keras_layers.Conv2D(2, 3, padding="same"),
        ]
    )
    ours = keras.Sequential(
        [
            keras.Input(shape),
            layers.Stem(depth),
            layers.Halving(),
            layers.Convolution(4),
            layers.DoublingConvolution(2, slope=None),
        ]
    )
    weights = [0.3 * array for array in arrays(5, *(w.shape for w in theirs.weights))]
    x, y = arrays(6, (4, *shape), (4, *shape))
    for model in (theirs, ours):
        model.set_weights(weights)
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", run_eagerly=True)
        model.train_on_batch(x, y)
    for mine, keras_s, before in zip(ours.get_weights(), theirs.get_weights(), weights):
        assert not np.array_equal(mine, before)
        np.testing.assert_allclose(mine, keras_s, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("side, inputs, outputs", [(2, 3, 12), (2, 12, 3), (4, 32, 5), (4, 5, 32)])
@pytest.mark.parametrize("size", [1, 3])
def test_gradients_at_few_positions_with_many_channels(side, inputs, outputs, size):
    """Some of these are products of matrices."""
    theirs = [keras_layers.Conv2D(outputs, size, padding="same")]
    learn_the_same([layers.Convolution(outputs, size, slope=None)], theirs, side, inputs)


@pytest.mark.parametrize("side, inputs, outputs", [(2, 3, 12), (2, 12, 3), (1, 2, 1)])
def test_gradients_of_a_doubling_convolution(side, inputs, outputs):
    theirs = [keras_layers.UpSampling2D(2), keras_layers.Conv2D(outputs, 3, padding="same")]
    learn_the_same([layers.DoublingConvolution(outputs, slope=None)], theirs, side, inputs)


def learn_the_same(ours, theirs, side, inputs):
    """A layer before them shows the gradients of their inputs."""
    x, y = arrays(7, (3, side, side, inputs), (3, *_output(theirs, side, inputs)))
    weights = None
    learnt = []
    for stack in (ours, theirs):
        first = keras_layers.Conv2D(inputs, 1)
        model = keras.Sequential([keras.Input((side, side, inputs)), first, *stack])
        weights = weights or arrays(8, *(weight.shape for weight in model.weights))
        model.set_weights(weights)
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
        model.train_on_batch(x, y)
        learnt.append(model.get_weights())
    for mine, keras_s, before in zip(*learnt, weights):
        assert not np.array_equal(mine, before)
        np.testing.assert_allclose(mine, keras_s, rtol=1e-4, atol=1e-5)


def _output(stack, side, inputs):
    return keras.Sequential([keras.Input((side, side, inputs)), *stack]).output_shape[1:]
