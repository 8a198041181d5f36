"""Convolutions on TensorFlow, with gradients that suit its CPU kernels."""

import keras
import tensorflow as tf

from keras_acai.backend import algebra

STRIDES = {"strides": [1, 1, 1, 1], "padding": "SAME"}
DOUBLING = {"strides": [1, 2, 2, 1], "padding": "SAME"}


def convolve(x, kernel, bias, slope=None):
    @tf.custom_gradient
    def layer(x, kernel, bias):
        y = _activate(tf.nn.bias_add(tf.nn.conv2d(x, kernel, **STRIDES), bias), slope)

        def pull(dy):
            dy = _through_activation(dy, y, slope)
            dx = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(x), filter=kernel, out_backprop=dy, **STRIDES
            )
            return dx, _kernel_gradient(x, kernel, dy), tf.raw_ops.BiasAddGrad(out_backprop=dy)

        return y, pull

    return layer(*map(tf.convert_to_tensor, (x, kernel, bias)))  # no variables


def convolve_doubled(x, kernel, bias, slope=None):
    n, height, width, _ = tf.unstack(tf.shape(x))
    shape = (n, 2 * height, 2 * width, kernel.shape[3])
    kernel = tf.transpose(algebra.doubling_kernel(kernel), (0, 1, 3, 2))

    @tf.custom_gradient
    def layer(x, kernel, bias):
        y = tf.nn.conv2d_transpose(x, kernel, shape, **DOUBLING)
        y = _activate(tf.nn.bias_add(y, bias), slope)

        def pull(dy):
            dy = _through_activation(dy, y, slope)
            dx = tf.nn.conv2d(dy, kernel, **DOUBLING)
            dk = _doubled_kernel_gradient(x, kernel, dy)
            return dx, dk, tf.raw_ops.BiasAddGrad(out_backprop=dy)

        return y, pull

    return layer(*map(tf.convert_to_tensor, (x, kernel, bias)))  # no variables


def _activate(x, slope):
    return x if slope is None else tf.nn.leaky_relu(x, slope)


def _through_activation(dy, y, slope):
    """The gradient of LeakyReLU's input, taken of its output, which has the same sign.

    TensorFlow can then fuse LeakyReLU with the bias before it, whose sum nothing else needs. As
    long as the gradient needed that sum, the pass of the compiler that fuses them failed
    ("remapper failed") and left the whole graph as it was.
    """
    if slope is None:
        return dy
    return tf.raw_ops.LeakyReluGrad(gradients=dy, features=y, alpha=slope)


def _kernel_gradient(x, kernel, dy):
    if _is_better_as_product(x, dy):
        return algebra.kernel_gradient(x, dy, kernel.shape[0])
    return tf.raw_ops.Conv2DBackpropFilter(
        input=x, filter_sizes=kernel.shape, out_backprop=dy, **STRIDES
    )


def _doubled_kernel_gradient(x, kernel, dy):
    if _is_better_as_product(x, dy):
        return algebra.doubled_kernel_gradient(x, dy)
    return tf.raw_ops.Conv2DBackpropFilter(
        input=dy, filter_sizes=kernel.shape, out_backprop=x, **DOUBLING
    )


def _is_better_as_product(x, dy):
    _, height, width, inputs = x.shape
    if None in (height, width) or not keras.distribution.list_devices()[0].startswith("cpu"):
        return False
    return algebra.is_better_as_product(height * width, inputs, dy.shape[-1])
