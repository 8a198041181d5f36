"""Doubling an image and convolving it, as one transposed convolution.

Every pixel of the small image reaches 4×4 pixels of the large one: 16 products in place of the 36
of a 3×3 convolution over four copies of it, and no copies.
"""

from keras import ops


def kernel_of(kernel):
    """The kernel that does so with stride 2: (3, 3, inputs, outputs) → (4, 4, inputs, outputs)."""
    for axis in (0, 1):
        flipped = ops.flip(kernel, axis)
        after = [(0, 1) if index == axis else (0, 0) for index in range(4)]
        before = [(1, 0) if index == axis else (0, 0) for index in range(4)]
        kernel = ops.pad(flipped, after) + ops.pad(flipped, before)
    return kernel
