"""The networks that all models share (paper, appendix A).

Images are (n, height, width, channels) in [-1, 1]. Latent codes are
(n, height / 2^S, latent_width, latent_channels) with S = log2(width / latent_width).
Networks are built when they are created, so their weights can be set at once.
"""

import itertools
import math

import keras
from keras import layers

from keras_acai.nn.initializers import SLOPE, GlorotUniform, Limited
from keras_acai.nn.layers import Convolution, DoublingConvolution, Halving, Stem


def num_scales(image_shape, latent_width):
    """Compute S = log2(width / latent_width), the number of times that the encoder halves images.

    Args:
        image_shape: (height, width, channels). The width must be latent_width·2^S, and the height a
            multiple of 2^S.
        latent_width: int. The width of the latent code.

    Raises:
        ValueError: if the shape cannot be halved down to `latent_width`.
    """
    height, width, _ = image_shape
    scales = _log2(width, latent_width)
    if scales is None or height % 2**scales:
        fitting = (width >> k for k in range(9, -1, -1) if height % 2**k == width % 2**k == 0)
        raise ValueError(
            f"image_shape={tuple(image_shape)} does not fit latent_width={latent_width}: the width "
            "must be latent_width·2^k, and the height a multiple of 2^k; use one of "
            f"latent_width={', '.join(map(str, fitting))}, or resize or pad the images."
        )
    return scales


def code_shape(image_shape, latent_width, latent_channels):
    """Compute the shape (height, width, channels) of one latent code."""
    height = image_shape[0] >> num_scales(image_shape, latent_width)
    return (height, latent_width, latent_channels)


def widths(image_shape, latent_width, depth, max_channels=None):
    """Compute the channels at each of the S + 1 scales, the images' own first.

    Args:
        image_shape, latent_width, depth, max_channels: as for `encoder`.
    """
    doubled = (depth << scale for scale in range(num_scales(image_shape, latent_width) + 1))
    return [min(channels, max_channels or channels) for channels in doubled]


def encoder(
    image_shape,
    latent_width,
    latent_channels,
    depth,
    max_channels=None,
    name="encoder",
    dtype=None,
):
    """Build the network from images to latent codes.

    It has a 1×1 convolution, S times two 3×3 convolutions and a 2×2 mean, and two 3×3 convolutions.
    The 1×1 convolution and the first 3×3 one are one layer, the `Stem`.

    Args:
        image_shape: (height, width, channels) of the images.
        latent_width: int. The width of the code.
        latent_channels: int. The number of channels of the code.
        depth: int. The number of channels of the first convolution; each halving doubles it.
        max_channels: int. The most channels of a convolution. Defaults to None: no limit.
        name: str. The name of the network.
        dtype: dtype policy of the layers. Defaults to the global one.

    Returns:
        A `keras.Sequential` whose weights are kernel, bias, kernel, bias … in forward order.
    """
    channels = widths(image_shape, latent_width, depth, max_channels)
    stack = [Stem(channels[0], dtype=dtype)]
    for before, after in itertools.pairwise(channels):
        stack += [Convolution(before, dtype=dtype), Halving(dtype=dtype)]
        stack.append(Convolution(after, dtype=dtype))
    stack.append(Convolution(latent_channels, slope=None, dtype=dtype))
    return _sequential(image_shape, stack, name, dtype, Encoder)


def decoder(
    image_shape,
    latent_width,
    latent_channels,
    depth,
    max_channels=None,
    name="decoder",
    dtype=None,
):
    """Build the network from latent codes to images.

    It has S times two 3×3 convolutions and a 2× nearest upsampling, and two 3×3 convolutions. The
    arguments and the result are like those of `encoder`.
    """
    stack, kind = [], Convolution
    channels = widths(image_shape, latent_width, depth, max_channels)
    for after in reversed(channels[:-1]):
        stack += [kind(after, dtype=dtype), Convolution(after, dtype=dtype)]
        kind = DoublingConvolution
    stack += [kind(channels[0], dtype=dtype), Convolution(image_shape[-1], slope=None, dtype=dtype)]
    shape = code_shape(image_shape, latent_width, latent_channels)
    return _sequential(shape, stack, name, dtype)


def latent_critic(shape, units, dtype=None):
    """Build AAE's critic, from latent codes to one logit: Dense + LeakyReLU per unit, Dense 1.

    Args:
        shape: (height, width, channels) of one latent code.
        units: tuple of int. The sizes of the hidden layers.
        dtype: dtype policy of the layers. Defaults to the global one.
    """
    stack = [layers.Flatten(dtype=dtype)]
    for size in units:
        stack.append(layers.Dense(size, kernel_initializer=Limited(GlorotUniform()), dtype=dtype))
        stack.append(layers.LeakyReLU(SLOPE, dtype=dtype))
    stack.append(layers.Dense(1, kernel_initializer=Limited(GlorotUniform()), dtype=dtype))
    return _sequential(shape, stack, "critic", dtype)


def dense(units, inputs, name, **options):
    """Build a `Dense` layer for inputs of size `inputs`."""
    layer = layers.Dense(units, kernel_initializer=Limited(GlorotUniform()), name=name, **options)
    layer.build((None, inputs))
    return layer


def _log2(side, latent_width):
    """The k with side = latent_width·2^k, or None."""
    k = round(math.log2(side / latent_width))
    return k if k >= 0 and latent_width << k == side else None


@keras.saving.register_keras_serializable("keras_acai")
class Encoder(keras.Sequential):
    """A network of floats in [-1, 1]. It refuses integers, which Keras would cast to floats."""

    def __call__(self, images, *args, **kwargs):
        _refuse_integers(images)
        return super().__call__(images, *args, **kwargs)

    def predict(self, x, *args, **kwargs):
        _refuse_integers(x)
        return super().predict(x, *args, **kwargs)


def _refuse_integers(images):
    dtype = str(getattr(images, "dtype", ""))
    if "int" in dtype:
        raise ValueError(
            f"images have dtype {dtype}, but an encoder takes floats in [-1, 1]: use "
            "model.encode(images), or model.feature_extractor() in a functional model."
        )


def _sequential(shape, stack, name, dtype, kind=keras.Sequential):
    """Chains the layers of `stack`, with outputs in the dtype of the variables.

    This keeps codes, images and losses float32 under mixed precision.
    """
    policy = keras.dtype_policies.get(dtype)
    if policy.compute_dtype != policy.variable_dtype:
        stack = [*stack, layers.Activation("linear", dtype=policy.variable_dtype)]
    return kind([keras.Input(shape), *stack], name=name)
