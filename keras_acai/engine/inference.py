"""What a trained model does: encode, decode, sample, classify, in batches."""

import functools

import numpy as np
from keras import ops

from keras_acai import checks, quiet
from keras_acai.backend import compiled
from keras_acai.engine import inputs
from keras_acai.engine.extraction import feature_extractor


class Batched:
    """Applies a function of tensors to arrays of any length: compiled, batch by batch.

    Args:
        model: the `keras.Model` whose variables the function reads.
        function: callable. Tensor (n, …) → tensor (n, …), each item by itself.
    """

    def __init__(self, model, function):
        self.function = function
        self.compiled = compiled(model, function)

    def __call__(self, inputs, batch_size, verbose=0):
        """Apply the function to all items.

        Args:
            inputs: array or tensor of the backend, (n, …), n ≥ 1, or an iterator of arrays.
            batch_size: int. Items per pass. The last batch is padded to this size, so only one
                shape is compiled.
            verbose: as for `quiet.progress_bar`. Defaults to 0.

        Returns:
            (n, …): a NumPy array for arrays, a tensor with gradients for a tensor.
        """
        size = checks.check_size(batch_size, "batch_size")
        if ops.is_tensor(inputs):
            return self.function(inputs)
        if not isinstance(inputs, np.ndarray):
            outputs = [self(array, batch_size) for array in inputs]
            if not outputs:
                raise ValueError("the stream has no batch: pass at least one image.")
            return np.concatenate(outputs)
        size = min(size, len(inputs))
        bar = quiet.progress_bar(len(inputs), "image", verbose)
        outputs = None
        for start in range(0, len(inputs), size):
            batch = inputs[start : start + size]
            result = ops.convert_to_numpy(self.compiled(_pad(batch, size)))
            if outputs is None:
                outputs = np.empty((len(inputs), *result.shape[1:]), result.dtype)
            outputs[start : start + len(batch)] = result[: len(batch)]
            bar.update(start + len(batch))
        return outputs


def _pad(batch, size):
    missing = size - len(batch)
    return batch if missing == 0 else np.concatenate([batch, np.repeat(batch[-1:], missing, 0)])


