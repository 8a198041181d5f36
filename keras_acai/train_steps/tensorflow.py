"""The train step on TensorFlow: one tape."""

import functools
import os
import warnings

import tensorflow as tf

from keras_acai import replicas
from keras_acai.train_steps import sharing


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`; see `keras_acai.train_steps`."""

    def make_train_function(self, force=False):
        advise()
        return super().make_train_function(force)

    def train_step(self, data):
        with tf.GradientTape() as tape:
            losses = self.player_losses(data, training=True)
            scaled = [self.optimizer.scale_loss(loss) for loss in losses.values()]
        variables = self.variables_of(losses)
        gradients = tape.gradient(scaled, variables)
        # Without this, a stream that ends within a step would still count it.
        with tf.control_dependencies(list(losses.values())):
            self.optimizer.apply(replicas.mean(gradients), variables)
        return self.step_logs(losses)

    def test_step(self, data):
        return self.step_logs(self.player_losses(data, training=False))


def two_sided(network, function, x):
    @tf.custom_gradient
    def views(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)

        def pull(maker, owner, variables=()):
            cotangent, factor = sharing.one_cotangent(maker, owner)
            gradient, *moves = tape.gradient(y, [x, *variables], output_gradients=cotangent)
            return sharing.scaled(gradient, factor), moves

        return (tf.identity(y), tf.identity(y)), pull

    return views(x)


def compiled(model, function):
    """`function` as one graph; shapes that vary are traced once."""
    del model  # its variables are captured
    return tf.function(function, reduce_retracing=True, autograph=False)


@functools.cache
def advise():
    """Warns once where TensorFlow leaves a CPU's faster convolutions off."""
    chosen = "TF_ENABLE_ONEDNN_OPTS" in os.environ
    if not (chosen or has_onednn() or tf.config.list_physical_devices("GPU")):
        warnings.warn(
            "TensorFlow trains without oneDNN on this CPU, about half as fast as it could: set "
            "TF_ENABLE_ONEDNN_OPTS=1 in the environment before TensorFlow is imported.",
            stacklevel=2,
        )


def has_onednn():
    """Whether TensorFlow uses oneDNN; True where that cannot be known or had."""
    try:
        from tensorflow.python.util import _pywrap_util_port as port
    except ImportError:
        return True
    return port.IsMklEnabled() or not port.IsX86Available()
