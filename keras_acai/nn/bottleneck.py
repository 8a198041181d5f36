"""The quantisation of a VQ-VAE's codes (van den Oord et al., 2017; Kaiser et al., 2018)."""

import math

import keras
import numpy as np
from keras import layers, ops

from keras_acai import backend
from keras_acai.nn import networks
from keras_acai.nn.initializers import Limited

EPSILON = 1e-5  # smooths the counts of codes that are never chosen


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
        chosen = self.choose(e)
        q = self.look_up(chosen)
        if training and self.trainable:
            self._follow(ops.stop_gradient(e), chosen)
        return q

    def look_up(self, indices):
        """Indices of vectors of the codebook (m,) → the vectors (m, size)."""
        return ops.take(self.means, indices, axis=0)

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

    def choose(self, e):
        """Vectors e (m, size) → the indices of the nearest of the codebook, (m,)."""
        means = ops.convert_to_tensor(self.means)
        distances = ops.sum(ops.square(means), axis=1) - 2 * ops.matmul(e, ops.transpose(means))
        return backend.argmin(distances)

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
