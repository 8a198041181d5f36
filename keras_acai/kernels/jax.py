"""Kernels on JAX, where XLA is best left with plain operations."""

from keras import ops


def convolve(x, kernel, bias, slope=None):
    x = ops.conv(x, kernel, padding="same", data_format="channels_last") + bias
    return x if slope is None else ops.leaky_relu(x, slope)


def convolve_doubled(x, kernel, bias, slope=None):
    return convolve(ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2), kernel, bias, slope)


def halve(x):
    return ops.average_pool(x, 2, 2, data_format="channels_last")
