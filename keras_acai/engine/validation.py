"""Checks of the data that a model is trained on, evaluated on or called with."""

import copy
import warnings

import keras

from keras_acai import checks
from keras_acai.engine import streams


def check_inputs(model, images, at_least=1, **pixels):
    """Returns a model's inputs, (n, *image_shape): images, or floats if they are not pictures.

    Args:
        model: a model with `image_shape` and `value_range`.
        images: array or tensor, (n, *image_shape).
        at_least: int. The smallest n allowed. Defaults to 1.
        **pixels: `value_range`, `data_format`, `tolerance` and `may_be_dark` of
            `checks.check_images`.

    Raises:
        ValueError: as `checks.check_images`, or for data that are not finite.
    """
    if model.value_range is not None:
        return checks.check_images(images, model.image_shape, at_least=at_least, **pixels)
    given = [name for name in ("value_range", "data_format") if pixels.get(name) is not None]
    if given:
        raise ValueError(
            f"{given[0]} is for pictures, but this model takes other data as they are: leave it "
            "out."
        )
    return checks.check_codes(images, model.image_shape, "data", at_least)


class Validator:
    """Checks the data of one call of `fit`, `evaluate` or `predict`.

    Arrays are checked as a whole, before any work. The batches of a stream are checked as they are
    read, by calling the validator.

    Args:
        model: a model with `image_shape` and `num_classes` (None: no labels).
        min_images: int. The smallest number of images in an array. Defaults to 1.
        min_batch: int. The smallest batch of a stream. Defaults to 1.
        takes_labels: bool. Whether labels are used. Defaults to True.
        **pixels: `value_range` and `data_format` of `checks.check_images`.

    Attributes:
        errors: list of the `ValueError`s that batches of streams raised.
    """

    def __init__(self, model, min_images=1, min_batch=1, takes_labels=True, **pixels):
        self.model = model
        self.image_shape = model.image_shape
        self.num_classes = model.num_classes
        self.min_images = min_images
        self.min_batch = min_batch
        self.takes_labels = takes_labels
        self.pixels = pixels
        self.errors = []
        self.warned = set()

    def for_evaluation(self):
        """The same checks for stream batches of any size, with the same list of errors."""
        other = copy.copy(self)
        other.min_batch = 1
        return other

    def images(self, images):
        """Returns images as uint8 or floats in [-1, 1], (n, *image_shape).

        Raises:
            ValueError: if they have another shape, dtype or range, or are too few.
        """
        return self._images(images, self.min_images)

    def labels(self, y, x):
        """Returns the labels of images, or None with one warning if the model has no use for them.

        Args:
            y: integers, (n,) or (n, 1), or None.
            x: the images, (n, *image_shape).

        Raises:
            ValueError: if the probe cannot learn from them.
        """
        if y is None or not self.takes_labels:
            return None
        if shape_of(y)[1:] == self.image_shape:
            return self._ignored("y has the shape of images: the target of an autoencoder is x.")
        if self.num_classes is None:
            return self._ignored(
                "the model has no probe to train with labels: make it with num_classes=…."
            )
        return checks.check_labels(y, x.shape[0], self.num_classes)

    def data(self, x, y=None):
        """Returns (x, y): checked arrays, or a stream whose batches will be checked.

        Raises:
            ValueError: if the images or labels do not fit the model.
        """
        if streams.is_stream(x):
            return streams.check_stream(x, self), y
        x = self.images(x)
        return x, self.labels(y, x)

    def validation_data(self, data):
        """Returns images, (images, labels) or a stream for `validation_data` of `fit`, checked."""
        if streams.is_stream(data):
            return streams.check_stream(data, self)
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        refuse_weights(sample_weight=weights)
        return keras.utils.pack_x_y_sample_weight(*self.data(x, y))

    def resident(self, resident):
        """Returns a `datasets.Resident` of checked images, with the labels that the model uses."""
        x, y = self.data(resident.x, resident.y)
        self.batches(resident.batch_size, resident.batch_size)
        return resident if x is resident.x and y is resident.y else resident.of(x, y)

    def batches(self, count, batch_size):
        """Refuses a last batch that is too small for the objective.

        Args:
            count: int. The number of images.
            batch_size: int, or None for Keras's 32.
        """
        size = 32 if batch_size is None else checks.check_size(batch_size, "batch_size")
        rest = count % size
        if size < self.min_batch or 0 < rest < self.min_batch:
            raise ValueError(
                f"{count} images in batches of {size} leave a batch of {rest or size}, but this "
                f"model mixes every image with another and needs {self.min_batch}: choose another "
                "batch_size or leave an image out."
            )

    def __call__(self, batch):
        """Checks a batch of a stream: images, or (images, labels)."""
        try:
            return self._check_batch(batch)
        except ValueError as error:
            self.errors.append(error)
            raise

    def _check_batch(self, batch):
        batch = streams.without_names(batch)
        batch = tuple(batch) if isinstance(batch, list) else batch
        x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if weights is not None:
            raise ValueError("batches must be images or (images, labels), without sample weights.")
        if shape_of(x) == self.image_shape:
            raise ValueError("the stream has single images: make batches with .batch(64).")
        x = self._images(x, self.min_batch)
        y = self.labels(y, x)
        return (x,) if y is None else (x, y)

    def _images(self, images, at_least):
        return check_inputs(self.model, images, at_least, **self.pixels)

    def _ignored(self, reason):
        """Warns, once, that labels are ignored."""
        if reason not in self.warned:
            self.warned.add(reason)
            warnings.warn(f"Labels are ignored: {reason}", stacklevel=5)


def shape_of(array):
    """The shape of an array or tensor as a tuple; () for what has none."""
    return tuple(getattr(array, "shape", ()))


def refuse_weights(sample_weight=None, class_weight=None, **_):
    """Raises a `ValueError` for weights of samples or classes, among the arguments of `fit`."""
    for name, weight in (("sample_weight", sample_weight), ("class_weight", class_weight)):
        if weight is not None:
            raise ValueError(
                f"{name} is not supported: the paper's losses weigh all images alike; repeat or "
                "drop images instead."
            )
