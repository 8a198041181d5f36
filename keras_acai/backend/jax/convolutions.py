"""Convolutions on JAX: XLA is best left with plain ones, but for one exception."""

import jax
from keras import ops

from keras_acai.backend import algebra


def convolve(x, kernel, bias, slope=None):
    is_tiny = min(x.shape[1:3]) < kernel.shape[0]
    convolution = _product if is_tiny and jax.default_backend() == "cpu" else _convolution
    x = convolution(x, kernel) + bias
    return x if slope is None else ops.leaky_relu(x, slope)


def convolve_doubled(x, kernel, bias, slope=None):
    return convolve(ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2), kernel, bias, slope)


def halve(x):
    return ops.average_pool(x, 2, 2, data_format="channels_last")


def _convolution(x, kernel):
    return ops.conv(x, kernel, padding="same", data_format="channels_last")


def _product(x, kernel):
    """The same as a product of matrices.

    XLA's convolution on a CPU takes up to 20 times as long where an image is smaller than the
    kernel.
    """
    *sides, outputs = *x.shape[1:3], kernel.shape[-1]
    rows = ops.matmul(algebra.patches(x, kernel.shape[0]), ops.reshape(kernel, (-1, outputs)))
    return ops.reshape(rows, (-1, *sides, outputs))
