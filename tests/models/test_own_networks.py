"""Models of the user's own networks: codes and data of any shape."""

import keras
import numpy as np
import pytest
from conftest import MODELS, check_refused, make
from keras import layers

import keras_acai
from keras_acai.sklearn import LatentFeatures


def dense_networks(shape=(8, 8, 1), code=5):
    """Encoder, decoder and critic of dense layers, with flat codes."""
    size = int(np.prod(shape))
    encoder = keras.Sequential(
        [keras.Input(shape), layers.Flatten(), layers.Dense(24, "relu"), layers.Dense(code)]
    )
    decoder = keras.Sequential(
        [keras.Input((code,)), layers.Dense(24, "relu"), layers.Dense(size), layers.Reshape(shape)]
    )
    critic = keras.Sequential(
        [keras.Input(shape), layers.Flatten(), layers.Dense(16, "relu"), layers.Dense(1)]
    )
    return {"encoder": encoder, "decoder": decoder, "critic": critic}


def make_own(name, networks=None, **options):
    """A model of this class with networks of one's own."""
    networks = networks or dense_networks()
    if name != "ACAI":
        networks.pop("critic")
    arguments = {key: value for key, value in MODELS[name].items() if key != "critic_depth"}
    return getattr(keras_acai, name)(**networks, **{"num_classes": 4, **arguments, **options})


def series(count=12):
    """Waves of 16 steps and 2 channels, far beyond [-1, 1]."""
    phase = np.random.default_rng(0).uniform(0, 6, (count, 1, 1))
    return 40 * np.sin(np.arange(32).reshape(16, 2) / 3 + phase)


def series_networks():
    """Recurrent encoder, convolutional decoder and critic for `series`."""
    encoder = keras.Sequential([keras.Input((16, 2)), layers.LSTM(6)])
    decoder = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8 * 4, "relu"),
            layers.Reshape((8, 4)),
            layers.UpSampling1D(2),
            layers.Conv1D(2, 3, padding="same"),
        ]
    )
    critic = keras.Sequential(
        [keras.Input((16, 2)), layers.Conv1D(4, 3, activation="relu"), layers.Conv1D(1, 3)]
    )
    return {"encoder": encoder, "decoder": decoder, "critic": critic}


def test_every_model_trains_and_is_used(name, x, y):
    keras.utils.set_random_seed(5)
    model = make_own(name)
    model.compile(keras.optimizers.Adam(3e-3))
    losses = model.fit(x, y, batch_size=6, epochs=10, verbose=0).history["rmse"]
    assert losses[-1] < losses[0]
    assert model.code_shape == (5,) and model.image_shape == (8, 8, 1)
    assert model.features(x, verbose=0).shape == (12, 5)
    assert model.interpolate(x[:3], x[3:6], 4, spacing="images").shape == (3, 4, 8, 8, 1)
    assert model.grid(*x[:4], size=3).shape == (1, 3, 3, 8, 8, 1)
    assert model.classify(x).shape == (12, 4)
    assert model.feature_extractor()(x).shape == (12, 5)
    assert "codes 5" in repr(model)


@pytest.mark.parametrize("name", ["ACAI", "VAE"], indirect=True)
def test_a_keras_file_brings_the_networks_along(name, x, y, tmp_path):
    model = make_own(name)
    model.compile()
    model.fit(x, y, batch_size=6, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.encode(x), model.encode(x), atol=1e-6)
    loaded.fit(x, y, batch_size=6, verbose=0)


@pytest.mark.once
def test_save_pretrained_says_which_call_to_use(x, tmp_path):
    model = make_own("ACAI")
    check_refused(r"encoder, decoder, critic.*model\.save", model.save_pretrained, tmp_path / "m")
    assert not (tmp_path / "m").exists()
    own_critic = make("ACAI", critic_depth=None, critic=dense_networks()["critic"])
    check_refused(r"\(critic\)", own_critic.save_pretrained, tmp_path / "m")


def test_a_critic_of_ones_own_beside_the_papers_networks(x, tmp_path):
    model = make("ACAI", critic_depth=None, critic=dense_networks()["critic"], num_classes=None)
    model.compile()
    model.fit(x, batch_size=6, verbose=0)
    assert model.estimate_alpha(x).shape == (12,)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.estimate_alpha(x), model.estimate_alpha(x), atol=1e-6)