class Inference:
    """A mixin for models: what users call once a model is trained.

    The model has `image_shape`, `code_shape`, `code_size`, `probe` and the methods `scale`,
    `to_code`, `to_image` and `to_probe`.
    """

    samples_codes = False  # whether `paper_codes` differ from those of `encode`

    def encode(
        self, images, batch_size=256, *, value_range=None, data_format=None, background="white"
    ):
        """Encode images as latent codes.

        Args:
            images: an array or tensor (n, *image_shape), uint8 in 0…255 or floats in [-1, 1]; a
                path, a folder, a PIL picture or a list of these, which are cropped to their middle
                and resized; or a stream as `fit` takes it. One image counts as a batch of one.
            batch_size: int. Images per pass, for arrays. A tensor is encoded in one pass.
                Defaults to 256.
            value_range: (low, high), the numbers that mean black and white, such as (0, 1) or
                (0, 255). Defaults to None: uint8 in 0…255 or floats in [-1, 1].
            data_format: "channels_first" for images (n, channels, height, width). Defaults to None:
                channels last.
            background: the colour behind transparent pictures: a name or a code that Pillow knows,
                or (red, green, blue). Defaults to white.

        Returns:
            (n, *code_shape): a NumPy array of the model's variable dtype, float32 by default. For
            a tensor of the backend, a tensor with gradients.

        Raises:
            ValueError: for images of another shape, dtype or range.
            keras_acai.errors.PictureError: a ValueError, for a file that is not a picture.
        """
        pixels = {"value_range": value_range, "data_format": data_format, "background": background}
        return self._encode(inputs.read(images, self, **pixels), batch_size)

    def paper_codes(self, images, batch_size=256, seed=0):
        """Encode images as the authors' evaluation does: like `encode`, but a VAE samples.

        Args:
            images, batch_size: as for `encode`.
            seed: int. Seed for the samples. Defaults to 0.
        """
        return self.encode(images, batch_size)

    def decode(self, codes, batch_size=256):
        """Decode latent codes to images.

        Args:
            codes: (n, *code_shape), finite.
            batch_size: int. Codes per pass, for arrays. Defaults to 256.

        Returns:
            (n, *image_shape) in [-1, 1], except for the small overshoot of a linear output layer:
            make pictures of it with `keras_acai.to_images` or `to_pil`. A NumPy array for an array
            and a tensor for a tensor, as in `encode`.

        Raises:
            ValueError: for codes of another shape, or that are not finite.
        """
        return self._decode(checks.check_codes(codes, self.code_shape), batch_size)

    def reconstruct(self, images, batch_size=256, **pixels):
        """Compute decode(encode(images)).

        Args:
            images, batch_size, **pixels: as for `encode`.

        Returns:
            (n, *image_shape), as from `decode`.

        Raises:
            ValueError: as `encode`.
        """
        return self._reconstruct(inputs.read(images, self, **pixels), batch_size)

    def reconstruction_error(self, images, batch_size=256, **pixels):
        """Measure how far each image is from its reconstruction: outliers are far.

        Args:
            images, batch_size, **pixels: as for `encode`.

        Returns:
            (n,): root mean squared errors in grey levels (of 255), or in the unit of data that are
            not pictures; a float32 NumPy array, or a tensor for a tensor of the backend.

        Raises:
            ValueError: as `encode`.
        """
        return self._measure_error(inputs.read(images, self, **pixels), batch_size)

    def sample(self, n, images=None, *, seed=None, batch_size=256, **pixels):
        """Draw new images: decode codes drawn from a normal distribution.

        Args:
            n: int. How many images to draw.
            images: images in any form that `encode` takes, at least 2. Codes are then drawn with
                the mean and the covariance of their codes. Defaults to None: N(0, 1), the prior
                that the codes of VAE and AAE are trained to follow.
            seed: int. The same seed draws the same codes. Defaults to None: other ones each time.
            batch_size, **pixels: as for `encode`.

        Returns:
            (n, *image_shape), a NumPy array as from `decode`.

        Raises:
            ValueError: for a model without a prior if there are no images, for a single image, and
                as `encode`.
        """
        shape = (checks.check_size(n, "n"), self.code_size)
        generator = np.random.default_rng(seed)
        if images is not None:
            codes = self.features(images, batch_size, verbose=0, **pixels)
            flat = _draw_like(codes, shape[0], generator)
        elif self.has_prior:
            flat = generator.standard_normal(shape, "float32")
        else:
            raise ValueError(
                f"{type(self).__name__} has no prior to draw codes from: pass images=… (--like), "
                "whose codes the new ones resemble, or use a VAE or an AAE."
            )
        return self.decode(flat.reshape(-1, *self.code_shape), batch_size)

    def features(self, images, batch_size=256, verbose="auto", **pixels):
        """Encode images as flat feature vectors, for classifiers, clustering or search.

        Args:
            images, batch_size, **pixels: as for `encode`.
            verbose: 0 for silence, 1 for a progress bar, or "auto" for one on a terminal and in a
                notebook. Defaults to "auto".

        Returns:
            (n, h·w·latent_channels), a float32 NumPy array.

        Raises:
            ValueError: as `encode`.
        """
        images = inputs.read(images, self, **pixels)
        images = checks.to_numpy(images) if ops.is_tensor(images) else images
        codes = self._encode(images, batch_size, verbose)
        return codes.reshape(-1, self.code_size).astype("float32", copy=False)

    def classify(self, images, batch_size=256, **pixels):
        """Compute class probabilities with the linear probe (section 4).

        Args:
            images, batch_size, **pixels: as for `encode`.

        Returns:
            (n, num_classes): probabilities that sum to 1, a float32 NumPy array, or a tensor for a
            tensor of the backend.

        Raises:
            ValueError: for a model without `num_classes`, and for bad images.
            keras_acai.errors.PictureError: a ValueError, for a file that is not a picture.
        """
        if self.probe is None:
            raise ValueError(
                "The model has no probe: create it with num_classes=…, and fit it with labels."
            )
        return self._classify(inputs.read(images, self, **pixels), batch_size)

    def feature_extractor(self, trainable=False, value_range=(0, 255)):
        """Make a functional Keras model from images to flat codes, for models of your own.

        It holds a copy of the weights, so fine-tuning it leaves this model as it is.

        Args:
            trainable: bool. Whether its weights are trained in the models that use it. Defaults to
                False.
            value_range: (low, high), the numbers that mean black and white. Defaults to (0, 255),
                for uint8, and for floats as of `keras.utils.image_dataset_from_directory`.

        Returns:
            `keras.Model`: (n, *image_shape) → (n, h·w·latent_channels). It checks the range of
            images that it is called with; a compiler that traces it knows none.

        Example:

        ```python
        extractor = keras_acai.load("acai-mnist").feature_extractor()
        classifier = keras.Sequential([extractor, keras.layers.Dense(10, activation="softmax")])
        classifier.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        classifier.fit(images, labels)  # uint8
        ```
        """
        return feature_extractor(self, trainable, value_range)

    @functools.cached_property
    def _encode(self):
        return Batched(self, lambda images: self.to_code(self.scale(images)))

    @functools.cached_property
    def _decode(self):
        return Batched(self, self.to_image)

    @functools.cached_property
    def _reconstruct(self):
        return Batched(self, lambda images: self.to_image(self.to_code(self.scale(images))))

    @functools.cached_property
    def _measure_error(self):
        return Batched(self, self._errors)

    @functools.cached_property
    def _classify(self):
        return Batched(self, self._probabilities)

    def _probabilities(self, images):
        code = self.to_probe(self.scale(images))
        return ops.softmax(self.probe(ops.reshape(code, (-1, self.code_size))))

    def _errors(self, images):
        x = self.scale(images)
        squares = ops.square(self.to_image(self.to_code(x)) - x)
        mean = ops.mean(ops.reshape(squares, (ops.shape(x)[0], -1)), axis=1)
        return self.unit * ops.sqrt(mean)


def _draw_like(codes, n, generator):
    """Draws n vectors from the normal distribution that has the mean and covariance of `codes`."""
    if len(codes) < 2:
        raise ValueError("images: 1 given, pass at least 2, whose codes have a covariance.")
    mean, covariance = codes.mean(axis=0), np.cov(codes, rowvar=False)
    drawn = generator.multivariate_normal(
        mean, np.atleast_2d(covariance), n, check_valid="ignore", method="eigh"
    )
    return drawn.astype("float32")
