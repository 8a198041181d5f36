"""Models with several players: which optimizer trains what, and what is logged and saved."""

import keras
import numpy as np
import pytest
from conftest import changes_in_a_step, check_refused, make, weights_of

import keras_acai
from keras_acai.engine.multiplayer import MultiPlayerModel


@pytest.fixture
def acai():
    return make("ACAI")


def test_classes_are_at_most_three_levels_above_keras(name):
    """ACAI → Autoencoder → MultiPlayerModel → keras.Model; mixins are not models themselves."""
    levels = [kind for kind in getattr(keras_acai, name).__mro__ if issubclass(kind, keras.Model)]
    assert levels.index(keras.Model) <= 3
    assert levels[levels.index(keras.Model) - 1] is MultiPlayerModel


def test_each_player_has_its_own_optimizer(acai, x, y):
    rates = {"optimizer": 1e-2, "critic_optimizer": 1e-3, "probe_optimizer": 1e-4}
    acai.compile(**{name: keras.optimizers.Adam(rate) for name, rate in rates.items()})
    moved = changes_in_a_step(
        acai, x, y
    )  # Adam's first step is the learning rate, wherever there is a gradient
    expected = {"encoder": 1e-2, "decoder": 1e-2, "critic": 1e-3, "probe": 1e-4}
    assert moved == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("several", [False, True])
def test_labels_may_come_after_steps_without(acai, x, y, several):
    critic = {"critic_optimizer": keras.optimizers.SGD(1e-3)} if several else {}
    acai.compile(keras.optimizers.Adam(1e-2), **critic)
    assert changes_in_a_step(acai, x)["probe"] == 0
    assert changes_in_a_step(acai, x, y)["probe"] > 0


def test_metrics_of_an_earlier_compile_are_gone(acai, x):
    for name in ("old", "new"):
        acai.compile(metrics=[keras.metrics.MeanAbsoluteError(name=name)])
    logs = acai.evaluate(x, verbose=0, return_dict=True)
    assert "new" in logs and "old" not in logs


def test_objective_and_players_must_agree(x):
    class Forgetful(keras_acai.Autoencoder):
        def objective(self, x, training):
            losses, z, x_hat = super().objective(x, training)
            return {"surplus_loss": losses["reconstruction_loss"]}, z, x_hat

    model = Forgetful(image_shape=(8, 8, 1), latent_width=2, depth=2)
    model.compile()
    with pytest.raises(ValueError, match=r"lacks \['reconstruction_loss'\].*'surplus_loss'"):
        model.fit(x, verbose=0)


def test_an_optimizer_of_a_missing_player_is_refused():
    with pytest.raises(ValueError, match="has no critic"):
        make("Autoencoder").compile(critic_optimizer="sgd")
    with pytest.raises(ValueError, match="num_classes"):
        make("ACAI", num_classes=None).compile(probe_optimizer="sgd")
    with pytest.raises(ValueError, match="own losses"):
        make("ACAI").compile(loss="mse")


def test_default_optimizer_is_that_of_the_paper(acai):
    acai.compile()
    config = acai.optimizer.get_config()
    assert isinstance(acai.optimizer, keras.optimizers.Adam) and config["epsilon"] == 1e-8
    assert config["learning_rate"] == pytest.approx(1e-4)


@pytest.mark.parametrize(
    "clip",
    [
        {"global_clipnorm": 1e-6},
        pytest.param({"clipnorm": 1e-6}, marks=pytest.mark.once),
        pytest.param({"clipvalue": 1e-6}, marks=pytest.mark.once),
    ],
)
def test_gradient_clipping(acai, x, y, clip):
    acai.compile(keras.optimizers.SGD(1.0, **clip))
    assert 0 < max(changes_in_a_step(acai, x, y).values()) <= 1.1e-6


@pytest.mark.parametrize("several", [False, True])
def test_learning_rate_schedules(acai, x, y, several):
    critic = {"critic_optimizer": keras.optimizers.SGD(1e-3)} if several else {}
    acai.compile(keras.optimizers.Adam(1e-3), **critic)
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    acai.fit(x, y, batch_size=6, epochs=3, verbose=0, callbacks=[halve])
    optimizers = acai.optimizer.optimizers if several else [acai.optimizer]
    rates = [float(keras.ops.convert_to_numpy(one.learning_rate)) for one in optimizers]
    assert rates == pytest.approx([1e-3 / 8] * len(optimizers))


