"""The plain autoencoder, the paper's baseline, and the base of all other models."""

import functools

import keras
import numpy as np
from keras import ops

from keras_acai import checks, interpolation
from keras_acai.engine.inference import Batched
from keras_acai.engine.multiplayer import MultiPlayerModel
from keras_acai.engine.players import AUTOENCODER
from keras_acai.nn import networks
from keras_acai.registry import register
from keras_acai.zoo import folders


@register("ae")
class Autoencoder(MultiPlayerModel):
    """Encoder and decoder trained on mse(x, x̂), x̂ = decode(encode(x)) (paper, equation 1).

    The paper's baseline, and the base class of the other models. Each declares its `players` and
    computes their losses in `objective`.

    Args:
        image_shape: tuple (height, width, channels). Both sides must be latent_width·2^k.
            Defaults to (32, 32, 1).
        latent_width: int. The width of the latent code. Defaults to 4.
        latent_channels: int. The number of channels of the latent code. Defaults to 16.
        depth: int. The number of channels of the first convolution; each halving of the image
            doubles it. Defaults to 64.
        num_classes: int. The number of classes of the linear probe, which learns from labels on the
            latent code. Defaults to None: no probe.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Attributes:
        encoder, decoder: `keras.Sequential`s; their weights are kernel, bias … in forward order.
        probe: a `Dense`, or None.
        code_shape, code_size: shape (height, width, channels) and size of one latent code.

    Raises:
        ValueError: if the sizes do not fit each other; the message names sizes that do.

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

    # For subclasses to override: the objective, and the meaning of codes and images.

    def objective(self, x, training):
        """Compute all losses in one forward pass (here: equation 1).

        A new model overrides this and `players`. Each loss must reach the weights of its own player
        alone. Take what belongs to another player through `keras.ops.stop_gradient`, or call a
        network that two players need with `keras_acai.backend.two_sided`.

        Args:
            x: images, floats in [-1, 1], (n, *image_shape).
            training: bool. Whether to add noise, dropout or the like; False in `evaluate`.

        Returns:
            (losses, code, x_hat): a dict of scalar tensors, one for each loss that `players` name;
            the latent code that the probe learns on, (n, *code_shape), or None without probe; and
            the reconstruction of `x`, (n, *image_shape).

        Example:

        ```python
        class SparseAutoencoder(keras_acai.Autoencoder):
            players = (
                keras_acai.Player(
                    "autoencoder", ("encoder", "decoder"), ("reconstruction_loss", "sparsity_loss")
                ),
            )

            def objective(self, x, training):
                losses, z, x_hat = super().objective(x, training)
                losses["sparsity_loss"] = 0.1 * keras.ops.mean(keras.ops.abs(z))
                return losses, z, x_hat
        ```
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
        """Floats in [-1, 1] → the code that the probe learns on, (n, *code_shape)."""
        return self.encoder(x)

    # For users.

    def call(self, images, training=False):
        return self.to_image(self.to_code(self.scale(images)))

    def scale(self, images):
        """uint8 in 0…255 → floats in [-1, 1]. Floats stay as they are."""
        floats = ops.cast(images, self.variable_dtype)
        is_uint8 = keras.backend.standardize_dtype(images.dtype) == "uint8"
        return floats / 127.5 - 1.0 if is_uint8 else floats

    def encode(self, images, batch_size=256):
        """Encode images as latent codes.

        Args:
            images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
            batch_size: int. Images per pass, for arrays. A tensor is encoded in one pass.
                Defaults to 256.

        Returns:
            (n, *code_shape): a NumPy array of the model's variable dtype, float32 by default. For
            a tensor of the backend, a tensor with gradients.

        Raises:
            ValueError: for images of another shape, dtype or range.
        """
        return self._encode(checks.check_images(images, self.image_shape), batch_size)

    def decode(self, codes, batch_size=256):
        """Decode latent codes to images.

        Args:
            codes: (n, *code_shape), finite.
            batch_size: int. Codes per pass, for arrays. Defaults to 256.

        Returns:
            (n, *image_shape) in [-1, 1], except for the small overshoot of a linear output layer.
            A NumPy array for an array and a tensor for a tensor, as in `encode`.

        Raises:
            ValueError: for codes of another shape, or that are not finite.
        """
        return self._decode(checks.check_codes(codes, self.code_shape), batch_size)

    def interpolate(self, a, b, steps=16, method="lerp", batch_size=256):
        """Mix the codes of `a` and `b`, and decode the mixes (paper, section 2).

        Args:
            a, b: images, (n, *image_shape) each, uint8 in 0…255 or floats in [-1, 1].
            steps: int ≥ 2. Images per strip, including both ends. Defaults to 16.
            method: "lerp" (a straight line) or "slerp" (a great circle). Defaults to "lerp".
            batch_size: int. Images per pass. Defaults to 256.

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
        """Encode images as flat feature vectors, for classifiers, clustering or search.

        Args:
            images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
            batch_size: int. Images per pass. Defaults to 256.
            verbose: 0 for silence, 1 or "auto" for a progress bar. Defaults to "auto".

        Returns:
            (n, h·w·latent_channels), a float32 NumPy array.
        """
        images = checks.to_numpy(checks.check_images(images, self.image_shape))
        codes = self._encode(images, batch_size, verbose)
        return codes.reshape(-1, self.code_size).astype("float32", copy=False)

    def classify(self, images, batch_size=256):
        """Compute class probabilities with the linear probe (section 4).

        Args:
            images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
            batch_size: int. Images per pass. Defaults to 256.

        Returns:
            (n, num_classes): probabilities that sum to 1, a float32 NumPy array, or a tensor for a
            tensor of the backend.

        Raises:
            ValueError: for a model without `num_classes`, and for bad images.
        """
        if self.probe is None:
            raise ValueError(
                "The model has no probe: create it with num_classes=…, and fit it with labels."
            )
        return self._classify(checks.check_images(images, self.image_shape), batch_size)

    def save_pretrained(self, folder, *, metrics=None, run=None, dtype="float32"):
        """Write the model into a folder, for `keras_acai.load` and `keras_acai.publish`.

        `config.json` holds the model's arguments and the SHA-256 of the weight files.
        `model.safetensors` has the weights that `encode` and `decode` need, `players.safetensors`
        those of the critic and the probe. `README.md` is a model card; one that was written by
        hand is kept. Each file is written completely or not at all. The optimizer is not saved:
        use `model.save("model.keras")`.

        Args:
            folder: path. Created if it does not exist; other files in it are left alone.
            metrics: dict with "scores", a dict of numbers, for `metrics.json`, which also names
                the SHA-256 of the weights that were scored. Defaults to None.
            run: dict. How the model was trained, for `run.json`. Defaults to None.
            dtype: "float32", or "float16" for weights of half the size. Defaults to "float32".

        Raises:
            ValueError: if weights are not finite, also in that dtype, or metrics have no scores.
                Nothing is written.
            OSError: if a file cannot be written.
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
        return Batched(self, self._probabilities)

    def _probabilities(self, images):
        code = self.to_probe(self.scale(images))
        return ops.softmax(self.probe(ops.reshape(code, (-1, self.code_size))))


def mse(x, x_hat):
    """The mean squared error over everything."""
    return ops.mean(ops.square(x - x_hat))
