"""A VQ-VAE's codebook: taken from the data, and left out of training on request."""

import keras
import numpy as np
import pytest
from conftest import check_refused, make


@pytest.fixture
def model():
    return make("VQVAE")


def cut(model, images):
    return keras.ops.convert_to_numpy(model.bottleneck.cut(model.encode(images)))


@pytest.mark.parametrize("batch_size", [1, 5, 256])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_adapt_takes_vectors_of_the_images(x, batch_size, dtype):
    model = make("VQVAE", dtype=dtype)
    model.adapt(keras.ops.convert_to_tensor(x[:8]), batch_size=batch_size)
    means = keras.ops.convert_to_numpy(model.bottleneck.means)
    distances = np.abs(means[:, None] - cut(model, x[:8])).max(-1)  # (16 vectors, 24 of the images)
    assert means.shape == (16, 12) and distances.min(1).max() < (
        1e-5 if dtype == "float32" else 1e-2
    )
    assert len(set(distances.argmin(1))) == 16  # all different
    np.testing.assert_array_equal(means, model.bottleneck.ema_means)
    np.testing.assert_array_equal(model.bottleneck.ema_count, np.ones(16))


def test_decode_uses_the_adapted_codebook(model, x):
    before = model.decode(model.encode(x))
    model.adapt(x[:6])
    after = model.decode(model.encode(x))
    assert np.abs(before - after).max() > 1e-6
    e = keras.ops.convert_to_tensor(cut(model, x[:6]))
    nearest = keras.ops.convert_to_numpy(model.bottleneck.quantise(e))
    hits = np.isclose(nearest, keras.ops.convert_to_numpy(e), atol=1e-5).all(1)
    assert hits.sum() >= 16  # each vector is its own nearest


def test_adapt_refuses_too_few_images(model, x):
    before = keras.ops.convert_to_numpy(model.bottleneck.means)
    check_refused("adapt got 5 images: pass at least 6", model.adapt, x[:5])
    check_refused("image", model.adapt, x[:6, :4])
    check_refused("batch_size", model.adapt, x, batch_size=0)
    np.testing.assert_array_equal(model.bottleneck.means, before)


def test_training_without_quantising_leaves_the_codebook_alone(model, x):
    model.quantises = False
    model.compile(keras.optimizers.Adam(3e-3))
    before = keras.ops.convert_to_numpy(model.bottleneck.means)
    history = model.fit(x, batch_size=6, epochs=30, verbose=0).history
    assert not np.any(history["commitment_loss"])
    assert history["reconstruction_loss"][-1] < 0.9 * history["reconstruction_loss"][0]
    np.testing.assert_array_equal(model.bottleneck.means, before)


def test_codes_that_are_not_quantised_join_their_own_vectors(model, x):
    scaled = keras.ops.convert_to_tensor(x.astype("float32") / 127.5 - 1)
    model.quantises = False
    _, z, _ = model.objective(scaled, training=True)
    expected = model.bottleneck.join(cut(model, x))
    np.testing.assert_allclose(*map(keras.ops.convert_to_numpy, (z, expected)), atol=1e-5)


def test_only_training_skips_the_codebook(model, x):
    model.compile()
    expected = model.evaluate(x, batch_size=12, verbose=0, return_dict=True)
    model.quantises = False
    model.compile()
    assert model.evaluate(x, batch_size=12, verbose=0, return_dict=True) == expected
    assert expected["commitment_loss"] > 0


def test_training_continues_with_the_adapted_codebook(model, x):
    """The example of the class."""
    model.quantises = False
    model.compile(keras.optimizers.Adam(3e-3))
    model.fit(x, batch_size=6, epochs=2, verbose=0)
    model.adapt(x)
    before = keras.ops.convert_to_numpy(model.bottleneck.means)
    model.quantises = True
    model.compile(keras.optimizers.Adam(3e-3))
    history = model.fit(x, batch_size=6, epochs=2, verbose=0).history
    assert all(history["commitment_loss"])
    assert np.abs(keras.ops.convert_to_numpy(model.bottleneck.means) - before).max() > 1e-6


def test_seed_chooses_the_images(model, x):
    vectors = []
    for seed in (0, 0, 1):
        model.adapt(x, seed=seed)
        vectors.append(keras.ops.convert_to_numpy(model.bottleneck.means))
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert np.abs(vectors[0] - vectors[2]).max() > 1e-6


def test_indices_stand_for_the_images_that_decode_gives(model, x):
    indices = model.encode_indices(x, batch_size=5)
    assert indices.shape == (12, 3) and indices.dtype.kind == "i"
    assert 0 <= indices.min() and indices.max() < 16
    expected = model.decode(model.encode(x))
    np.testing.assert_allclose(model.decode_indices(indices, batch_size=5), expected, atol=1e-5)
    np.testing.assert_allclose(model.decode_indices(indices.tolist()), expected, atol=1e-5)


@pytest.mark.parametrize(
    "indices, match",
    [
        (np.zeros((2, 4), int), r"shape \(2, 4\)"),
        (np.zeros((0, 3), int), "shape"),
        (np.zeros((2, 3)), "float64"),
        (np.full((2, 3), 16), "16…16"),
        (np.full((2, 3), -1), "-1"),
    ],
)
def test_bad_indices(model, indices, match):
    check_refused(match, model.decode_indices, indices)
