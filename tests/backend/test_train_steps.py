"""The train step: who moves what, by which optimizer, and how Keras drives it."""

import functools

import keras
import numpy as np
import pytest
from conftest import make, weights_of
from keras import ops

import keras_acai
from keras_acai.backend import two_sided
from keras_acai.nn import networks


@pytest.fixture
def acai():
    return make("ACAI")


def step(model, x, y=None):
    """What one step on a batch moves: {layer: the largest change}."""
    layers = {name: getattr(model, name) for name in ("encoder", "decoder", "critic", "probe")}
    before = {name: weights_of(layer) for name, layer in layers.items()}
    model.train_on_batch(x, y)
    return {name: np.abs(weights_of(layer) - before[name]).max() for name, layer in layers.items()}


def test_each_player_has_its_own_optimizer(acai, x, y):
    rates = {"optimizer": 1e-2, "critic_optimizer": 1e-3, "probe_optimizer": 1e-4}
    acai.compile(**{name: keras.optimizers.Adam(rate) for name, rate in rates.items()})
    moved = step(acai, x, y)  # Adam's first step is the learning rate, wherever there is a gradient
    expected = {"encoder": 1e-2, "decoder": 1e-2, "critic": 1e-3, "probe": 1e-4}
    assert moved == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("kind", ["AAE", "ACAI"])
def test_a_player_minimises_its_own_losses_alone(kind, x):
    """With no adversarial weight the autoencoder moves as a plain one does."""
    plain, judged = make("Autoencoder"), make(kind, adversarial_weight=0)
    for layer in ("encoder", "decoder"):
        getattr(judged, layer).set_weights(getattr(plain, layer).get_weights())
    critic = weights_of(judged.critic)
    for model in (plain, judged):
        model.compile(keras.optimizers.SGD(1.0))
        model.train_on_batch(x)
    np.testing.assert_allclose(weights_of(judged.encoder), weights_of(plain.encoder), atol=1e-6)
    np.testing.assert_allclose(weights_of(judged.decoder), weights_of(plain.decoder), atol=1e-6)
    assert np.abs(weights_of(judged.critic) - critic).max() > 0


@pytest.mark.parametrize("several", [False, True])
def test_labels_may_come_after_steps_without(acai, x, y, several):
    critic = {"critic_optimizer": keras.optimizers.SGD(1e-3)} if several else {}
    acai.compile(keras.optimizers.Adam(1e-2), **critic)
    assert step(acai, x)["probe"] == 0
    assert step(acai, x, y)["probe"] > 0


@pytest.mark.parametrize(
    "frozen", [["encoder"], ["critic"], ["probe"], ["encoder", "decoder"], ["decoder", "critic"]]
)
def test_frozen_layers_stay(acai, x, y, frozen):
    for name in frozen:
        getattr(acai, name).trainable = False
    acai.compile(keras.optimizers.Adam(1e-2))
    moved = step(acai, x, y)
    assert {name for name, change in moved.items() if change == 0} == set(frozen)
    before = [weights_of(getattr(acai, name)) for name in frozen]
    acai.fit(x, y, batch_size=6, verbose=0)
    assert np.isfinite(acai.evaluate(x, y, verbose=0)).all()
    for name, weights in zip(frozen, before):
        np.testing.assert_array_equal(weights_of(getattr(acai, name)), weights)


def test_a_step_that_moves_nobody(acai, x):
    """All but the probe are frozen, and there are no labels."""
    for name in ("encoder", "decoder", "critic"):
        getattr(acai, name).trainable = False
    acai.compile()
    assert set(step(acai, x).values()) == {0}


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


def test_optimizer_of_a_player_that_is_not_there():
    with pytest.raises(ValueError, match="has no critic"):
        make("Autoencoder").compile(critic_optimizer="sgd")
    with pytest.raises(ValueError, match="num_classes"):
        make("ACAI", num_classes=None).compile(probe_optimizer="sgd")
    with pytest.raises(ValueError, match="own losses"):
        make("ACAI").compile(loss="mse")


def test_default_optimizer_is_the_papers(acai):
    acai.compile()
    config = acai.optimizer.get_config()
    assert isinstance(acai.optimizer, keras.optimizers.Adam) and config["epsilon"] == 1e-8
    assert config["learning_rate"] == pytest.approx(1e-4)


@pytest.mark.parametrize(
    "clip", [{"clipnorm": 1e-6}, {"global_clipnorm": 1e-6}, {"clipvalue": 1e-6}]
)
def test_gradient_clipping(acai, x, y, clip):
    acai.compile(keras.optimizers.SGD(1.0, **clip))
    assert 0 < max(step(acai, x, y).values()) <= 1.1e-6


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
        assert step(acai, x, y)["encoder"] > 0
    assert step(acai, x, y)["encoder"] == 0


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


def test_steps_per_execution(acai, x, y):
    acai.compile(steps_per_execution=3)
    if keras.backend.backend() == "torch":  # as everywhere in Keras
        with pytest.raises(ValueError, match="steps_per_execution"):
            acai.fit(x, y, batch_size=2, verbose=0)
        return
    acai.fit(x, y, batch_size=2, verbose=0)
    assert int(keras.ops.convert_to_numpy(acai.optimizer.iterations)) == 6


