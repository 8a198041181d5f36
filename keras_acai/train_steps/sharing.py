"""One backward pass through a network for two players.

A network that looks at each image of a batch by itself has a block-diagonal Jacobian, so that the
gradients of two losses with respect to its inputs differ by one factor an image. Each backend's
`two_sided` runs backwards once, with the cotangent of the network's owner, and multiplies what
comes out at the inputs by that factor.
"""

from keras import ops

TINY = 1e-6  # the owner's cotangent is at least so much of the maker's: below float32's rounding


def one_cotangent(maker, owner):
    """What to run backwards with, and what the maker's gradient is of the owner's.

    Args:
        maker, owner: (n, …) with one number an image: the cotangents of the two views.

    Returns:
        (cotangent, factor), each of the same shape: maker = factor · cotangent.
    """
    cotangent = ops.where(ops.abs(owner) < TINY * ops.abs(maker), TINY * maker, owner)
    nothing = ops.equal(cotangent, 0)
    factor = ops.where(nothing, 0.0, maker / ops.where(nothing, 1.0, cotangent))
    return cotangent, ops.cast(factor, maker.dtype)


def scaled(gradient, factor):
    """A gradient (n, …) times one factor an image."""
    return gradient * ops.cast(
        ops.reshape(factor, (-1, *[1] * (gradient.ndim - 1))), gradient.dtype
    )
