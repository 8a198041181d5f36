"""Every model does what a user expects of a Keras model, on the backend that runs."""

import json

import keras
import numpy as np
import pytest
from conftest import MODELS, TINY, check_refused, make, weights_of

import keras_acai


@pytest.fixture(scope="module", params=MODELS)
def untouched(request):
    """A tiny model of each class, for tests that change nothing of it."""
    model = make(request.param)
    model.compile()
    return model


def test_contract_of_shapes(untouched, x):
    codes = untouched.encode(x)
    assert codes.shape == (12, 2, 2, 3) and codes.dtype == np.float32
    assert untouched.decode(codes).shape == (12, 8, 8, 1)
    assert tuple(untouched(x).shape) == (12, 8, 8, 1)
    assert untouched.predict(x, verbose=0).shape == (12, 8, 8, 1)
    assert untouched.interpolate(x[:5], x[5:10], steps=7).shape == (5, 7, 8, 8, 1)
    features = untouched.features(x, verbose=0)
    assert isinstance(features, np.ndarray)
    assert features.shape == (12, 12) and features.dtype == np.float32


def test_call_and_predict_decode_what_is_encoded(untouched, x):
    expected = untouched.decode(untouched.encode(x))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(untouched(x)), expected, atol=1e-5)
    np.testing.assert_allclose(untouched.predict(x, verbose=0), expected, atol=1e-5)
    np.testing.assert_allclose(untouched.predict_on_batch(x), expected, atol=1e-5)


def test_uint8_and_scaled_floats_are_the_same_images(untouched, x):
    scaled = x.astype("float32") / 127.5 - 1
    for images in (scaled, scaled.astype("float64"), scaled.tolist()):
        np.testing.assert_allclose(untouched.encode(images), untouched.encode(x), atol=1e-6)


@pytest.mark.once
def test_double_precision(untouched, x):
    model = make(type(untouched).__name__, dtype="float64")
    for variable, value in zip(model.weights, untouched.get_weights(), strict=True):
        variable.assign(value)
    np.testing.assert_allclose(model.reconstruct(x), untouched.reconstruct(x), atol=1e-5)
    model.compile()
    assert np.isfinite(model.fit(x, batch_size=6, verbose=0).history["loss"]).all()


@pytest.mark.parametrize("method", ["lerp", "slerp"])
def test_interpolation_ends_at_the_reconstructions(untouched, x, method):
    strip = untouched.interpolate(x[:4], x[4:8], steps=5, method=method)
    np.testing.assert_allclose(strip[:, 0], untouched.decode(untouched.encode(x[:4])), atol=1e-5)
    np.testing.assert_allclose(strip[:, -1], untouched.decode(untouched.encode(x[4:8])), atol=1e-5)


def test_tensors_give_tensors(untouched, x):
    tensor = keras.ops.convert_to_tensor(x)
    codes = untouched.encode(tensor)
    strip = untouched.interpolate(tensor[:2], tensor[2:4], steps=3)
    assert keras.ops.is_tensor(codes) and keras.ops.is_tensor(strip)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(codes), untouched.encode(x), atol=1e-5)
    assert isinstance(untouched.features(tensor, verbose=0), np.ndarray)


def test_fit_lowers_the_loss_and_logs_every_loss(name, x, y):
    model = make(name)
    model.compile(keras.optimizers.Adam(3e-3), probe_optimizer=keras.optimizers.Adam(0.03))
    history = model.fit(x, y, batch_size=6, epochs=25, verbose=0).history
    expected = {"loss", "rmse", "probe_loss", "probe_accuracy"}
    expected |= {loss for player in model.players for loss in player.losses}
    expected |= {"critic_loss"} if hasattr(model, "critic") else set()
    assert set(history) == expected
    assert np.isfinite([values[-1] for values in history.values()]).all()
    assert history["reconstruction_loss"][-1] < history["reconstruction_loss"][0]
    assert min(history["probe_loss"]) < history["probe_loss"][0]


