"""The vector-quantised autoencoder (van den Oord et al., 2017; Kaiser et al., 2018)."""

import functools
import math

import numpy as np
from keras import ops

from keras_acai import checks
from keras_acai.engine import inputs
from keras_acai.engine.inference import Batched
from keras_acai.engine.players import Player
from keras_acai.engine.validation import check_inputs
from keras_acai.models.autoencoder import Autoencoder, mse
from keras_acai.nn.bottleneck import Bottleneck
from keras_acai.registry import register


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
        e = self.bottleneck.cut(self.encoder(x, training=training))
        skips = training and not self.quantises
        q = e if skips else self.bottleneck.quantise(e, training)
        z = self.bottleneck.join(e + ops.stop_gradient(q - e))
        x_hat = self.decoder(z, training=training)
        losses = {
            "reconstruction_loss": self.distance(x, x_hat),
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
        images = checks.to_numpy(check_inputs(self, images))
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

    def encode_indices(self, images, batch_size=256, **pixels):
        """Encode images as the indices of the codebook vectors that they are composed of.

        Args:
            images, batch_size, **pixels: as for `encode`.

        Returns:
            (n, num_latents), integers in 0…num_codes − 1, a NumPy array, or a tensor for a tensor
            of the backend.

        Raises:
            ValueError: as `encode`.
        """
        return self._encode_indices(inputs.read(images, self, **pixels), batch_size)

    def decode_indices(self, indices, batch_size=256):
        """Decode indices of codebook vectors to images.

        Args:
            indices: (n, num_latents), integers in 0…num_codes − 1.
            batch_size: as for `decode`.

        Returns:
            (n, *image_shape), a NumPy array as from `decode`.

        Raises:
            ValueError: for indices of another shape or dtype, or out of range.
        """
        self._check_indices(indices)
        return self._decode_indices(np.asarray(indices, "int32"), batch_size)

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

    @functools.cached_property
    def _encode_indices(self):
        return Batched(self, self._indices)

    @functools.cached_property
    def _decode_indices(self):
        return Batched(self, self._image_of_indices)

    def _indices(self, images):
        e = self.bottleneck.cut(self.encoder(self.scale(images)))
        return ops.reshape(self.bottleneck.choose(e), (-1, self.num_latents))

    def _image_of_indices(self, indices):
        vectors = self.bottleneck.look_up(ops.reshape(indices, (-1,)))
        return self.decoder(self.bottleneck.join(vectors))

    def _check_indices(self, indices):
        """Refuses what are not indices of codebook vectors, (n, num_latents)."""
        array = np.asarray(indices)
        shape_fits = array.ndim == 2 and array.shape[1] == self.num_latents and len(array)
        if array.dtype.kind not in "iu" or not shape_fits:
            raise ValueError(
                f"indices have dtype {array.dtype} and shape {array.shape}: pass integers, "
                f"(n, {self.num_latents}), as from encode_indices."
            )
        if array.min() < 0 or array.max() >= self.num_codes:
            raise ValueError(
                f"indices range over {array.min()}…{array.max()}: the codebook has "
                f"0…{self.num_codes - 1}."
            )