@pytest.mark.parametrize("name", ["ACAI", "VQVAE"])
def test_data_that_are_not_pictures(name):
    keras.utils.set_random_seed(6)
    data = series()
    networks = series_networks()
    model = make_own(name, networks, value_range=None, num_classes=None)
    model.compile(keras.optimizers.Adam(1e-2))
    rmse = model.fit(data, batch_size=6, epochs=10, verbose=0).history["rmse"]
    assert rmse[-1] < rmse[0]
    errors = model.reconstruction_error(data)
    expected = np.sqrt(np.square(model.reconstruct(data) - data).mean(axis=(1, 2)))
    np.testing.assert_allclose(errors, expected, rtol=1e-4)
    assert model.path(data[:3], 4).shape == (7, 16, 2)
    assert model.feature_extractor()(data.astype("float32")).shape == (12, 6)


@pytest.mark.once
def test_rows_of_a_table():
    rows = np.random.default_rng(1).normal(3, 20, (12, 7))
    model = make_own("ACAI", dense_networks((7,), 3), value_range=None)
    model.compile()
    model.fit(rows, batch_size=4, verbose=0)
    assert model.interpolate(rows[:2], rows[2:4], 5).shape == (2, 5, 7)
    features = LatentFeatures(model).fit(rows)
    decoded = features.inverse_transform(features.transform(rows))
    np.testing.assert_allclose(decoded, model.reconstruct(rows), atol=1e-5)
    check_refused("uint8=True is for pictures", model.export, "exported", uint8=True)
    config = type(model).from_config(model.get_config())
    assert config.value_range is None and config.encode(rows).shape == (12, 3)


@pytest.mark.once
def test_other_data_are_checked(x):
    model = make_own("Autoencoder", series_networks(), value_range=None)
    data = series()
    check_refused(r"expected \(n, 16, 2\)", model.encode, data[:, :8])
    check_refused("data must be finite", model.encode, data * np.inf)
    check_refused("value_range is for pictures", model.encode, data, value_range=(0, 1))
    check_refused("not pictures: pass an array", model.encode, "picture.png")
    check_refused("likelihood of pictures", make_own, "VAE", value_range=None)
    check_refused(r"value_range=\(0, 1\)", make_own, "Autoencoder", value_range=(0, 1))


def test_layers_that_behave_otherwise_in_training_do(x):
    keras.utils.set_random_seed(5)
    networks = dense_networks()
    networks["encoder"] = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Flatten(), layers.BatchNormalization(), layers.Dense(5)]
    )
    model = make_own("ACAI", networks, num_classes=None)
    model.compile()
    before = keras.ops.convert_to_numpy(model.encoder.non_trainable_variables[0])
    model.fit(x, batch_size=6, verbose=0)
    after = keras.ops.convert_to_numpy(model.encoder.non_trainable_variables[0])
    assert np.abs(after - before).max() > 1e-4
    model.evaluate(x, verbose=0)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(model.encoder.non_trainable_variables[0]), after
    )


def test_a_decoder_with_a_state_sees_no_mixtures_among_reconstructions(x):
    """So that all backends train on the same losses."""
    networks = dense_networks()
    networks["decoder"] = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(64),
            layers.BatchNormalization(),
            layers.Reshape((8, 8, 1)),
        ]
    )
    model = make_own("ACAI", networks, num_classes=None)
    _, z, x_hat = model.objective(keras.ops.convert_to_tensor(x / 127.5 - 1, "float32"), True)
    alone = model.decoder(z, training=True)
    np.testing.assert_allclose(*map(keras.ops.convert_to_numpy, (x_hat, alone)), atol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize(
    "change, match",
    [
        ({"decoder": None}, "decoder=None: pass a Keras model"),
        ({"critic": None}, "critic=None: pass a Keras model"),
        ({"critic_depth": 4}, "critic_depth=4: leave it out"),
        (
            {"decoder": dense_networks(code=6)["decoder"]},
            r"shape \(5,\), the decoder takes \(6,\)",
        ),
        (
            {"decoder": dense_networks((4, 4, 1))["decoder"]},
            r"\(8, 8, 1\), the decoder gives \(4, 4",
        ),
        ({"critic": dense_networks((4, 4, 1))["critic"]}, r"data of shape \(4, 4, 1\)"),
        ({"encoder": keras.Sequential([layers.Dense(5)])}, "begin it with"),
        ({"encoder": keras.Sequential([keras.Input((None, 2)), layers.Dense(5)])}, "every axis"),
        ({"image_shape": (16, 16, 1)}, "sizes and networks"),
    ],
)
def test_networks_that_do_not_fit(change, match):
    check_refused(match, make_own, "ACAI", dense_networks() | change)


def test_a_critic_with_a_state_is_refused():
    critic = keras.Sequential([keras.Input((8, 8, 1)), layers.BatchNormalization()])
    check_refused("critic has a state", make_own, "ACAI", dense_networks() | {"critic": critic})


def test_half_precision_outputs_are_refused():
    encoder = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(5, dtype="mixed_bfloat16")]
    )
    check_refused("gives bfloat16", make_own, "ACAI", dense_networks() | {"encoder": encoder})
