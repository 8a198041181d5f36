"""The adversarially constrained autoencoder for interpolation (paper, section 3)."""

import functools
import math

import keras
from keras import ops

from keras_acai import backend, checks
from keras_acai.engine import inputs
from keras_acai.engine.inference import Batched
from keras_acai.engine.players import Player
from keras_acai.models.autoencoder import Autoencoder
from keras_acai.nn import networks, own
from keras_acai.registry import register
from keras_acai.zoo import provenance


@register("acai")
class ACAI(Autoencoder):
    """An autoencoder whose interpolations a critic cannot tell from reconstructions.

    The critic estimates the mixing coefficient α of x̂_α = decode(α·z₁ + (1 − α)·z₂) from the
    image alone, minimising (equation 2)
    ‖critic(x̂_α) − α‖² + ‖critic(γ·x + (1 − γ)·x̂)‖². The autoencoder minimises (equation 3)
    mse(x, x̂) + λ·‖critic(x̂_α)‖²: it makes every mix look as if α were 0, so not mixed at all.
    Each image is mixed with its partner in the reversed batch, by α ~ U(0, 0.5). On several
    devices, the batch is the global one.

    Args:
        adversarial_weight: float ≥ 0. λ, the weight of the adversarial term in the autoencoder's
            loss. Defaults to 0.5.
        gamma: float in [0, 1]. γ, the fraction of the image in the blend of image and
            reconstruction for which the critic learns α = 0. Defaults to 0.2.
        critic_depth: int. The `depth` of the critic. Defaults to the model's `depth`.
        critic: Keras model of your own, data → numbers, whose mean is the estimate of α. Needed
            beside `encoder` and `decoder`. Defaults to None: the architecture of the encoder.
        *args, **kwargs: arguments of `Autoencoder`.

    Attributes:
        critic: `keras.Sequential` with the architecture of the encoder. The mean of its output
            over positions and channels is the estimate of α.

    Example:

    ```python
    model = keras_acai.ACAI(image_shape=(32, 32, 1), depth=16, num_classes=10)
    model.compile()
    model.fit(images, labels, batch_size=64, epochs=10)
    ```
    """

    players = (
        Player("autoencoder", ("encoder", "decoder"), ("reconstruction_loss", "adversarial_loss")),
        Player("critic", ("critic",), ("mixing_loss", "regularizer_loss")),
    )
    min_batch = 2

    def __init__(
        self, *args, adversarial_weight=0.5, gamma=0.2, critic_depth=None, critic=None, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.adversarial_weight = checks.check_number(adversarial_weight, "adversarial_weight", 0)
        self.gamma = checks.check_number(gamma, "gamma", 0, at_most=1)
        self.has_own_critic = self.has_own_networks or critic is not None
        if self.has_own_critic:
            if critic_depth is not None:
                raise ValueError(
                    f"critic_depth={critic_depth!r}: leave it out, critic has its own."
                )
            own.check_critic(critic, self.image_shape)
            self.critic = critic
        else:
            critic_depth = self.depth if critic_depth is None else critic_depth
            self.critic_depth = checks.check_size(critic_depth, "critic_depth")
            self.critic = self._network(networks.encoder, self.critic_depth, name="critic")

    def objective(self, x, training):
        z = self.encoder(x, training=training)
        alpha = self._mixing_coefficients(ops.shape(x)[0])
        x_hat, x_alpha = self._decode_both(z, alpha * z + (1 - alpha) * _reversed(z), training)
        blend = self.gamma * x + (1 - self.gamma) * x_hat
        for_autoencoder, for_critic, for_blend = backend.two_sided(
            self.critic, self.to_alpha, x_alpha, blend
        )
        losses = {
            "reconstruction_loss": self.distance(x, x_hat),
            "adversarial_loss": self.adversarial_weight * ops.mean(ops.square(for_autoencoder)),
            "mixing_loss": ops.mean(ops.square(for_critic - ops.reshape(alpha, (-1,)))),
            "regularizer_loss": ops.mean(ops.square(for_blend)),
        }
        return losses, z, x_hat

    def to_alpha(self, x):
        """Floats in [-1, 1] → the critic's estimates of α, (n,)."""
        critic = self.critic(x)
        return ops.mean(ops.reshape(critic, (-1, math.prod(critic.shape[1:]))), axis=1)

    def estimate_alpha(self, images, batch_size=256, **pixels):
        """Let the critic estimate how mixed images look: a score of quality (equation 2).

        Args:
            images, batch_size, **pixels: as for `encode`. Floats may overshoot [-1, 1] by 1, as
                decoded images do.

        Returns:
            (n,): estimates of α, a NumPy array, or a tensor for a tensor of the backend. 0 stands
            for an image that is not mixed, 0.5 for an even mix.

        Raises:
            ValueError: as `encode`, and for a critic that `load(…, players=False)` left out.
        """
        provenance.check_trained(self, ["critic"])
        return self._estimate(inputs.read(images, self, tolerance=1.0, **pixels), batch_size)

    def get_config(self):
        config = {
            **super().get_config(),
            "adversarial_weight": self.adversarial_weight,
            "gamma": self.gamma,
        }
        if self.has_own_critic:
            return config | own.serialize(critic=self.critic)
        return config | {"critic_depth": self.critic_depth}

    @functools.cached_property
    def _estimate(self):
        return Batched(self, lambda images: self.to_alpha(self.scale(images)))

    def _decode_both(self, z, z_alpha, training):
        """Decodes codes and mixtures; apart if the decoder has a state, as BatchNormalization."""
        decoder = functools.partial(self.decoder, training=training)
        if self.decoder.non_trainable_variables:
            return decoder(z), decoder(z_alpha)
        return backend.together(decoder, z, z_alpha)

    def _mixing_coefficients(self, count):
        """α ~ U(0, 0.5), (n, 1, 1, 1) for codes of three axes: uniform numbers folded at 0.5."""
        shape = (count, *len(self.code_shape) * (1,))
        uniform = backend.draw(keras.random.uniform, shape, self.seed_generator)
        return 0.5 - ops.abs(uniform - 0.5)


def _reversed(z):
    """The reversed global batch, whose other end may be on another device."""
    return backend.replica_part(ops.flip(backend.gather(z), axis=0), ops.shape(z)[0])
