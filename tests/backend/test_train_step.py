"""The train step: each player follows the gradients of its own losses alone."""

import functools
import os
import signal
import threading

import keras
import numpy as np
import pytest
from conftest import changes_in_a_step, make, weights_of
from keras import ops

from keras_acai import backend
from keras_acai.backend import bare_step, two_sided
from keras_acai.nn import networks


@pytest.fixture
def acai():
    return make("ACAI")


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


@pytest.mark.parametrize(
    "frozen",
    [
        ["decoder", "critic"],
        *(
            pytest.param(names, marks=pytest.mark.once)
            for names in (["encoder"], ["critic"], ["probe"], ["encoder", "decoder"])
        ),
    ],
)
def test_frozen_layers_stay(acai, x, y, frozen):
    for name in frozen:
        getattr(acai, name).trainable = False
    acai.compile(keras.optimizers.Adam(1e-2))
    moved = changes_in_a_step(acai, x, y)
    assert {name for name, change in moved.items() if change == 0} == set(frozen)
    before = [weights_of(getattr(acai, name)) for name in frozen]
    acai.fit(x, y, batch_size=6, verbose=0)
    assert np.isfinite(acai.evaluate(x, y, verbose=0)).all()
    for name, weights in zip(frozen, before):
        np.testing.assert_array_equal(weights_of(getattr(acai, name)), weights)


def test_a_step_with_nothing_to_train(acai, x):
    """All but the probe are frozen, and there are no labels."""
    for name in ("encoder", "decoder", "critic"):
        getattr(acai, name).trainable = False
    acai.compile()
    assert set(changes_in_a_step(acai, x).values()) == {0}


def test_steps_per_execution(acai, x, y):
    acai.compile(steps_per_execution=3)
    if keras.backend.backend() == "torch":  # as everywhere in Keras
        with pytest.raises(ValueError, match="steps_per_execution"):
            acai.fit(x, y, batch_size=2, verbose=0)
        return
    acai.fit(x, y, batch_size=2, verbose=0)
    assert int(keras.ops.convert_to_numpy(acai.optimizer.iterations)) == 6


def test_run_eagerly_gives_the_same_losses(x, y):
    losses = []
    for eager in (False, True):
        model = make("Autoencoder")
        model.compile(run_eagerly=eager)
        losses.append(model.fit(x, y, batch_size=6, verbose=0).history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="float16 on a CPU")
def test_loss_scaling_of_float16(x, y):
    model = make("ACAI", dtype="mixed_float16")
    model.compile(keras.optimizers.Adam(1e-2), critic_optimizer=keras.optimizers.Adam(1e-3))
    moved = changes_in_a_step(model, x, y)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert moved["encoder"] == pytest.approx(1e-2, rel=0.1)
    assert moved["critic"] == pytest.approx(1e-3, rel=0.1)


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


def test_other_batches_of_two_sided_reach_the_weights_alone():
    critic = networks.encoder((4, 4, 1), 2, 1, 3)
    x, other = np.random.default_rng(0).uniform(-1, 1, (2, 3, 4, 4, 1)).astype("float32")
    estimate = lambda x: ops.mean(critic(x), axis=(1, 2, 3))  # noqa: E731

    def of_other(other):
        first, second, last = two_sided(critic, estimate, ops.convert_to_tensor(x), other)
        np.testing.assert_allclose(values(first), values(estimate(x)), rtol=1e-5)
        np.testing.assert_allclose(values(second), values(first), rtol=1e-5)
        return ops.sum(ops.square(last))

    def values(tensor):
        return np.zeros(3) if backend.is_traced(tensor) else ops.convert_to_numpy(tensor)

    to_other, *to_weights = gradients(of_other, critic.trainable_variables, other)
    _, *expected = gradients(
        lambda x: ops.sum(ops.square(estimate(x))), critic.trainable_variables, other
    )
    assert not to_other.any()
    for actual, wanted in zip(to_weights, expected):
        np.testing.assert_allclose(actual, wanted, rtol=1e-4, atol=1e-5)


def test_batches_of_different_sizes_together():
    batches = [ops.convert_to_tensor(np.arange(2.0 * n).reshape(n, 2)) for n in (1, 3)]
    doubled = backend.together(lambda x: 2 * x, *batches)
    for actual, batch in zip(doubled, batches, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(actual), 2 * ops.convert_to_numpy(batch))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="oneDNN is TensorFlow's")
@pytest.mark.parametrize("has_onednn", [True, False])
def test_a_missing_onednn_is_reported_once(has_onednn, monkeypatch, recwarn):
    from keras_acai.backend import tensorflow

    monkeypatch.setattr(tensorflow, "uses_onednn", lambda: has_onednn)
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    tensorflow.warn_without_onednn.cache_clear()
    for _ in range(2):
        tensorflow.warn_without_onednn()
    messages = [str(warning.message) for warning in recwarn]
    assert sum("TF_ENABLE_ONEDNN_OPTS=1" in message for message in messages) == (not has_onednn)


def test_bare_steps_train_like_fit(acai, x):
    acai.compile()
    acai.fit(x, batch_size=12, verbose=0)
    before = weights_of(acai.encoder)
    with bare_step(acai, x) as step:
        losses = [float(step()) for _ in range(2)]
    assert np.isfinite(losses).all() and (weights_of(acai.encoder) != before).any()
    assert int(ops.convert_to_numpy(acai.optimizer.iterations)) == 3


def interrupt(delay, done):
    """Sends Ctrl-C after a delay, and again should a callback or a destructor swallow it."""
    while not done.wait(delay):
        os.kill(os.getpid(), signal.SIGINT)
        delay = 2


def test_the_model_survives_an_interrupted_fit(acai, x):
    """Wherever Ctrl-C comes, also while a step runs."""
    acai.compile(keras.optimizers.Adam(1e-3))
    acai.fit(x, batch_size=6, verbose=0)
    before = weights_of(acai.encoder)
    for delay in np.linspace(0.05, 0.3, 6):
        done = threading.Event()
        with pytest.raises(KeyboardInterrupt):
            threading.Thread(target=interrupt, args=(delay, done), daemon=True).start()
            try:
                acai.fit(x, batch_size=6, epochs=10**6, verbose=0)
            finally:
                done.set()
        assert np.isfinite(weights_of(acai.encoder)).all()
        assert np.isfinite(acai.encode(x)).all()
    assert np.abs(weights_of(acai.encoder) - before).max() > 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
