"""The adversarial autoencoder (Makhzani et al., 2016)."""

import keras
from keras import ops

from keras_acai import backend, checks
from keras_acai.engine.players import Player
from keras_acai.models.autoencoder import Autoencoder
from keras_acai.nn import networks
from keras_acai.registry import register


@register("aae")
class AAE(Autoencoder):
    """Reconstructs images with codes that a critic cannot tell from N(0, 1).

    The autoencoder minimises mse(x, x̂) + adversarial_weight·BCE(critic(z), 1), the critic
    BCE(critic(z), 0) + BCE(critic(N(0, 1)), 1).

    Args:
        adversarial_weight: float ≥ 0. The weight of the adversarial term in the autoencoder's
            loss. Defaults to the paper's 1.0.
        critic_units: tuple of int. The sizes of the critic's hidden layers.
            Defaults to (100, 100).
        *args, **kwargs: arguments of `Autoencoder`.

    Attributes:
        critic: `keras.Sequential`, latent code → one logit, which is high for samples of N(0, 1).
    """

    has_prior = True
    needs_head_start = True  # or its codes collapse before the decoder can tell them apart
    players = (
        Player("autoencoder", ("encoder", "decoder"), ("reconstruction_loss", "adversarial_loss")),
        Player("critic", ("critic",), ("code_loss", "prior_loss")),
    )

    def __init__(self, *args, adversarial_weight=1.0, critic_units=(100, 100), **kwargs):
        super().__init__(*args, **kwargs)
        self.adversarial_weight = checks.check_number(adversarial_weight, "adversarial_weight", 0)
        if not isinstance(critic_units, (tuple, list)):
            raise ValueError(f"critic_units={critic_units!r}: give a tuple such as (100, 100).")
        self.critic_units = tuple(checks.check_size(size, "critic_units") for size in critic_units)
        self.critic = networks.latent_critic(
            self.code_shape, self.critic_units, dtype=self.dtype_policy
        )

    def objective(self, x, training):
        z = self.encoder(x, training=training)
        x_hat = self.decoder(z, training=training)
        prior = backend.draw(keras.random.normal, ops.shape(z), self.seed_generator)
        for_autoencoder, for_critic, for_prior = backend.two_sided(
            self.critic, self.critic, z, prior
        )
        losses = {
            "reconstruction_loss": self.distance(x, x_hat),
            "adversarial_loss": self.adversarial_weight * ops.mean(ops.softplus(-for_autoencoder)),
            "code_loss": ops.mean(ops.softplus(for_critic)),
            "prior_loss": ops.mean(ops.softplus(-for_prior)),
        }
        return losses, z, x_hat

    def get_config(self):
        return {
            **super().get_config(),
            "adversarial_weight": self.adversarial_weight,
            "critic_units": self.critic_units,
        }
