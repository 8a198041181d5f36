"""Initial weights are those of the paper, and no more of them than a limit allows."""

import keras
import numpy as np
import pytest
from conftest import make

from keras_acai.nn import initializers


def values_of(initializer, shape):
    return keras.ops.convert_to_numpy(initializer(shape, "float32"))


def test_convolutions_start_normal_by_fan_in():
    drawn = values_of(initializers.FanInNormal(1), (3, 3, 64, 128))
    assert drawn.std() == pytest.approx(1 / np.sqrt(1.04 * 3 * 3 * 64), rel=0.01)
    assert abs(drawn.mean()) < 1e-3 and abs(drawn).max() > 4 * drawn.std()  # not truncated


def test_dense_layers_start_uniform():
    drawn = values_of(initializers.GlorotUniform(1), (300, 100))
    limit = np.sqrt(6 / 400)
    assert 0.99 * limit < abs(drawn).max() <= limit
    assert drawn.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)


@pytest.mark.parametrize("kind", [initializers.FanInNormal, initializers.GlorotUniform])
def test_a_seed_determines_the_weights(kind):
    shape = (4, 5)
    np.testing.assert_array_equal(values_of(kind(7), shape), values_of(kind(7), shape))
    assert not np.array_equal(values_of(kind(7), shape), values_of(kind(8), shape))
    again = kind.from_config(kind(7).get_config())
    np.testing.assert_array_equal(values_of(kind(7), shape), values_of(again, shape))
    keras.utils.set_random_seed(3)
    first = values_of(kind(), shape)
    keras.utils.set_random_seed(3)
    np.testing.assert_array_equal(values_of(kind(), shape), first)


def test_a_limit_counts_every_kernel_of_every_model(name):
    """A limit of all values in the model's file suffices; a lower one does not."""
    model = make(name)
    kernels = sum(int(np.prod(one.shape)) for one in model.variables if len(one.shape) > 1)
    for one in model.bottleneck.derived if name == "VQVAE" else []:
        kernels -= int(np.prod(one.shape))
    with initializers.limit_parameters(kernels + 100):
        make(name)
    with (
        initializers.limit_parameters(kernels - 100),
        pytest.raises(initializers.TooLargeError, match="kernel of"),
    ):
        make(name)
    make(name)


def test_config_round_trip_of_a_layer():
    layer = keras.layers.Dense(
        3, kernel_initializer=initializers.Limited(initializers.FanInNormal(2))
    )
    again = keras.layers.Dense.from_config(layer.get_config())
    np.testing.assert_array_equal(
        values_of(layer.kernel_initializer, (4, 3)), values_of(again.kernel_initializer, (4, 3))
    )
