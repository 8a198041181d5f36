"""Kernels on TensorFlow."""

import tensorflow as tf

from keras_acai.kernels import doubling


def convolve(x, kernel, bias, slope=None):
    return _finish(tf.nn.conv2d(x, kernel, 1, "SAME"), bias, slope)


def convolve_doubled(x, kernel, bias, slope=None):
    kernel = tf.transpose(doubling.kernel_of(kernel), (0, 1, 3, 2))
    n, height, width, _ = tf.unstack(tf.shape(x))
    shape = (n, 2 * height, 2 * width, kernel.shape[2])
    return _finish(tf.nn.conv2d_transpose(x, kernel, shape, 2, "SAME"), bias, slope)


def halve(x):
    return tf.nn.avg_pool2d(x, 2, 2, "VALID")


def _finish(x, bias, slope):
    x = tf.nn.bias_add(x, bias)
    return x if slope is None else tf.nn.leaky_relu(x, slope)
