"""The networks that all models share (paper, appendix A).

Images are (n, height, width, colours) in [-1, 1]; a latent code is
(n, height / 2^S, latent_width, latent_channels) with S = log2(width / latent_width).
Every network is built when it is made, so its weights exist and can be set at once.
"""

import math

import keras
from keras import layers

SLOPE = 0.2  # of every LeakyReLU


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
    stack = [_conv(depth, dtype, size=1)]
    for scale in range(scales):
        stack += [_conv_lrelu(depth << scale, dtype), _conv_lrelu(depth << scale, dtype)]
        stack.append(layers.AveragePooling2D(2, data_format="channels_last", dtype=dtype))
    stack += [_conv_lrelu(depth << scales, dtype), _conv(latent_channels, dtype)]
    return _sequential(image_shape, stack, name, dtype)


def decoder(image_shape, latent_width, latent_channels, depth, name="decoder", dtype=None):
    """Latent code → image: S times two 3×3 convs and a 2× nearest upsampling, two 3×3 convs.

    Takes the arguments of `encoder` and returns a `keras.Sequential` as it does.
    """
    stack = []
    for scale in reversed(range(num_scales(image_shape, latent_width))):
        stack += [_conv_lrelu(depth << scale, dtype), _conv_lrelu(depth << scale, dtype)]
        stack.append(layers.UpSampling2D(2, data_format="channels_last", dtype=dtype))
    stack += [_conv_lrelu(depth, dtype), _conv(image_shape[-1], dtype)]
    shape = code_shape(image_shape, latent_width, latent_channels)
    return _sequential(shape, stack, name, dtype)


def latent_critic(shape, units, dtype=None):
    """Latent code → one logit: Dense + LeakyReLU for each of `units`, then Dense 1 (AAE)."""
    stack = [layers.Flatten(dtype=dtype)]
    for size in units:
        stack += [layers.Dense(size, dtype=dtype), layers.LeakyReLU(SLOPE, dtype=dtype)]
    stack.append(layers.Dense(1, dtype=dtype))
    return _sequential(shape, stack, "critic", dtype)


def dense(units, inputs, name, **options):
    """A `Dense` layer that is built already, for inputs of size `inputs`."""
    layer = layers.Dense(units, name=name, **options)
    layer.build((None, inputs))
    return layer


def _log2(side, latent_width):
    """The k with side = latent_width·2^k, or None."""
    k = round(math.log2(side / latent_width))
    return k if k >= 0 and latent_width << k == side else None


def _conv(filters, dtype, size=3, activation=None):
    """A 'same' convolution with zero bias and kernel ~ N(0, 1 / ((1 + 0.2²)·fan_in))."""
    return layers.Conv2D(
        filters,
        size,
        padding="same",
        data_format="channels_last",
        activation=activation,
        kernel_initializer=keras.initializers.VarianceScaling(
            1 / (1 + SLOPE**2), mode="fan_in", distribution="untruncated_normal"
        ),
        dtype=dtype,
    )


def _conv_lrelu(filters, dtype):
    return _conv(filters, dtype, activation=layers.LeakyReLU(SLOPE, dtype=dtype))


def _sequential(shape, stack, name, dtype):
    """Chains the layers of `stack`, with an output in the dtype of the variables.

    Under mixed precision, codes, pictures and losses so stay float32.
    """
    policy = keras.dtype_policies.get(dtype)
    if policy.compute_dtype != policy.variable_dtype:
        stack = [*stack, layers.Activation("linear", dtype=policy.variable_dtype)]
    return keras.Sequential([keras.Input(shape), *stack], name=name)
