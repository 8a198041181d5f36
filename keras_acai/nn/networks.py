"""The networks that all models share (paper, appendix A).

Images are (n, height, width, colours) in [-1, 1]; a latent code is
(n, height / 2^S, latent_width, latent_channels) with S = log2(width / latent_width).
Every network is built when it is made, so its weights exist and can be set at once.
"""

import math

import keras
from keras import layers

from keras_acai.nn.initializers import SLOPE, GlorotUniform, Initial
from keras_acai.nn.layers import Convolution, DoublingConvolution, Halving, Stem


def num_scales(image_shape, latent_width):
    """S = log2(width / latent_width), how often the encoder halves the image.

    Args:
        image_shape: (height, width, colours); both sides must be latent_width·2^k.
        latent_width: int. The width of the latent code.

    Raises:
        ValueError: for a shape that cannot be halved down to `latent_width`.
    """
    height, width, _ = image_shape
    halvings = [_log2(side, latent_width) for side in (height, width)]
    if None in halvings or height % (width // latent_width):
        sides = ", ".join(str(latent_width * 2**k) for k in range(6))
        raise ValueError(
            f"image_shape={tuple(image_shape)} does not fit latent_width={latent_width}: height "
            f"and width must each be one of {sides}, … (latent_width·2^k), and the height a "
            "multiple of width / latent_width; resize the images or choose another latent_width."
        )
    return halvings[1]


def code_shape(image_shape, latent_width, latent_channels):
    """The shape (height, width, channels) of one latent code."""
    height = image_shape[0] >> num_scales(image_shape, latent_width)
    return (height, latent_width, latent_channels)


def encoder(image_shape, latent_width, latent_channels, depth, name="encoder", dtype=None):
    """Image → latent code: a 1×1 conv, S times two 3×3 convs and a 2×2 mean, two 3×3 convs.

    The 1×1 convolution and the first 3×3 one are one layer, the `Stem`.

    Args:
        image_shape: (height, width, colours) of the images.
        latent_width: int. The width of the code.
        latent_channels: int. The channels of the code.
        depth: int. The channels of the first convolution; each halving doubles them.
        name: str. The name of the model.
        dtype: dtype policy of the layers. Defaults to the global one.

    Returns:
        A `keras.Sequential` whose weights are kernel, bias, kernel, bias … in forward order.
    """
    scales = num_scales(image_shape, latent_width)
    stack = [Stem(depth, dtype=dtype)]
    for scale in range(scales):
        if scale > 0:
            stack.append(Convolution(depth << scale, dtype=dtype))
        stack += [Convolution(depth << scale, dtype=dtype), Halving(dtype=dtype)]
    if scales > 0:
        stack.append(Convolution(depth << scales, dtype=dtype))
    stack.append(Convolution(latent_channels, slope=None, dtype=dtype))
    return _sequential(image_shape, stack, name, dtype)


def decoder(image_shape, latent_width, latent_channels, depth, name="decoder", dtype=None):
    """Latent code → image: S times two 3×3 convs and a 2× nearest upsampling, two 3×3 convs.

    Takes the arguments of `encoder` and returns a `keras.Sequential` as it does.
    """
    stack = []
    kind = Convolution
    for scale in reversed(range(num_scales(image_shape, latent_width))):
        stack += [kind(depth << scale, dtype=dtype), Convolution(depth << scale, dtype=dtype)]
        kind = DoublingConvolution
    stack += [kind(depth, dtype=dtype), Convolution(image_shape[-1], slope=None, dtype=dtype)]
    shape = code_shape(image_shape, latent_width, latent_channels)
    return _sequential(shape, stack, name, dtype)


def latent_critic(shape, units, dtype=None):
    """Latent code → one logit: Dense + LeakyReLU for each of `units`, then Dense 1 (AAE)."""
    stack = [layers.Flatten(dtype=dtype)]
    for size in units:
        stack.append(layers.Dense(size, kernel_initializer=Initial(GlorotUniform()), dtype=dtype))
        stack.append(layers.LeakyReLU(SLOPE, dtype=dtype))
    stack.append(layers.Dense(1, kernel_initializer=Initial(GlorotUniform()), dtype=dtype))
    return _sequential(shape, stack, "critic", dtype)


def dense(units, inputs, name, **options):
    """A `Dense` layer that is built already, for inputs of size `inputs`."""
    layer = layers.Dense(units, kernel_initializer=Initial(GlorotUniform()), name=name, **options)
    layer.build((None, inputs))
    return layer


def _log2(side, latent_width):
    """The k with side = latent_width·2^k, or None."""
    k = round(math.log2(side / latent_width))
    return k if k >= 0 and latent_width << k == side else None


def _sequential(shape, stack, name, dtype):
    """Chains the layers of `stack`, with an output in the dtype of the variables.

    Under mixed precision, codes, pictures and losses so stay float32.
    """
    policy = keras.dtype_policies.get(dtype)
    if policy.compute_dtype != policy.variable_dtype:
        stack = [*stack, layers.Activation("linear", dtype=policy.variable_dtype)]
    return keras.Sequential([keras.Input(shape), *stack], name=name)
