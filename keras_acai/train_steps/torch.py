"""The train step on PyTorch: one `autograd.grad`."""

import functools

import keras
import torch

from keras_acai import replicas
from keras_acai.train_steps import sharing


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`; see `keras_acai.train_steps`."""

    def train_step(self, data):
        losses = self.player_losses(self.batch_of(data), training=True)
        variables = self.variables_of(losses)
        if variables:
            gradients = torch.autograd.grad(
                [self.optimizer.scale_loss(loss) for loss in losses.values() if loss.requires_grad],
                [variable.value for variable in variables],
                allow_unused=True,
            )
            with torch.no_grad():
                self.optimizer.apply(replicas.mean(gradients), variables)
        return self.step_logs(losses)

    def test_step(self, data):
        return self.step_logs(self.player_losses(data, training=False))


def two_sided(network, function, x):
    variables = [variable.value for variable in network.trainable_variables]
    return _Views.apply(function, variables, x, *variables)


class _Views(torch.autograd.Function):
    """`function(x)` twice; `variables` come again one by one, so that gradients flow to them."""

    @staticmethod
    def forward(context, function, variables, x, *_):
        with torch.enable_grad():
            context.inputs = [x.detach().requires_grad_(), *variables]
            context.output = function(context.inputs[0])
        y = context.output.detach()
        return y, y.clone()

    @staticmethod
    def backward(context, maker, owner):
        cotangent, factor = sharing.one_cotangent(maker, owner)
        gradient, *moves = torch.autograd.grad(
            context.output, context.inputs, cotangent, allow_unused=True
        )
        return None, None, sharing.scaled(gradient, factor), *moves


def compiled(model, function):
    """`function` without gradients, on the device of the model."""
    del model

    @functools.wraps(function)
    @torch.no_grad()
    def call(*arrays):
        return function(*(keras.ops.convert_to_tensor(array) for array in arrays))

    return call
