"""The layers of the networks. They compute what Keras's do, with operations of `backend`."""

import keras
from keras import layers, ops

from keras_acai import backend
from keras_acai.backend import algebra
from keras_acai.nn.initializers import SLOPE, FanInNormal, Limited


@keras.saving.register_keras_serializable("keras_acai")
class Convolution(layers.Conv2D):
    """A 'same' convolution with zero bias and kernel ~ N(0, 1 / ((1 + 0.2²)·fan_in)).

    Args:
        filters: int. The number of output channels.
        kernel_size: int. 1 or 3. Defaults to 3.
        slope: float. The slope of the LeakyReLU that follows, or None for no activation. Defaults
            to 0.2.
        **kwargs: `name` and `dtype` of a layer.
    """

    def __init__(self, filters, kernel_size=3, slope=SLOPE, **kwargs):
        super().__init__(
            filters,
            kernel_size,
            padding="same",
            data_format="channels_last",
            kernel_initializer=Limited(FanInNormal()),
            **kwargs,
        )
        self.slope = slope

    def call(self, x):
        return backend.convolve(x, *_tensors(self), self.slope)

    def get_config(self):
        kept = ("name", "trainable", "dtype")
        config = {key: value for key, value in super().get_config().items() if key in kept}
        return {
            **config,
            "filters": self.filters,
            "kernel_size": self.kernel_size[0],
            "slope": self.slope,
        }


@keras.saving.register_keras_serializable("keras_acai")
class DoublingConvolution(Convolution):
    """2× nearest upsampling and a `Convolution`, computed as one."""

    def call(self, x):
        return backend.convolve_doubled(x, *_tensors(self), self.slope)

    def compute_output_shape(self, input_shape):
        n, height, width, _ = input_shape
        sides = (side and 2 * side for side in (height, width))
        return (n, *sides, self.filters)


@keras.saving.register_keras_serializable("keras_acai")
class Stem(layers.Layer):
    """A 1×1 convolution without activation and a 3×3 one with LeakyReLU, computed as one.

    Two linear maps in a row are one linear map: a 3×3 convolution whose kernel is the product of
    the two. A channel of ones, added to the image, carries the first bias. Like that bias, it is 0
    beyond the border.

    Args:
        filters: int. The number of output channels of both.
        **kwargs: `name` and `dtype` of a layer.
    """

    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.pointwise = Convolution(filters, 1, slope=None, dtype=self.dtype_policy)
        self.convolution = Convolution(filters, dtype=self.dtype_policy)

    def build(self, input_shape):
        self.pointwise.build(input_shape)
        self.convolution.build(self.compute_output_shape(input_shape))

    def call(self, x):
        (pointwise, first_bias), (kernel, bias) = map(_tensors, (self.pointwise, self.convolution))
        mixes = ops.concatenate([pointwise[0, 0], first_bias[None]], axis=0)
        x = ops.pad(x, [(0, 0), (0, 0), (0, 0), (0, 1)], constant_values=1.0)
        return backend.convolve(x, algebra.product(mixes, kernel), bias, self.convolution.slope)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("keras_acai")
class Halving(layers.AveragePooling2D):
    """The means of 2×2 pixels."""

    def __init__(self, **kwargs):
        super().__init__(2, data_format="channels_last", **kwargs)

    def call(self, x):
        return backend.halve(x)

    def get_config(self):
        return layers.Layer.get_config(self)


def _tensors(layer):
    """The kernel and bias of a layer, in its compute dtype."""
    return ops.convert_to_tensor(layer.kernel), ops.convert_to_tensor(layer.bias)
