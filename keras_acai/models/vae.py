"""The variational autoencoder (Kingma & Welling, 2014)."""

import functools

import keras
import numpy as np
from keras import ops

from keras_acai import backend, checks
from keras_acai.engine.inference import Batched
from keras_acai.engine.players import Player
from keras_acai.models.autoencoder import Autoencoder
from keras_acai.nn import networks
from keras_acai.registry import register


@register("vae")
class VAE(Autoencoder):
    """Maximises the evidence lower bound E[log p(x | z)] − beta·KL(q(z | x) ‖ N(0, 1)).

    Two Dense layers compute μ and log σ² from the flat output of the encoder, and z ~ N(μ, σ²). The
    decoder's output holds the logits of a Bernoulli likelihood of (x + 1) / 2. Both terms are sums
    over pixels or dimensions, averaged over the batch. `encode` returns μ, `decode`
    2·sigmoid(logits) − 1.

    Args:
        beta: float ≥ 0. The weight of the KL term. Defaults to 1.0.
        *args, **kwargs: arguments of `Autoencoder`.

    Attributes:
        posterior_mean, posterior_log_variance: the `Dense` layers of μ and log σ².
    """

    players = (
        Player(
            "autoencoder",
            ("encoder", "posterior_mean", "posterior_log_variance", "decoder"),
            ("reconstruction_loss", "kl_loss"),
        ),
    )

    has_prior = True
    samples_codes = True

    def __init__(self, *args, beta=1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.beta = checks.check_number(beta, "beta", 0)
        if self.value_range is None:
            raise ValueError("a VAE has a likelihood of pictures alone: leave out value_range.")
        self.posterior_mean = self._dense("posterior_mean")
        self.posterior_log_variance = self._dense("posterior_log_variance")

    def objective(self, x, training):
        h = self.encoder(x, training=training)
        mean, log_variance = self._posterior(h)
        noise = backend.draw(keras.random.normal, ops.shape(mean), self.seed_generator)
        z = mean + ops.exp(log_variance / 2) * noise
        logits = self.decoder(ops.reshape(z, ops.shape(h)), training=training)
        target = (x + 1) / 2
        cross_entropy = ops.softplus(logits) - target * logits
        kl = (ops.square(mean) + ops.exp(log_variance) - 1 - log_variance) / 2
        losses = {
            "reconstruction_loss": ops.mean(
                ops.sum(cross_entropy, axis=tuple(range(1, len(x.shape))))
            ),
            "kl_loss": self.beta * ops.mean(ops.sum(kl, axis=1)),
        }
        return losses, h, _pixels(logits)

    def to_code(self, x):
        mean, _ = self._posterior(self.encoder(x))
        return ops.reshape(mean, (-1, *self.code_shape))

    def to_image(self, z):
        return _pixels(self.decoder(z))

    def paper_codes(self, images, batch_size=256, seed=0):
        """Sample the posterior, as the authors' evaluation does: μ + σ·ε, ε ~ N(0, 1).

        Args:
            images, batch_size: as for `encode`.
            seed: int. Seed of ε. Defaults to 0.

        Returns:
            (n, *code_shape), a float32 NumPy array.
        """
        images = checks.to_numpy(checks.check_images(images, self.image_shape))
        mean, log_variance = self._posteriors(images, batch_size).swapaxes(0, 1)
        noise = np.random.default_rng(seed).standard_normal(mean.shape, "float32")
        return (mean + np.exp(log_variance / 2) * noise).reshape(-1, *self.code_shape)

    def get_config(self):
        return {**super().get_config(), "beta": self.beta}

    @functools.cached_property
    def _posteriors(self):
        """Images → μ and log σ², (n, 2, code_size)."""
        return Batched(
            self, lambda images: ops.stack(self._posterior(self.encoder(self.scale(images))), 1)
        )

    def _dense(self, name):
        return networks.dense(self.code_size, self.code_size, name, dtype=self.variable_dtype)

    def _posterior(self, h):
        flat = ops.reshape(h, (-1, self.code_size))
        return self.posterior_mean(flat), self.posterior_log_variance(flat)


def _pixels(logits):
    return 2 * ops.sigmoid(logits) - 1