def test_metrics_compare_images_with_reconstructions(acai, x, y):
    acai.compile(metrics=["mae"])
    logs = acai.evaluate(x, y, verbose=0, return_dict=True)
    expected = np.abs(acai.predict(x, verbose=0) - (x / 127.5 - 1)).mean()
    (mae,) = [value for name, value in logs.items() if "mae" in name or "absolute" in name]
    assert mae == pytest.approx(expected, rel=1e-4)


def test_run_eagerly_gives_the_same_losses(x, y):
    losses = []
    for eager in (False, True):
        model = make("ACAI")
        model.compile(run_eagerly=eager)
        losses.append(model.fit(x, y, batch_size=6, verbose=0).history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-5)


def test_evaluate_changes_no_weight(model, x, y):
    before = [weights_of(layer) for layer in model.layers if layer.weights]
    model.evaluate(x, y, verbose=0)
    after = [weights_of(layer) for layer in model.layers if layer.weights]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="float16 on a CPU")
def test_loss_scaling_of_float16(x, y):
    model = make("ACAI", dtype="mixed_float16")
    model.compile(keras.optimizers.Adam(1e-2), critic_optimizer=keras.optimizers.Adam(1e-3))
    moved = step(model, x, y)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert moved["encoder"] == pytest.approx(1e-2, rel=0.1)
    assert moved["critic"] == pytest.approx(1e-3, rel=0.1)


def test_a_new_objective_is_one_class_with_one_method(x):
    class Sparse(keras_acai.Autoencoder):
        players = (
            keras_acai.engine.players.Player(
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


def gradients(function, variables, x):
    """d function(x) / d x and / d variables, as NumPy arrays, zeros where nothing flows."""
    x, values = ops.convert_to_tensor(x), [variable.value for variable in variables]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        zero = tf.UnconnectedGradients.ZERO
        flows = tape.gradient(value, [x, *values], unconnected_gradients=zero)
    elif keras.backend.backend() == "torch":
        import torch

        x.requires_grad_()
        flows = torch.autograd.grad(
            function(x), [x, *values], allow_unused=True, materialize_grads=True
        )
    else:
        import jax

        def of(x, values):
            with keras.StatelessScope(zip(variables, values)):
                return function(x)

        to_x, to_variables = jax.grad(of, argnums=(0, 1))(x, values)
        flows = [to_x, *to_variables]
    return [ops.convert_to_numpy(flow) for flow in flows]


def test_a_loss_reaches_the_weights_of_its_own_player_alone(model, x, y):
    labels = ops.convert_to_tensor(y)

    def loss_named(name, x):
        losses, code, _ = model.objective(x, training=True)
        return losses[name] if name in losses else model._probe_loss(code, labels)[0]

    def flow(name, player, x):
        moves = model.player_variables(player.name)
        _, *flows = gradients(functools.partial(loss_named, name), moves, x)
        return max(abs(flow).max() for flow in flows)

    x = ops.convert_to_numpy(model.scale(ops.convert_to_tensor(x)))
    flows = {
        (name, player.name): flow(name, player, x)
        for player in model.players
        for owner in model.players
        for name in owner.losses
    }
    for player in model.players:
        own = [flows.pop((name, player.name)) for name in player.losses]
        assert min(own) > 0
        others = [value for (_, mover), value in flows.items() if mover == player.name]
        assert max(others, default=0) < 1e-5 * max(own), player.name


@pytest.mark.parametrize("maker_weight", [0.0, 0.5])
def test_two_sided_gives_what_two_passes_would(maker_weight):
    """Also where the owner's cotangent of an image is 0, and where the maker's is."""
    critic = networks.encoder((4, 4, 1), 2, 1, 3)
    x = np.random.default_rng(0).uniform(-1, 1, (5, 4, 4, 1)).astype("float32")
    estimate = lambda x: ops.mean(critic(x), axis=(1, 2, 3))  # noqa: E731
    difference = np.float32([0, 0.1, -0.2, 1e-9, 3])
    target = ops.convert_to_tensor(ops.convert_to_numpy(estimate(x)) + difference)

    maker_loss = lambda y: maker_weight * ops.sum(ops.square(y))  # noqa: E731
    owner_loss = lambda y: ops.sum(ops.square(y - target))  # noqa: E731

    def together(x):
        maker, owner = two_sided(critic, estimate, x)
        return maker_loss(maker) + owner_loss(owner)

    to_x, *to_weights = gradients(together, critic.trainable_variables, x)
    expected, *_ = gradients(lambda x: maker_loss(estimate(x)), critic.trainable_variables, x)
    np.testing.assert_allclose(to_x, expected, rtol=1e-4, atol=1e-6)
    _, *expected = gradients(lambda x: owner_loss(estimate(x)), critic.trainable_variables, x)
    for actual, wanted in zip(to_weights, expected):
        np.testing.assert_allclose(actual, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="oneDNN is TensorFlow's")
@pytest.mark.parametrize("has_onednn", [True, False])
def test_a_forgotten_onednn_is_named_once(has_onednn, monkeypatch, recwarn):
    from keras_acai.backend import tensorflow as backend

    monkeypatch.setattr(backend, "uses_onednn", lambda: has_onednn)
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    backend.warn_without_onednn.cache_clear()
    for _ in range(2):
        backend.warn_without_onednn()
    messages = [str(warning.message) for warning in recwarn]
    assert sum("TF_ENABLE_ONEDNN_OPTS=1" in message for message in messages) == (not has_onednn)
