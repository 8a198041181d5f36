"""Arrays of any length are processed in batches."""

import sys

import keras
import numpy as np
import pytest
from conftest import check_refused, make

from keras_acai.engine.inference import Batched


@pytest.mark.parametrize("count", [1, 3, 4, 5, 8, 11])
def test_batches_do_not_change_the_codes(count, x):
    model = make("VAE")
    expected = model.encode(x[:count])
    np.testing.assert_allclose(model.encode(x[:count], batch_size=4), expected, atol=1e-6)
    np.testing.assert_allclose(
        model.features(x[:count], batch_size=3, verbose=0), expected.reshape(count, -1), atol=1e-6
    )


def test_one_shape_is_compiled_for_all_batches_of_an_array():
    shapes = []

    def compiled(batch):
        shapes.append(batch.shape)
        return batch * 2

    batched = Batched(make("Autoencoder"), lambda batch: batch)
    batched.compiled = compiled
    array = np.arange(22.0).reshape(11, 2)
    np.testing.assert_array_equal(batched(array, batch_size=4), array * 2)
    assert shapes == [(4, 2)] * 3


def test_trained_weights_are_used(x):
    model = make("Autoencoder")
    model.compile("sgd")
    before = model.encode(x)
    model.encoder.weights[-1].assign_add(np.ones(3))
    np.testing.assert_allclose(model.encode(x), before + 1, atol=1e-5)


@pytest.mark.once
def test_a_progress_bar_on_a_terminal_or_when_asked(x, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    model = make("Autoencoder")
    for options in ({}, {"verbose": 0}):
        model.features(x, **options)
        assert capsys.readouterr().out == ""
    model.features(x, verbose=1)
    assert "12/12" in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    model.features(x)
    assert "12/12" in capsys.readouterr().out


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, None])
def test_bad_batch_size(batch_size, x):
    with pytest.raises(ValueError, match="batch_size"):
        make("Autoencoder").encode(x, batch_size=batch_size)


def test_reconstruction_error_is_the_rmse_of_each_image_in_grey_levels(model, x):
    errors = model.reconstruction_error(x, batch_size=5)
    scaled = x / np.float32(127.5) - 1
    expected = 127.5 * np.sqrt(np.square(model.reconstruct(x) - scaled).mean(axis=(1, 2, 3)))
    np.testing.assert_allclose(errors, expected, rtol=1e-4)
    tensor = keras.ops.convert_to_tensor(x)
    of_tensor = keras.ops.convert_to_numpy(model.reconstruction_error(tensor))
    np.testing.assert_allclose(of_tensor, expected, rtol=1e-4)


@pytest.mark.parametrize("name", ["VAE", "AAE"], indirect=True)
def test_samples_of_the_prior_decode_normal_codes(model):
    sample = model.sample(5, seed=1)
    codes = np.random.default_rng(1).standard_normal((5, model.code_size), "float32")
    np.testing.assert_allclose(sample, model.decode(codes.reshape(5, *model.code_shape)), atol=1e-6)
    assert np.abs(model.sample(5) - model.sample(5)).max() > 0


def test_samples_resemble_the_codes_of_images(x, monkeypatch):
    model = make("ACAI")
    drawn = []
    monkeypatch.setattr(model, "decode", lambda codes, batch_size: drawn.append(codes) or codes)
    model.sample(20_000, x, seed=2)
    drawn, codes = drawn[0].reshape(-1, model.code_size), model.features(x, verbose=0)
    spread = codes.std(axis=0).max()
    np.testing.assert_allclose(drawn.mean(axis=0), codes.mean(axis=0), atol=0.05 * spread)
    np.testing.assert_allclose(
        np.cov(drawn, rowvar=False), np.cov(codes, rowvar=False), atol=0.05 * spread**2
    )


def test_sampling_needs_a_prior_or_images(x):
    check_refused("no prior", make("ACAI").sample, 3)
    check_refused("at least 2", make("ACAI").sample, 3, x[:1])
    check_refused("n=0", make("VAE").sample, 0)
