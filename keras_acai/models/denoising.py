"""The denoising autoencoder (Vincent et al., 2010)."""

import keras
from keras import ops

from keras_acai import backend, checks
from keras_acai.models.autoencoder import Autoencoder
from keras_acai.registry import register


@register("denoising")
class DenoisingAutoencoder(Autoencoder):
    """Learns to reconstruct images from noisy ones: mse(x, decode(encode(x + noise))).

    Only training adds noise. `evaluate`, calls and the probe use clean images.

    Args:
        noise_stddev: float ≥ 0. The standard deviation of the Gaussian noise, for images in
            [-1, 1]. Defaults to 1.0.
        *args, **kwargs: arguments of `Autoencoder`.
    """

    def __init__(self, *args, noise_stddev=1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.noise_stddev = checks.check_number(noise_stddev, "noise_stddev", 0)

    def objective(self, x, training):
        if not training:
            return super().objective(x, training)
        noise = backend.draw(keras.random.normal, ops.shape(x), self.seed_generator)
        noisy = self.encoder(x + self.noise_stddev * noise, training=True)
        x_hat = self.decoder(noisy, training=True)
        clean = None if self.probe is None else self.encoder(x)
        return {"reconstruction_loss": self.distance(x, x_hat)}, clean, x_hat

    def get_config(self):
        return {**super().get_config(), "noise_stddev": self.noise_stddev}
