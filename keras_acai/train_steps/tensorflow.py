"""The train step on TensorFlow: one persistent tape."""

import tensorflow as tf

from keras_acai import replicas


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`; see `keras_acai.train_steps`."""

    def train_step(self, data):
        with tf.GradientTape(persistent=True) as tape:
            losses = self.player_losses(data, training=True)
            scaled = {name: self.optimizer.scale_loss(loss) for name, loss in losses.items()}
        gradients, variables = [], []
        for name, loss in scaled.items():
            moved = self.player_variables(name)
            gradients += tape.gradient(loss, moved)
            variables += moved
        # Without this, a stream that ends within a step would still count it.
        with tf.control_dependencies(list(losses.values())):
            self.optimizer.apply(replicas.mean(gradients), variables)
        return self.step_logs(losses)

    def test_step(self, data):
        return self.step_logs(self.player_losses(data, training=False))


def compiled(model, function):
    """`function` as one graph; shapes that vary are traced once."""
    del model  # its variables are captured
    return tf.function(function, reduce_retracing=True, autograph=False)
