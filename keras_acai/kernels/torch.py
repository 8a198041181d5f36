"""Kernels on PyTorch: channels-last all along, with the bias in the convolution."""

from torch.nn import functional

from keras_acai.kernels import doubling


def convolve(x, kernel, bias, slope=None):
    kernel = kernel.permute(3, 2, 0, 1)
    padding = kernel.shape[-1] // 2
    return _last(_lrelu(functional.conv2d(_first(x), kernel, bias, padding=padding), slope))


def convolve_doubled(x, kernel, bias, slope=None):
    kernel = doubling.kernel_of(kernel).permute(2, 3, 0, 1)
    x = functional.conv_transpose2d(_first(x), kernel, bias, stride=2, padding=1)
    return _last(_lrelu(x, slope))


def halve(x):
    return _last(functional.avg_pool2d(_first(x), 2))


def _lrelu(x, slope):
    """In place: a convolution does not look at its output again."""
    return x if slope is None else functional.leaky_relu(x, slope, inplace=True)


def _first(x):
    """The same memory, read as (n, channels, height, width)."""
    return x.permute(0, 3, 1, 2)


def _last(x):
    return x.permute(0, 2, 3, 1)
