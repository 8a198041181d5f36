"""Algebra that saves work, written once for all backends."""

import numpy as np
from keras import ops

TINY = 1e-6  # below float32's rounding
_ONCE = [[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]]  # a column of 3 weights on doubled pixels
_DOUBLING = np.kron(_ONCE, _ONCE)  # (16, 9), for a kernel's rows and columns


def shared_cotangent(for_input, for_weights):
    """One cotangent for a single backward pass that serves two losses.

    A network that looks at each image of a batch by itself has a block-diagonal Jacobian, so the
    gradients of two losses with respect to its inputs differ by one factor per image. `two_sided`
    therefore runs backwards once, with the cotangent that the weights need, and multiplies the
    gradient at the inputs by that factor. Where that cotangent is 0 or next to it, a tiny part of
    the other one takes its place, so that the factor stays finite.

    Args:
        for_input: cotangent of the loss that the inputs follow, (n, …) with one number per image.
        for_weights: cotangent of the loss that the weights follow, of the same shape.

    Returns:
        (cotangent, factor), each of the same shape, with for_input = factor · cotangent.
    """
    is_tiny = ops.abs(for_weights) < TINY * ops.abs(for_input)
    cotangent = ops.where(is_tiny, TINY * for_input, for_weights)
    is_zero = ops.equal(cotangent, 0)
    factor = ops.where(is_zero, 0.0, for_input / ops.where(is_zero, 1.0, cotangent))
    return cotangent, ops.cast(factor, for_input.dtype)


def scale_per_image(gradient, factor):
    """Multiplies a gradient (n, …) by one factor per image."""
    factor = ops.reshape(factor, (-1, *[1] * (gradient.ndim - 1)))
    return gradient * ops.cast(factor, gradient.dtype)


def product(a, b):
    """a·b in the dtype of a. Keras's own product of float64 is float32 on PyTorch."""
    return ops.cast(ops.matmul(a, b), a.dtype)


def doubling_kernel(kernel):
    """The kernel that doubles an image and convolves it as one transposed convolution.

    Every pixel of the small image reaches 4×4 pixels of the large one: 16 products replace the 36
    of a 3×3 convolution over four copies of the pixel, and nothing is copied.

    Args:
        kernel: (3, 3, inputs, outputs).

    Returns:
        (4, 4, inputs, outputs), for a stride of 2.
    """
    rows = ops.reshape(kernel, (9, -1))
    rows = product(ops.convert_to_tensor(_DOUBLING, kernel.dtype), rows)
    return ops.reshape(rows, (4, 4, *kernel.shape[2:]))


def patches(x, size, stride=1):
    """What a kernel covers at each of its positions.

    Args:
        x: (n, stride·height, stride·width, channels).
        size: int. The kernel covers size × size pixels, as many beyond one border as beyond the
            other, where they are 0.
        stride: int. Pixels from one position to the next. Defaults to 1.

    Returns:
        (n·height·width, size·size·channels), row after row of the kernel.
    """
    _, height, width, channels = x.shape
    pixels = ops.pad(ops.reshape(x, (-1, height * width, channels)), [(0, 0), (0, 1), (0, 0)])
    covered = ops.take(pixels, _covered(height, width, size, stride).ravel(), axis=1)
    return ops.reshape(covered, (-1, size * size * channels))


def _covered(height, width, size, stride):
    """The numbers of the pixels that a kernel covers at each of its positions.

    Returns:
        (positions, size·size): row·width + column, or height·width for those beyond the border.
    """
    numbers = np.arange(height * width).reshape(height, width)
    numbers = np.pad(numbers, (size - stride) // 2, constant_values=height * width)
    windows = np.lib.stride_tricks.sliding_window_view(numbers, (size, size))
    return windows[::stride, ::stride].reshape(-1, size * size).astype("int32")


def is_better_as_product(positions, inputs, outputs):
    """Whether a CPU computes a kernel's gradient faster as one product of matrices.

    Its convolutions are made for large images. At few positions with many channels, they reach a
    fraction of a product's rate (docs/speed.md).
    """
    return 2 * positions <= max(inputs, outputs)


def kernel_gradient(x, dy, size):
    """The gradient of a 'same' convolution's kernel, as one product of matrices.

    Args:
        x: (n, height, width, inputs). What was convolved.
        dy: (n, height, width, outputs). The gradient of the result.
        size: int. 1 or 3.

    Returns:
        (size, size, inputs, outputs).
    """
    inputs, outputs = x.shape[-1], dy.shape[-1]
    if inputs <= outputs:
        return ops.reshape(_outer(patches(x, size), dy), (size, size, inputs, outputs))
    sums = ops.reshape(_outer(patches(dy, size), x), (size, size, outputs, inputs))
    return ops.transpose(ops.flip(sums, (0, 1)), (0, 1, 3, 2))


def doubled_kernel_gradient(x, dy):
    """The gradient of `doubling_kernel(kernel)`, as one product of matrices.

    Args:
        x: (n, height, width, inputs). What was doubled.
        dy: (n, 2·height, 2·width, outputs). The gradient of the result.

    Returns:
        (4, 4, outputs, inputs).
    """
    sums = _outer(patches(dy, 4, stride=2), x)
    return ops.reshape(sums, (4, 4, dy.shape[-1], x.shape[-1]))


def _outer(rows, x):
    """Sums the outer products of `rows` and the pixels of `x`."""
    return product(ops.transpose(rows), ops.reshape(x, (-1, x.shape[-1])))
