"""The vector-quantised autoencoder (van den Oord et al., 2017; Kaiser et al., 2018)."""

import math

import keras
import numpy as np
from keras import layers, ops

from keras_acai import backend, checks
from keras_acai.engine.players import Player
from keras_acai.models.autoencoder import Autoencoder, mse
from keras_acai.nn import networks
from keras_acai.nn.initializers import Limited
from keras_acai.registry import register

EPSILON = 1e-5  # smooths the counts of codes that are never chosen


@register("vqvae")
class VQVAE(Autoencoder):
    """Replaces parts of the latent code by the nearest vectors of a learnt codebook.

    The bottleneck cuts a code into `num_latents` vectors e, whose nearest codebook vectors are q.
    The model minimises mse(x, x̂) + commitment·mean((e − stop(q))²). As in the authors' code,
    `encode` is the encoder alone, `decode` quantises first, and the probe learns on the
    bottleneck's output.

    If codes are too close to each other at the start, all get the same vector and stay together.
    The remedy is to train without the codebook first, then to take its vectors from the data, as
    in the example.

    Args:
        num_codes: int. The number of vectors in the codebook. Defaults to 2**14.
        num_latents: int. The number of vectors that one code is cut into. Defaults to 10.
        commitment: float ≥ 0. The weight of the commitment term. Defaults to 10.0.
        decay: float in [0, 1]. The decay of the moving averages that the codebook follows.
            Defaults to 0.999.
        *args, **kwargs: arguments of `Autoencoder`.

    Attributes:
        bottleneck: a `Bottleneck`.
        quantises: bool, True at first. Whether `fit` quantises codes; `compile` after each change.
            All other methods always do. It is not saved.

    Example:

    ```python
    model.quantises = False
    model.compile()
    model.fit(images, batch_size=64)
    model.adapt(images)
    model.quantises = True
    model.compile()
    model.fit(images, batch_size=64, epochs=10)
    ```
    """

    needs_head_start = True  # or all codes are given the same vector
    quantises = True
    players = (
        Player(
            "autoencoder",
            ("encoder", "bottleneck", "decoder"),
            ("reconstruction_loss", "commitment_loss"),
        ),
    )

    def __init__(
        self, *args, num_codes=2**14, num_latents=10, commitment=10.0, decay=0.999, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.num_codes = checks.check_size(num_codes, "num_codes")
        self.num_latents = checks.check_size(num_latents, "num_latents")
        self.commitment = checks.check_number(commitment, "commitment", 0)
        self.decay = checks.check_number(decay, "decay", 0, at_most=1)
        self.bottleneck = Bottleneck(
            self.num_codes,
            self.num_latents,
            self.decay,
            name="bottleneck",
            dtype=self.variable_dtype,
        )
        self.bottleneck.build((None, *self.code_shape))

    def objective(self, x, training):
        e = self.bottleneck.cut(self.encoder(x))
        skips = training and not self.quantises
        q = e if skips else self.bottleneck.quantise(e, training)
        z = self.bottleneck.join(e + ops.stop_gradient(q - e))
        x_hat = self.decoder(z)
        losses = {
            "reconstruction_loss": mse(x, x_hat),
            "commitment_loss": self.commitment * mse(e, ops.stop_gradient(q)),
        }
        return losses, z, x_hat

    @property
    def images_to_adapt(self):
        """The number of images that `adapt` needs to get `num_codes` vectors."""
        return math.ceil(self.num_codes / self.num_latents)

    def adapt(self, images, batch_size=256, seed=0):
        """Replace the codebook by vectors that the codes of images are cut into.

        Args:
            images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1], n ≥ `images_to_adapt`.
            batch_size: int. Images per pass. Defaults to 256.
            seed: int. Seed for choosing `images_to_adapt` of the images. Defaults to 0.

        Raises:
            ValueError: for bad images, or too few.
        """
        images = checks.to_numpy(checks.check_images(images, self.image_shape))
        needed = self.images_to_adapt
        if len(images) < needed:
            raise ValueError(
                f"adapt got {len(images)} images: pass at least {needed}, so that their codes give "
                f"num_codes={self.num_codes} vectors."
            )
        chosen = np.random.default_rng(seed).permutation(len(images))[:needed]
        codes = self.encode(images[chosen], batch_size)
        vectors = [
            ops.convert_to_numpy(self.bottleneck.cut(codes[start : start + batch_size]))
            for start in range(0, needed, batch_size)
        ]
        self.bottleneck.set_vectors(np.concatenate(vectors)[: self.num_codes])

    def to_image(self, z):
        return self.decoder(self.bottleneck(z))

    def to_probe(self, x):
        return self.bottleneck(self.encoder(x))

    def get_config(self):
        return {
            **super().get_config(),
            "num_codes": self.num_codes,
            "num_latents": self.num_latents,
            "commitment": self.commitment,
            "decay": self.decay,
        }


@keras.saving.register_keras_serializable("keras_acai")
class Bottleneck(layers.Layer):
    """Quantises a latent code: Dense, nearest vectors, ReLU, Dense 512, ReLU, Dense.

    Args:
        num_codes: int. The number of vectors in the codebook.
        num_latents: int. The number of vectors that one code is cut into, each of the code's size.
        decay: float. The decay of the moving averages.

    Attributes:
        means: (num_codes, size), the codebook: vectors e are replaced by the nearest of these.
        ema_count: (num_codes,), the moving average of the number of e nearest to each.
        ema_means: (num_codes, size), the moving average of the sum of these e.
        derived: list of the weights that `derive` computes from the others. A model's folder leaves
            them out.
    """

    def __init__(self, num_codes, num_latents, decay, **kwargs):
        super().__init__(**kwargs)
        self.num_codes = num_codes
        self.num_latents = num_latents
        self.decay = decay

    def build(self, input_shape):
        self.code_shape = tuple(input_shape[1:])
        self.size = size = math.prod(self.code_shape)
        self.embed = networks.dense(size * self.num_latents, size, "embed", dtype=self.dtype)
        self.hidden = networks.dense(
            512, size * self.num_latents, "hidden", activation="relu", dtype=self.dtype
        )
        self.project = networks.dense(size, 512, "project", dtype=self.dtype)
        limit = (3 / self.num_codes) ** 0.5
        uniform = Limited(keras.initializers.RandomUniform(-limit, limit))
        self.means = self._state("means", (self.num_codes, size), uniform)
        self.ema_count = self._state("ema_count", (self.num_codes,), Limited("ones"))
        self.ema_means = self._state("ema_means", (self.num_codes, size), "zeros")
        self.ema_means.assign(ops.convert_to_numpy(self.means))  # a copy: JAX donates buffers

    @property
    def derived(self):
        return [self.ema_means]

    def derive(self):
        """Compute the moving sums from the codebook and the counts."""
        self.ema_means.assign(self.means * _smooth(self.ema_count)[:, None])

    def call(self, z):
        return self.join(self.quantise(self.cut(z)))

    def cut(self, z):
        """Latent codes (n, height, width, channels) → their vectors e, (n·num_latents, size)."""
        return ops.reshape(self.embed(ops.reshape(z, (-1, self.size))), (-1, self.size))

    def quantise(self, e, training=False):
        """Vectors e (m, size) → the nearest of the codebook, which follows them in training."""
        chosen = self._choose(e)
        q = ops.take(self.means, chosen, axis=0)
        if training and self.trainable:
            self._follow(ops.stop_gradient(e), chosen)
        return q

    def join(self, vectors):
        """Vectors (n·num_latents, size) → latent codes, (n, height, width, channels)."""
        flat = ops.reshape(vectors, (-1, self.num_latents * self.size))
        code = self.project(self.hidden(ops.relu(flat)))
        return ops.reshape(code, (-1, *self.code_shape))

    def set_vectors(self, vectors):
        """Set the codebook to an array (num_codes, size), as if each vector was chosen once."""
        self.means.assign(vectors)
        self.ema_count.assign(np.ones(self.num_codes))
        self.ema_means.assign(vectors)

    def get_config(self):
        return {
            **super().get_config(),
            "num_codes": self.num_codes,
            "num_latents": self.num_latents,
            "decay": self.decay,
        }

    def _state(self, name, shape, initializer):
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer,
            trainable=False,
            dtype=self.dtype,
            aggregation="only_first_replica",  # all replicas compute the same
        )

    def _choose(self, e):
        """The indices of the nearest codebook vectors by squared distance: (m, size) → (m,)."""
        means = ops.convert_to_tensor(self.means)
        distances = ops.sum(ops.square(means), axis=1) - 2 * ops.matmul(e, ops.transpose(means))
        return ops.argmin(distances, axis=1)

    def _follow(self, e, chosen):
        """Moves the averages towards this batch, and the codebook to their quotient."""
        new_counts = ops.segment_sum(ops.ones_like(e[:, 0]), chosen, self.num_codes)
        new_counts = backend.replica_sum(new_counts)
        new_sums = backend.replica_sum(ops.segment_sum(e, chosen, self.num_codes))
        counts = self.decay * self.ema_count + (1 - self.decay) * new_counts
        sums = self.decay * self.ema_means + (1 - self.decay) * new_sums
        self.ema_count.assign(counts)
        self.ema_means.assign(sums)
        self.means.assign(sums / _smooth(counts)[:, None])


def _smooth(counts):
    """Counts without zeros, with the same sum."""
    total = ops.sum(counts)
    return (counts + EPSILON) / (total + ops.shape(counts)[0] * EPSILON) * total
