"""`.keras` files keep loading when classes move: Keras finds them by their registered names.

The files in `saved/` were written when the initial weights were in another module.
"""

import pathlib

import keras
import numpy as np
import pytest

import keras_acai
from keras_acai.nn.initializers import Limited

SAVED = pathlib.Path(__file__).parent / "saved"
REGISTERED = (
    "Autoencoder DenoisingAutoencoder DropoutAutoencoder VAE AAE VQVAE ACAI Bottleneck "
    "RootMeanSquaredError Convolution DoublingConvolution Stem Halving Initial FanInNormal "
    "GlorotUniform"
).split()


def test_a_model_of_an_earlier_version():
    model = keras.saving.load_model(SAVED / "acai.keras")
    assert type(model) is keras_acai.ACAI and model.compiled
    assert [type(one).__name__ for one in model.optimizer.optimizers] == ["Adam", "SGD"]
    images = np.arange(64).reshape(4, 4, 4, 1).astype("uint8")
    sums = model.encode(images).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(sums, [0.02663240, 0.02317549, 0.01971858, 0.01626167], rtol=1e-4)


def test_a_network_of_an_earlier_version():
    critic = keras.saving.load_model(SAVED / "aae_critic.keras")
    assert isinstance(critic.layers[1].kernel_initializer, Limited)
    assert critic.count_params() == 8 * 3 + 3 + 3 + 1


@pytest.mark.parametrize("class_name", REGISTERED)
def test_registered_names(class_name):
    registered = keras.saving.get_registered_object(f"keras_acai>{class_name}")
    assert registered.__module__.startswith("keras_acai.")