def test_loss_is_the_sum_of_its_terms(untouched, x, y):
    logs = untouched.evaluate(x, y, batch_size=5, verbose=0, return_dict=True)
    for player in untouched.players:
        total = logs["loss" if player.name == "autoencoder" else f"{player.name}_loss"]
        np.testing.assert_allclose(total, sum(logs[name] for name in player.losses), rtol=1e-5)


def test_rmse_is_in_grey_levels(model, x):
    if isinstance(model, keras_acai.VAE):
        model.posterior_log_variance.bias.assign(np.full(12, -40.0))  # no noise in z
    expected = np.sqrt(np.mean((model.predict(x, verbose=0) - (x / 127.5 - 1)) ** 2)) * 127.5
    logs = model.evaluate(x, batch_size=5, verbose=0, return_dict=True)
    np.testing.assert_allclose(logs["rmse"], expected, rtol=1e-4)


def test_fit_without_labels_leaves_the_probe_alone(model, x, y):
    model.fit(x, y, batch_size=6, verbose=0)  # gives its optimizer momentum
    before, encoder = weights_of(model.probe), weights_of(model.encoder)
    history = model.fit(x, batch_size=6, verbose=0).history
    np.testing.assert_array_equal(weights_of(model.probe), before)
    assert (weights_of(model.encoder) != encoder).any()
    assert "loss" in history and "probe_loss" not in history and "probe_accuracy" not in history


def test_model_without_probe(name, x):
    model = make(name, num_classes=None)
    model.compile()
    assert model.probe is None
    assert "probe_loss" not in model.fit(x, batch_size=6, verbose=0).history


def test_config_round_trip(untouched):
    config = json.loads(json.dumps(untouched.get_config()))
    again = type(untouched).from_config(config)
    assert again.get_config() == untouched.get_config()
    for argument, value in MODELS[type(untouched).__name__].items():
        assert getattr(again, argument) == value
    shapes = [tuple(weight.shape) for weight in untouched.weights]
    assert [tuple(weight.shape) for weight in again.weights] == shapes


def test_a_keras_file_resumes_training(model, x, y, tmp_path):
    model.fit(x, y, batch_size=6, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again) is type(model) and again.compiled
    np.testing.assert_allclose(again.encode(x), model.encode(x), atol=1e-6)
    for mine, theirs in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (mine, theirs)))
    results = [one.fit(x, y, batch_size=6, shuffle=False, verbose=0) for one in (model, again)]
    np.testing.assert_allclose(results[0].history["loss"], results[1].history["loss"], rtol=1e-5)


def test_weights_file_round_trip(untouched, x, tmp_path):
    untouched.save_weights(tmp_path / "model.weights.h5")
    again = make(type(untouched).__name__)
    for weight in again.trainable_weights:
        weight.assign(weight + 1.0)
    again.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(again.encode(x), untouched.encode(x))


def test_mixed_precision_trains_to_a_finite_falling_loss(name, x, y):
    model = make(name, dtype="mixed_bfloat16")
    model.compile(keras.optimizers.Adam(3e-3))
    history = model.fit(x, y, batch_size=6, epochs=25, verbose=0).history
    assert np.isfinite([values for values in history.values()]).all()
    loss = history["reconstruction_loss"]
    assert loss[-1] < loss[0]
    assert model.encode(x).dtype == np.float32


@pytest.mark.parametrize(
    "shape, code", [((8, 16, 3), (1, 2, 3)), ((16, 8, 3), (4, 2, 3)), ((12, 8, 1), (3, 2, 3))]
)
def test_images_that_are_not_square(name, shape, code):
    model = make(name, image_shape=shape)
    images = np.zeros((2, *shape), "uint8")
    assert model.encode(images).shape == (2, *code)
    assert model.predict(images, verbose=0).shape == (2, *shape)


def test_encoder_weights_are_kernel_bias_in_forward_order(untouched):
    shapes = [tuple(weight.shape) for weight in untouched.encoder.weights]
    kernels = [(1, 1, 1, 3), *2 * [(3, 3, 3, 3)], (3, 3, 3, 6), (3, 3, 6, 6), (3, 3, 6, 12)]
    kernels.append((3, 3, 12, 3))
    assert shapes == [shape for kernel in kernels for shape in (kernel, kernel[-1:])]


