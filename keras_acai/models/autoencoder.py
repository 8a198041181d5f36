"""The plain autoencoder, the paper's baseline, and the base of all other models."""

import functools

import keras
import numpy as np
from keras import ops

from keras_acai import checks, interpolation
from keras_acai.engine.inference import Batched
from keras_acai.engine.multiplayer import Game
from keras_acai.engine.players import AUTOENCODER
from keras_acai.nn import networks
from keras_acai.registry import register
from keras_acai.zoo import folders


@register("ae")
class Autoencoder(Game):
    """Encoder and decoder trained on mse(x, x̂), x̂ = decode(encode(x)) (paper, equation 1).

    The paper's baseline, and the base class of the other models: each declares its `players` and
    computes their losses in `objective`.

    Args:
        image_shape: tuple (height, width, colours). Both sides must be latent_width·2^k.
            Defaults to (32, 32, 1).
        latent_width: int. The width of the latent code. Defaults to 4.
        latent_channels: int. The channels of the latent code. Defaults to 16.
        depth: int. The channels of the first convolution, doubled at every halving of the image.
            Defaults to 64.
        num_classes: int. The classes of the linear probe that learns on the latent code from
            labels; None for no probe. Defaults to None.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Attributes:
        encoder, decoder: `keras.Sequential`s; their weights are kernel, bias … in forward order.
        probe: a `Dense`, or None.
        code_shape, code_size: shape (height, width, channels) and size of one latent code.

    Raises:
        ValueError: for sizes that do not fit each other; the message names those that do.

    Example:

    ```python
    model = keras_acai.Autoencoder(image_shape=(32, 32, 1), depth=16)
    model.compile()
    model.fit(images, batch_size=64, epochs=10)
    strip = model.interpolate(images[:4], images[4:8], steps=16)  # (4, 16, 32, 32, 1)
    ```
    """

    players = (AUTOENCODER,)
    needs_head_start = False  # whether short training begins without critic or quantisation

    def __init__(
        self,
        image_shape=(32, 32, 1),
        latent_width=4,
        latent_channels=16,
        depth=64,
        num_classes=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.image_shape = checks.check_image_shape(image_shape)
        self.latent_width = checks.check_size(latent_width, "latent_width")
        self.latent_channels = checks.check_size(latent_channels, "latent_channels")
        self.depth = checks.check_size(depth, "depth")
        self.num_classes = (
            None if num_classes is None else checks.check_size(num_classes, "num_classes")
        )
        sizes = (self.image_shape, self.latent_width, self.latent_channels)
        self.code_shape = networks.code_shape(*sizes)
        self.code_size = int(np.prod(self.code_shape))
        self.encoder = self._network(networks.encoder, self.depth)
        self.decoder = self._network(networks.decoder, self.depth)
        self.probe = None
        if self.num_classes:
            self.probe = networks.dense(self.num_classes, self.code_size, "probe", dtype="float32")
        self.set_up_players()
        self.built = True

    # What a subclass overrides: its objective, and what its codes and its pictures are.

    def objective(self, x, training):
        """One forward pass of all networks: equation 1.

        Args:
            x: images, floats in [-1, 1], (n, *image_shape).
            training: bool. Whether to corrupt what the objective corrupts.

        Returns:
            (losses, code, x̂): a dict of scalars with every loss that `players` name, the latent
            code that the probe learns on, and the reconstruction of `x`. Each loss must reach the
            weights of its own player alone: what it takes from others goes through
            `keras.ops.stop_gradient` or `backend.two_sided`.
        """
        z = self.encoder(x)
        x_hat = self.decoder(z)
        return {"reconstruction_loss": mse(x, x_hat)}, z, x_hat

    def to_code(self, x):
        """Floats in [-1, 1] → latent codes, (n, *code_shape)."""
        return self.encoder(x)

    def to_image(self, z):
        """Latent codes → floats around [-1, 1], (n, *image_shape)."""
        return self.decoder(z)

    def to_probe(self, x):
        """Floats in [-1, 1] → what the probe learns on, (n, *code_shape)."""
        return self.encoder(x)

    # What users call.

    def call(self, images, training=False):
        return self.to_image(self.to_code(self.scale(images)))

    def scale(self, images):
        """uint8 in 0…255 → floats in [-1, 1]; floats stay as they are."""
        floats = ops.cast(images, self.variable_dtype)
        is_uint8 = keras.backend.standardize_dtype(images.dtype) == "uint8"
        return floats / 127.5 - 1.0 if is_uint8 else floats

    def encode(self, images, batch_size=256):
        """The latent codes of images.

        Args:
            images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
            batch_size: int. Images a pass; a larger array goes in several. A tensor goes in one.

        Returns:
            (n, *code_shape): a NumPy array of the model's variable dtype, float32 by default; for
            a tensor of the backend, a tensor that gradients flow through.

        Raises:
            ValueError: for images of another shape, dtype or range.
        """
        return self._encode(self._check_images(images), batch_size)

    def decode(self, codes, batch_size=256):
        """The images of latent codes.

        Args:
            codes: (n, *code_shape), finite.
            batch_size: int. Codes a pass; a larger array goes in several.

        Returns:
            (n, *image_shape) in [-1, 1], but for the small overshoot of a linear output layer;
            array for array and tensor for tensor, as `encode`.

        Raises:
            ValueError: for codes of another shape or that are not finite.
        """
        return self._decode(checks.check_codes(codes, self.code_shape), batch_size)

    def interpolate(self, a, b, steps=16, method="lerp", batch_size=256):
        """Decoded mixes of the codes of `a` and `b` (paper, section 2).

        Args:
            a, b: images, (n, *image_shape) each, uint8 in 0…255 or floats in [-1, 1].
            steps: int. Pictures a strip, both ends included. Defaults to 16.
            method: "lerp" (a straight line) or "slerp" (a great circle). Defaults to "lerp".
            batch_size: int. Images a pass.

        Returns:
            (n, steps, *image_shape), from the reconstruction of `a` to that of `b`.

        Raises:
            ValueError: for bad images, unequal numbers of them, steps < 2 or another method.
        """
        mix = interpolation.get(method)
        codes = mix(self.encode(a, batch_size), self.encode(b, batch_size), steps)
        reshape = np.reshape if isinstance(codes, np.ndarray) else ops.reshape
        images = self.decode(reshape(codes, (-1, *self.code_shape)), batch_size)
        return reshape(images, (-1, steps, *self.image_shape))

    def features(self, images, batch_size=256, verbose="auto"):
        """Latent codes as flat feature vectors, for classifiers, clustering or search.

        Args:
            images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
            batch_size: int. Images a pass.
            verbose: 0 for silence, 1 or "auto" for a progress bar.

        Returns:
            (n, h·w·latent_channels), a float32 NumPy array.
        """
        images = checks.to_numpy(self._check_images(images))
        codes = self._encode(images, batch_size, verbose)
        return codes.reshape(-1, self.code_size).astype("float32", copy=False)

    def classify(self, images, batch_size=256):
        """The probe's opinion of images (section 4).

        Args:
            images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
            batch_size: int. Images a pass.

        Returns:
            (n, num_classes): each class's share of the belief, a float32 NumPy array, or a tensor
            for a tensor of the backend.

        Raises:
            ValueError: for a model without `num_classes`, and for bad images.
        """
        if self.probe is None:
            raise ValueError("The model has no probe: make it with num_classes, fit it to labels.")
        return self._classify(self._check_images(images), batch_size)

    def save_pretrained(self, folder, *, metrics=None, run=None, dtype="float32"):
        """Writes the model into a folder, for `keras_acai.load` and `keras_acai.publish`.

        `config.json` holds its arguments and the files' SHA-256, `model.safetensors` what `encode`
        and `decode` need, `players.safetensors` the critic and the probe, `README.md` a model card,
        written anew unless somebody wrote one by hand. Each file is written whole or not at all.
        The optimizer is not kept: `model.save("model.keras")` does that.

        Args:
            folder: path; made where it is not there, its other files left alone.
            metrics: dict with "scores", a dict of numbers; written to `metrics.json` with the
                SHA-256 of the weights that they belong to. Defaults to none.
            run: dict. How the model was trained, written to `run.json`. Defaults to none.
            dtype: "float32", or "float16" for weights of half the size. Defaults to "float32".

        Raises:
            ValueError: for weights that are not finite, or not in that dtype, for metrics without
                scores; nothing is written.
            OSError: when it cannot be written.
        """
        folders.save(self, folder, metrics, run, dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "latent_width": self.latent_width,
            "latent_channels": self.latent_channels,
            "depth": self.depth,
            "num_classes": self.num_classes,
        }

    def _network(self, build, depth, **options):
        sizes = (self.image_shape, self.latent_width, self.latent_channels, depth)
        return build(*sizes, dtype=self.dtype_policy, **options)

    @functools.cached_property
    def _encode(self):
        return Batched(self, lambda images: self.to_code(self.scale(images)))

    @functools.cached_property
    def _decode(self):
        return Batched(self, self.to_image)

    @functools.cached_property
    def _classify(self):
        return Batched(self, self._opinion)

    def _opinion(self, images):
        code = self.to_probe(self.scale(images))
        return ops.softmax(self.probe(ops.reshape(code, (-1, self.code_size))))


def mse(x, x_hat):
    """The mean squared error over everything."""
    return ops.mean(ops.square(x - x_hat))
