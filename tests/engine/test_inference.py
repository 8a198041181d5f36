"""Arrays of any length are processed in batches."""

import numpy as np
import pytest
from conftest import make

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


def test_progress_bar_only_when_asked(x, capsys):
    model = make("Autoencoder")
    model.features(x, verbose=0)
    assert capsys.readouterr().out == ""
    model.features(x)
    assert "12/12" in capsys.readouterr().out


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, None])
def test_bad_batch_size(batch_size, x):
    with pytest.raises(ValueError, match="batch_size"):
        make("Autoencoder").encode(x, batch_size=batch_size)
