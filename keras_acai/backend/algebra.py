"""Algebra that saves work, written once for all backends."""

from keras import ops

TINY = 1e-6  # below float32's rounding


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


def doubling_kernel(kernel):
    """The kernel that doubles an image and convolves it as one transposed convolution.

    Every pixel of the small image reaches 4×4 pixels of the large one: 16 products replace the 36
    of a 3×3 convolution over four copies of the pixel, and nothing is copied.

    Args:
        kernel: (3, 3, inputs, outputs).

    Returns:
        (4, 4, inputs, outputs), for a stride of 2.
    """
    for axis in (0, 1):
        flipped = ops.flip(kernel, axis)
        after = [(0, 1) if index == axis else (0, 0) for index in range(4)]
        before = [(1, 0) if index == axis else (0, 0) for index in range(4)]
        kernel = ops.pad(flipped, after) + ops.pad(flipped, before)
    return kernel
