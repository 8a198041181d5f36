"""ACAI's train step in the shape of the authors' code: what TensorFlow's own tools give.

Plain layers, a gradient and TensorFlow's own Adam for each player over one graph, and a batch of
floats that Python passes to each step (`acai.py` and `lib/train.py` of brain-research/acai).
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_acai.nn import networks

SLOPE = 0.2


def step(preset, batch_size, device, dtype="float32"):
    """A function that trains ACAI of a preset for one step on the same images.

    Args:
        preset: `Preset` of ACAI.
        batch_size: int.
        device: str. Ignored: TensorFlow chooses.
        dtype: str. "float32" or "mixed_bfloat16".
    """
    del device
    keras.config.set_dtype_policy(dtype)
    sizes = {key: value for key, value in preset.arguments.items() if key != "num_classes"}
    encoder, decoder, critic = _encoder(**sizes), _decoder(**sizes), _encoder(**sizes)
    optimizers = [tf.compat.v1.train.AdamOptimizer(1e-4) for _ in range(2)]
    players = [
        [variable.value for network in player for variable in network.trainable_variables]
        for player in ((encoder, decoder), (critic,))
    ]

    def estimate(x):
        return tf.reduce_mean(critic(x), (1, 2, 3))

    @tf.function(autograph=False)
    def train(x):
        with tf.GradientTape(persistent=True) as tape:
            z = encoder(x)
            x_hat = decoder(z)
            alpha = 0.5 - tf.abs(tf.random.uniform((batch_size, 1, 1, 1)) - 0.5)
            x_alpha = decoder(alpha * z + (1 - alpha) * z[::-1])
            judged = estimate(x_alpha)
            blend = estimate(0.2 * x + 0.8 * x_hat)
            critic_loss = tf.reduce_mean((judged - alpha[:, 0, 0, 0]) ** 2 + blend**2)
            loss = tf.reduce_mean((x - x_hat) ** 2) + 0.5 * tf.reduce_mean(judged**2)
        for optimizer, variables, one in zip(optimizers, players, (loss, critic_loss)):
            gradients = tape.gradient(one, variables)
            optimizer.apply_gradients(zip(gradients, variables))
        return loss

    images = np.random.default_rng(0).uniform(-1, 1, (batch_size, *sizes["image_shape"]))
    images = images.astype("float32")
    return lambda: float(train(images))


def _encoder(image_shape, latent_width, latent_channels, depth, max_channels):
    *channels, most = networks.widths(image_shape, latent_width, depth, max_channels)
    stack = [keras.Input(image_shape), layers.Conv2D(depth, 1, padding="same")]
    for count in channels:
        stack += [_convolution(count), _convolution(count), layers.AveragePooling2D(2)]
    last = layers.Conv2D(latent_channels, 3, padding="same")
    return keras.Sequential([*stack, _convolution(most), last, _floats()])


def _decoder(image_shape, latent_width, latent_channels, depth, max_channels):
    *channels, _ = networks.widths(image_shape, latent_width, depth, max_channels)
    stack = [keras.Input(networks.code_shape(image_shape, latent_width, latent_channels))]
    for count in reversed(channels):
        stack += [_convolution(count), _convolution(count), layers.UpSampling2D(2)]
    last = layers.Conv2D(image_shape[-1], 3, padding="same")
    return keras.Sequential([*stack, _convolution(depth), last, _floats()])


def _convolution(filters):
    return layers.Conv2D(filters, 3, padding="same", activation=layers.LeakyReLU(SLOPE))


def _floats():
    return layers.Activation("linear", dtype="float32")