def test_keras_learning_rate_schedule_in_the_optimizer(acai, x, y):
    decay = keras.optimizers.schedules.PiecewiseConstantDecay([1], [1e-2, 0.0])
    acai.compile(keras.optimizers.Adam(decay))
    for _ in range(2):
        assert changes_in_a_step(acai, x, y)["encoder"] > 0
    assert changes_in_a_step(acai, x, y)["encoder"] == 0


def test_several_optimizers_survive_saving(acai, x, y, tmp_path):
    acai.compile(keras.optimizers.Adam(1e-3), probe_optimizer=keras.optimizers.SGD(0.1, 0.9))
    acai.fit(x, y, batch_size=6, verbose=0)
    acai.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert [type(one).__name__ for one in again.optimizer.optimizers] == ["Adam", "SGD"]
    losses = [
        model.fit(x, y, batch_size=6, shuffle=False, verbose=0).history for model in (acai, again)
    ]
    for name, values in losses[0].items():
        np.testing.assert_allclose(losses[1][name], values, rtol=1e-4, atol=1e-6, err_msg=name)


def test_validation_checkpoints_and_early_stopping(acai, x, y, tmp_path):
    acai.compile(keras.optimizers.Adam(1e-2))
    best = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.keras", monitor="val_reconstruction_loss", mode="min", save_best_only=True
    )
    stop = keras.callbacks.EarlyStopping("val_rmse", mode="min", patience=0, min_delta=1e9)
    history = acai.fit(
        x[:8],
        y[:8],
        batch_size=4,
        epochs=9,
        verbose=0,
        validation_data=(x[8:], y[8:]),
        callbacks=[best, stop],
    ).history
    assert len(history["val_loss"]) == 2
    assert {"val_rmse", "val_critic_loss", "val_probe_accuracy"} <= set(history)
    again = keras.saving.load_model(tmp_path / "best.keras")
    logs = again.evaluate(x[8:], y[8:], verbose=0, return_dict=True)
    assert logs["reconstruction_loss"] == pytest.approx(
        min(history["val_reconstruction_loss"]), rel=1e-4
    )


def test_validation_split(acai, x, y):
    acai.compile()
    history = acai.fit(x, y, batch_size=3, validation_split=0.25, verbose=0).history
    assert np.isfinite(history["val_loss"]).all()


def test_metrics_compare_images_with_reconstructions(acai, x, y):
    acai.compile(metrics=["mae"])
    logs = acai.evaluate(x, y, verbose=0, return_dict=True)
    expected = np.abs(acai.predict(x, verbose=0) - (x / 127.5 - 1)).mean()
    (mae,) = [value for name, value in logs.items() if "mae" in name or "absolute" in name]
    assert mae == pytest.approx(expected, rel=1e-4)


def test_evaluate_changes_no_weight(model, x, y):
    before = [weights_of(layer) for layer in model.layers if layer.weights]
    model.evaluate(x, y, verbose=0)
    after = [weights_of(layer) for layer in model.layers if layer.weights]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_new_objective_is_one_class_with_one_method(x):
    class Sparse(keras_acai.Autoencoder):
        players = (
            keras_acai.Player(
                "autoencoder", ("encoder", "decoder"), ("reconstruction_loss", "sparsity_loss")
            ),
        )

        def objective(self, x, training):
            losses, z, x_hat = super().objective(x, training)
            losses["sparsity_loss"] = 0.1 * keras.ops.mean(keras.ops.abs(z))
            return losses, z, x_hat

    model = Sparse(image_shape=(8, 8, 1), latent_width=2, depth=2)
    model.compile()
    assert model.fit(x, verbose=0).history["sparsity_loss"][0] > 0


@pytest.mark.parametrize(
    "metric", ["accuracy", "acc", "BinaryAccuracy", keras.metrics.SparseCategoricalAccuracy()]
)
def test_accuracies_of_pixels_are_refused(acai, metric):
    check_refused("probe_accuracy", acai.compile, metrics=[metric])
    acai.compile(metrics=["mae"])
