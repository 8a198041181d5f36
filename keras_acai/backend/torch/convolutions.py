"""Convolutions on PyTorch: channels-last all along, with the bias in the convolution."""

import torch
from torch.nn import functional

from keras_acai.backend import algebra


def convolve(x, kernel, bias, slope=None):
    x = _channels_first(x)
    kernel = kernel.permute(3, 2, 0, 1)
    if kernel.shape[0] == 1:  # bfloat16 on a CPU without such instructions: PyTorch refuses others
        kernel = kernel.contiguous()
    layer = _ByProduct.apply if _is_better_as_product(x, kernel.shape[0]) else _convolution
    return _channels_last(_leaky_relu(layer(x, kernel, bias), slope))


def convolve_doubled(x, kernel, bias, slope=None):
    x = _channels_first(x)
    kernel = algebra.doubling_kernel(kernel).permute(2, 3, 0, 1)
    layer = _DoubledByProduct.apply if _is_better_as_product(x, kernel.shape[1]) else _doubled
    return _channels_last(_leaky_relu(layer(x, kernel, bias), slope))


def halve(x):
    return _channels_last(functional.avg_pool2d(_channels_first(x), 2))


def _convolution(x, kernel, bias):
    return functional.conv2d(x, kernel, bias, padding=kernel.shape[-1] // 2)


def _doubled(x, kernel, bias):
    return functional.conv_transpose2d(x, kernel, bias, stride=2, padding=1)


class _ByProduct(torch.autograd.Function):
    """A convolution whose kernel's gradient is a product of matrices."""

    @staticmethod
    def forward(context, x, kernel, bias):
        context.save_for_backward(x, kernel)
        return _convolution(x, kernel, bias)

    @staticmethod
    def backward(context, dy):
        x, kernel = context.saved_tensors
        size = kernel.shape[-1]
        dk = algebra.kernel_gradient(_channels_last(x), _channels_last(dy), size)
        return _to_inputs(context, dy, 1, size // 2, False), dk.permute(3, 2, 0, 1), _to_bias(dy)


class _DoubledByProduct(torch.autograd.Function):
    """The same for a transposed convolution that doubles an image."""

    @staticmethod
    def forward(context, x, kernel, bias):
        context.save_for_backward(x, kernel)
        return _doubled(x, kernel, bias)

    @staticmethod
    def backward(context, dy):
        x, _ = context.saved_tensors
        dk = algebra.doubled_kernel_gradient(_channels_last(x), _channels_last(dy))
        return _to_inputs(context, dy, 2, 1, True), dk.permute(3, 2, 0, 1), _to_bias(dy)


def _to_inputs(context, dy, stride, padding, is_transposed):
    """The gradient of a convolution's inputs, or None if nothing needs it."""
    if not context.needs_input_grad[0]:
        return None
    numbers = [stride] * 2, [padding] * 2, [1, 1], is_transposed, [0, 0], 1
    mask = [True, False, False]
    return torch.ops.aten.convolution_backward(dy, *context.saved_tensors, None, *numbers, mask)[0]


def _to_bias(dy):
    return dy.sum((0, 2, 3))


def _is_better_as_product(x, outputs):
    inputs, *sides = x.shape[1:]
    positions = sides[0] * sides[1]
    return x.device.type == "cpu" and algebra.is_better_as_product(positions, inputs, outputs)


def _leaky_relu(x, slope):
    """In place, because a convolution does not need its output for its gradient."""
    return x if slope is None else functional.leaky_relu(x, slope, inplace=True)


def _channels_first(x):
    """The same memory, read as (n, channels, height, width)."""
    return x.permute(0, 3, 1, 2)


def _channels_last(x):
    return x.permute(0, 2, 3, 1)
