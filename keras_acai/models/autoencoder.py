"""The plain autoencoder, the paper's baseline, and the base of all other models."""

import keras
import numpy as np
from keras import ops

from keras_acai import checks
from keras_acai.engine.inference import Inference
from keras_acai.engine.mixing import Mixing
from keras_acai.engine.multiplayer import MultiPlayerModel
from keras_acai.engine.players import AUTOENCODER
from keras_acai.export.formats import export
from keras_acai.export.parts import PARTS
from keras_acai.nn import networks, own
from keras_acai.registry import register
from keras_acai.zoo import folders, provenance

SIZES = ((32, 32, 1), 4, 16, 64, None)  # the defaults of a model's sizes


@register("ae")
class Autoencoder(Inference, Mixing, MultiPlayerModel):
    """Encoder and decoder trained on mse(x, x̂), x̂ = decode(encode(x)) (paper, equation 1).

    The paper's baseline, and the base class of the other models. Each declares its `players` and
    computes their losses in `objective`.

    Args:
        image_shape: tuple (height, width, channels). The width must be latent_width·2^k, and the
            height a multiple of 2^k. Defaults to (32, 32, 1).
        latent_width: int. The width of the latent code. Defaults to 4.
        latent_channels: int. The number of channels of the latent code. Defaults to 16.
        depth: int. The number of channels of the first convolution; each halving of the image
            doubles it. Defaults to 64.
        num_classes: int. The number of classes of the linear probe, which learns from labels on the
            latent code. Defaults to None: no probe.
        max_channels: int. The most channels of a convolution, for large images. Defaults to None:
            no limit.
        encoder, decoder: Keras models of your own, data → codes and codes → data, instead of the
            sizes above. Data and codes may have any shape. Default to None: the paper's.
        value_range: (-1, 1) for pictures, or None for other data: any finite numbers, which the
            losses take as they are. Defaults to (-1, 1).
        **kwargs: `name` and `dtype` of `keras.Model`.

    Attributes:
        encoder, decoder: `keras.Sequential`s; their weights are kernel, bias … in forward order.
        probe: a `Dense`, or None.
        image_shape: shape of one image (height, width, channels), or of one item of other data.
        code_shape, code_size: shape (height, width, channels) and size of one latent code.

    Raises:
        ValueError: if the sizes do not fit each other; the message names sizes that do. Likewise
            for networks of your own, and for sizes beside them.

    Example:

    ```python
    model = keras_acai.Autoencoder(image_shape=(32, 32, 1), depth=16)
    model.compile()
    model.fit(images, batch_size=64, epochs=10)
    strip = model.interpolate(images[:4], images[4:8], steps=16)  # (4, 16, 32, 32, 1)
    ```
    """

    players = (AUTOENCODER,)
    has_prior = False  # whether codes are trained to follow N(0, 1)
    needs_head_start = False  # whether short training begins without critic or quantisation
    provenance = None  # scores and record that it was loaded with, a `zoo.provenance.Provenance`

    def __init__(
        self,
        image_shape=(32, 32, 1),
        latent_width=4,
        latent_channels=16,
        depth=64,
        num_classes=None,
        max_channels=None,
        *,
        encoder=None,
        decoder=None,
        value_range=(-1, 1),
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_classes = _size_or_none(num_classes, "num_classes")
        self.value_range = _range_or_none(value_range)
        self.has_own_networks = encoder is not None or decoder is not None
        sizes = (image_shape, latent_width, latent_channels, depth, max_channels)
        if self.has_own_networks:
            self._take_networks(encoder, decoder, sizes)
        else:
            self._make_networks(*sizes)
        self.code_size = int(np.prod(self.code_shape))
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
        z = self.encoder(x, training=training)
        x_hat = self.decoder(z, training=training)
        return {"reconstruction_loss": self.distance(x, x_hat)}, z, x_hat

    def distance(self, x, x_hat):
        """How far reconstructions are from images, a scalar: the mean squared error.

        Override it to train by another loss (docs/own.md). `rmse` in logs stays what it is. A VAE
        has a likelihood instead.

        Args:
            x, x_hat: images and reconstructions, floats, (n, *image_shape).
        """
        return mse(x, x_hat)

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
        """uint8 in 0…255 → floats in [-1, 1]. Floats, and data that are not pictures, stay."""
        floats = ops.cast(images, self.variable_dtype)
        if self.value_range is None:
            return floats
        is_uint8 = keras.backend.standardize_dtype(images.dtype) == "uint8"
        return floats / 127.5 - 1.0 if is_uint8 else floats

    def save_pretrained(self, folder, *, metrics=None, run=None, dtype="float32"):
        """Write the model into a folder, for `keras_acai.load` and `keras_acai.publish`.

        `config.json` holds the model's arguments and the SHA-256 of the weight files.
        `model.safetensors` has the weights that `encode` and `decode` need, `players.safetensors`
        those of the critic and the probe. `README.md` is a model card; one that was written by
        hand is kept. Each file is written completely or not at all. The optimizer is not saved:
        use `model.save("model.keras")`.

        Args:
            folder: path. Created if it does not exist. Pictures of an older model are deleted;
                other files in it are left alone.
            metrics: dict with "scores", a dict of numbers, for `metrics.json`, which also names
                the SHA-256 of the weights that were scored. Defaults to those that the model was
                loaded with, if its weights are unchanged.
            run: dict. How the model was trained, for `run.json`. Defaults likewise.
            dtype: "float32", or "float16" for weights of half the size. Defaults to "float32".

        Raises:
            ValueError: if weights are not finite, also in that dtype, if metrics have no scores,
                or if `load(…, players=False)` left out the critic. Nothing is written.
            OSError: if a file cannot be written.
        """
        folders.save(self, folder, metrics, run, dtype)

    def export(self, folder, format="onnx", *, parts=PARTS, uint8=False, half=False):
        """Write encoder, decoder and the whole for use without Keras.

        Args:
            folder: path. Created if it does not exist; other files in it are left alone.
            format: "onnx", "tf_saved_model", "litert" or "openvino". docs/use.md has what each
                needs on which backend. Defaults to "onnx".
            parts: "encoder" (images → codes), "decoder" (codes → images), "autoencoder" (images →
                reconstructions), "critic" (images → estimates of α, of ACAI alone), or several of
                them. Defaults to the first three.
            uint8: bool. Whether images are uint8 in 0…255 on both sides, or floats in [-1, 1].
                Defaults to False.
            half: bool. Whether ONNX files store weights as float16, at half the size. Shipped
                weights do not change by it. Defaults to False.

        Returns:
            dict: part → path of its file, or of its folder for a SavedModel. Batches may have any
            size; inputs and outputs are `images`, `codes` and `reconstructions`.

        Raises:
            ValueError: for another format or part, where the backend or a package that is
                missing cannot write the format, and for a critic that `load(…, players=False)`
                left out.
            OSError: if a file cannot be written.

        Example:

        ```python
        keras_acai.load("acai-mnist").export("exported", uint8=True)["encoder"]
        ```
        """
        provenance.check_trained(self, parts)
        return export(self, folder, format, parts=parts, uint8=uint8, half=half)

    def __repr__(self):
        return provenance.describe(self)

    def get_config(self):
        config = {**super().get_config(), "num_classes": self.num_classes}
        if self.value_range is None:
            config["value_range"] = None
        if self.has_own_networks:
            return config | own.serialize(encoder=self.encoder, decoder=self.decoder)
        return {
            **config,
            "image_shape": self.image_shape,
            "latent_width": self.latent_width,
            "latent_channels": self.latent_channels,
            "depth": self.depth,
            "max_channels": self.max_channels,
        }

    @classmethod
    def from_config(cls, config):
        return super().from_config(own.deserialize(config))

    def _make_networks(self, image_shape, latent_width, latent_channels, depth, max_channels):
        """Builds the paper's networks."""
        self.image_shape = checks.check_image_shape(image_shape)
        self.latent_width = checks.check_size(latent_width, "latent_width")
        self.latent_channels = checks.check_size(latent_channels, "latent_channels")
        self.depth = checks.check_size(depth, "depth")
        self.max_channels = _size_or_none(max_channels, "max_channels")
        sizes = (self.image_shape, self.latent_width, self.latent_channels)
        self.code_shape = networks.code_shape(*sizes)
        self.encoder = self._network(networks.encoder, self.depth)
        self.decoder = self._network(networks.decoder, self.depth)

    def _take_networks(self, encoder, decoder, sizes):
        """Takes networks of the user's own, which have their sizes already."""
        self.image_shape, self.code_shape = own.check_autoencoder(encoder, decoder)
        if sizes != SIZES:
            raise ValueError(
                f"{type(self).__name__} got sizes and networks: leave out image_shape, "
                "latent_width, latent_channels, depth and max_channels, which encoder has."
            )
        self.encoder, self.decoder = encoder, decoder

    def _network(self, build, depth, **options):
        sizes = (self.image_shape, self.latent_width, self.latent_channels, depth)
        return build(*sizes, self.max_channels, dtype=self.dtype_policy, **options)


def mse(x, x_hat):
    """The mean squared error over everything."""
    return ops.mean(ops.square(x - x_hat))


def _size_or_none(value, name):
    return None if value is None else checks.check_size(value, name)


def _range_or_none(value_range):
    if value_range is None or tuple(value_range) == (-1, 1):
        return value_range and (-1, 1)
    raise ValueError(
        f"value_range={value_range!r}: a model takes (-1, 1), for pictures, or None, for other "
        "data. Pass other ranges of pictures to fit and encode."
    )