def test_seed_repeats_a_run(name, x, y):
    losses = []
    for _ in range(2):
        model = make(name)
        model.compile()
        losses.append(model.fit(x, y, batch_size=6, epochs=2, verbose=0).history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-6)


def test_global_settings_do_not_leak_in(name, x):
    keras.config.set_image_data_format("channels_first")
    try:
        assert make(name).encode(x).shape == (12, 2, 2, 3)
    finally:
        keras.config.set_image_data_format("channels_last")


def test_reconstruct_is_decode_of_encode(untouched, x):
    np.testing.assert_allclose(
        untouched.reconstruct(x), untouched.decode(untouched.encode(x)), atol=1e-5
    )


def test_paper_codes_are_codes_but_samples_of_a_vae(untouched, x):
    codes, means = untouched.paper_codes(x), untouched.encode(x)
    if not untouched.samples_codes:
        np.testing.assert_array_equal(codes, means)
        return
    _, log_variance = untouched._posterior(untouched.encoder(x / np.float32(127.5) - 1))
    spread = np.exp(keras.ops.convert_to_numpy(log_variance).reshape(codes.shape) / 2)
    noise = (codes - means) / spread
    assert abs(noise.mean()) < 0.3 and 0.8 < noise.std() < 1.2
    np.testing.assert_array_equal(untouched.paper_codes(x), codes)
    assert not np.array_equal(untouched.paper_codes(x, seed=1), codes)


def test_steps_that_look_even(x):
    model = make("ACAI")
    kernel = model.decoder.weights[-2]
    kernel.assign(kernel * 30)  # a path that bends
    plain = model.interpolate(x[:3], x[3:6], steps=5)
    even = model.interpolate(x[:3], x[3:6], steps=5, spacing="images")
    np.testing.assert_allclose(even[:, [0, -1]], plain[:, [0, -1]], atol=1e-4)

    def unevenness(strips):
        steps = np.linalg.norm(np.diff(strips, axis=1).reshape(3, 4, -1), axis=2)
        return (steps.max(axis=1) / steps.mean(axis=1)).max()

    assert unevenness(even) < min(1.1, unevenness(plain))
    tensors = map(keras.ops.convert_to_tensor, (x[:3], x[3:6]))
    strips = model.interpolate(*tensors, steps=5, spacing="images")
    np.testing.assert_allclose(keras.ops.convert_to_numpy(strips), even, atol=1e-4)
    check_refused("'codes' or 'images'", model.interpolate, x[:3], x[3:6], spacing="even")


def test_the_critic_scores_images_of_any_kind(x):
    model = make("ACAI")
    scaled = x / np.float32(127.5) - 1
    expected = keras.ops.convert_to_numpy(model.to_alpha(keras.ops.convert_to_tensor(scaled)))
    np.testing.assert_allclose(model.estimate_alpha(x, batch_size=5), expected, atol=1e-6)
    np.testing.assert_allclose(model.estimate_alpha(scaled), expected, atol=1e-6)
    unit = model.estimate_alpha(x / np.float32(255), value_range=(0, 1))
    np.testing.assert_allclose(unit, expected, atol=1e-6)
    assert model.estimate_alpha(scaled * 1.2).shape == (12,)  # decoded images overshoot
    assert keras.ops.is_tensor(model.estimate_alpha(keras.ops.convert_to_tensor(x)))


@pytest.mark.parametrize("name", [name for name in MODELS if name != "VAE"])
def test_another_distance_is_the_reconstruction_loss(name, x):
    class L1(getattr(keras_acai, name)):
        def distance(self, x, x_hat):
            return keras.ops.mean(keras.ops.abs(x - x_hat))

    model = L1(**TINY, **MODELS[name])
    model.compile()
    losses = model.evaluate(x, batch_size=12, verbose=0, return_dict=True)
    expected = np.abs(model.reconstruct(x) - (x / np.float32(127.5) - 1)).mean()
    np.testing.assert_allclose(losses["reconstruction_loss"], expected, rtol=1e-4)
