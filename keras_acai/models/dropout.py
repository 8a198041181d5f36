"""The autoencoder with dropout on its latent code."""

import keras
from keras import ops

from keras_acai import backend, checks
from keras_acai.models.autoencoder import Autoencoder
from keras_acai.registry import register


@register("dropout")
class DropoutAutoencoder(Autoencoder):
    """Learns to reconstruct images from part of their code: mse(x, decode(dropout(encode(x)))).

    Args:
        rate: float in [0, 1). The fraction of the code's entries that are set to 0. The others are
            divided by 1 − rate. Defaults to 0.5.
        *args, **kwargs: arguments of `Autoencoder`.
    """

    def __init__(self, *args, rate=0.5, **kwargs):
        super().__init__(*args, **kwargs)
        self.rate = checks.check_number(rate, "rate", 0, below=1)

    def objective(self, x, training):
        z = self.encoder(x, training=training)
        x_hat = self.decoder(self._dropout(z) if training else z, training=training)
        return {"reconstruction_loss": self.distance(x, x_hat)}, z, x_hat

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}

    def _dropout(self, z):
        shape = (ops.shape(z)[0], self.code_size)
        kept = backend.draw(keras.random.uniform, shape, self.seed_generator) >= self.rate
        return z * ops.reshape(ops.cast(kept, z.dtype), ops.shape(z)) / (1 - self.rate)
