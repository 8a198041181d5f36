"""The networks have the paper's shapes and initial weights."""

import re

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keras_acai.nn import networks


def test_encoder_of_the_paper():
    network = networks.encoder((32, 32, 3), latent_width=4, latent_channels=16, depth=64)
    kernels = [tuple(weight.shape) for weight in network.weights[::2]]
    assert kernels == [
        (1, 1, 3, 64),
        (3, 3, 64, 64),
        (3, 3, 64, 64),
        (3, 3, 64, 128),
        (3, 3, 128, 128),
        (3, 3, 128, 256),
        (3, 3, 256, 256),
        (3, 3, 256, 512),
        (3, 3, 512, 16),
    ]


def test_decoder_of_the_paper():
    network = networks.decoder((32, 32, 3), latent_width=4, latent_channels=16, depth=64)
    kernels = [tuple(weight.shape)[2:] for weight in network.weights[::2]]
    assert kernels == [
        (16, 256),
        (256, 256),
        (256, 128),
        (128, 128),
        (128, 64),
        (64, 64),
        (64, 64),
        (64, 3),
    ]


def test_channels_stop_at_a_limit():
    sizes = {"latent_width": 4, "latent_channels": 16, "depth": 8, "max_channels": 20}
    networks_of = networks.encoder((32, 32, 3), **sizes), networks.decoder((32, 32, 3), **sizes)
    encoder, decoder = ([tuple(w.shape)[2:] for w in one.weights[::2]] for one in networks_of)
    assert encoder[1:-1] == [(8, 8), (8, 8), (8, 16), (16, 16), (16, 20), (20, 20), (20, 20)]
    assert decoder[:-1] == [(16, 20), (20, 20), (20, 16), (16, 16), (16, 8), (8, 8), (8, 8)]


def test_kernels_are_normal_and_biases_zero():
    keras.utils.set_random_seed(0)
    network = networks.encoder((8, 8, 3), latent_width=4, latent_channels=16, depth=64)
    for kernel, bias in zip(network.weights[::2], network.weights[1::2]):
        values = keras.ops.convert_to_numpy(kernel)
        fan_in = np.prod(values.shape[:3])
        standard = values * np.sqrt((1 + 0.2**2) * fan_in)
        if values.size > 5000:
            assert standard.std() == pytest.approx(1, rel=0.03)
            assert np.abs(standard).max() > 3  # not truncated at two standard deviations
        assert not keras.ops.convert_to_numpy(bias).any()


def test_layers_do_not_start_alike():
    weights = [keras.ops.convert_to_numpy(w) for w in networks.encoder((8, 8, 1), 4, 4, 4).weights]
    assert not np.allclose(weights[2], weights[4])


@settings(deadline=None, max_examples=300)
@example(height=9, width=18, latent_width=9)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    latent_width=st.integers(1, 9),
)
def test_a_size_either_fits_or_is_refused_with_sizes_that_do(height, width, latent_width):
    fits = {latent_width * 2**k for k in range(8) if height % 2**k == 0}
    if width in fits:
        scales = networks.num_scales((height, width, 1), latent_width)
        assert latent_width * 2**scales == width and height % 2**scales == 0
        code = networks.code_shape((height, width, 1), latent_width, 5)
        assert code == (height // 2**scales, latent_width, 5)
    else:
        with pytest.raises(ValueError) as error:
            networks.num_scales((height, width, 1), latent_width)
        widths = re.search(r"latent_width=([\d, ]+), or", str(error.value))[1]
        for fitting in map(int, widths.split(", ")):
            networks.num_scales((height, width, 1), fitting)


def test_latent_critic():
    network = networks.latent_critic((4, 4, 2), (100, 50))
    assert [tuple(weight.shape) for weight in network.weights[::2]] == [
        (32, 100),
        (100, 50),
        (50, 1),
    ]
