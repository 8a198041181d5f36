"""The train step on PyTorch: one graph, one `autograd.grad` per player."""

import functools

import keras
import torch

from keras_acai import replicas


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`; see `keras_acai.train_steps`."""

    def train_step(self, data):
        losses = self.player_losses(data, training=True)
        moves = [(loss, self.player_variables(name)) for name, loss in losses.items()]
        moves = [(loss, moved) for loss, moved in moves if moved]
        gradients, variables = [], []
        for left, (loss, moved) in zip(reversed(range(len(moves))), moves):
            gradients += torch.autograd.grad(
                self.optimizer.scale_loss(loss),
                [variable.value for variable in moved],
                retain_graph=left > 0,
                allow_unused=True,
            )
            variables += moved
        with torch.no_grad():
            self.optimizer.apply(replicas.mean(gradients), variables)
        return self.step_logs(losses)

    def test_step(self, data):
        return self.step_logs(self.player_losses(data, training=False))


def compiled(model, function):
    """`function` without gradients, on the device of the model."""
    del model

    @functools.wraps(function)
    @torch.no_grad()
    def call(*arrays):
        return function(*(keras.ops.convert_to_tensor(array) for array in arrays))

    return call
