"""The train step on TensorFlow: one tape."""

import tensorflow as tf

from keras_acai import replicas
from keras_acai.train_steps import sharing


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`; see `keras_acai.train_steps`."""

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
