"""A `keras.Model` that looks at its data before Keras does."""

import copy

import keras

from keras_acai import backend, checks
from keras_acai.datasets.shuffled import Indices, Resident
from keras_acai.engine import streams


class CheckedModel(keras.Model):
    """Checks images and labels before any work: in `fit`, `evaluate`, `predict` and calls.

    A subclass has `image_shape`, `num_classes` (None: no labels) and `min_batch`, the smallest
    batch that its objective makes sense on.
    """

    min_batch = 1
    resident = None  # the images on the device that `fit` chooses batches of

    def __call__(self, images, *args, **kwargs):
        return super().__call__(self._check_images(images), *args, **kwargs)

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        **kwargs,
    ):
        """Trains the model: `keras.Model.fit`, with data checked first.

        Args:
            x: images, (n, *image_shape), uint8 in 0…255 or floats in [-1, 1]; or a tf.data
                dataset, PyDataset, torch DataLoader or generator of batches of images or
                (images, labels); `datasets.Resident` keeps the images on the device.
            y: integers in 0…num_classes − 1, (n,), which train the probe. Defaults to None.
            batch_size: int. Images a step. Defaults to 32; the paper's is 64.
            epochs: int. Defaults to 1.
            verbose, callbacks, validation_split, shuffle, **kwargs: as in `keras.Model.fit`.
                Sample and class weights do not exist here.
            validation_data: images, (images, labels), or a stream of batches of them.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: for data that the model cannot learn from, in one line, before any step
                (within a stream: when the bad batch comes).
        """
        if streams.is_stream(x) and not isinstance(x, keras.utils.PyDataset):
            shuffle = False  # Keras cannot, and would warn
        check = _BatchCheck(self, self.min_batch)
        resident = x if isinstance(x, Resident) and self._can_hold_images() else None
        x, y = self._check_data(x, y, check, kwargs)
        if resident is not None:
            self._check_resident(resident)
            x = Indices(resident)
        if not streams.is_stream(x):
            self._check_batches(int(len(x) * (1 - (validation_split or 0))), batch_size)
        if validation_data is not None:
            validation_data = self._check_validation(validation_data, check.for_evaluation())
        self.resident = resident
        try:
            return self._run(
                check,
                super().fit,
                x,
                y,
                batch_size=batch_size,
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                validation_split=validation_split,
                validation_data=validation_data,
                shuffle=shuffle,
                **kwargs,
            )
        finally:
            self.resident = None

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", **kwargs):
        """Losses and metrics on data, as `keras.Model.evaluate`; takes what `fit` takes."""
        check = _BatchCheck(self, self.min_batch).for_evaluation()
        x, y = self._check_data(x, y, check, kwargs)
        return self._run(check, super().evaluate, x, y, batch_size, verbose, **kwargs)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """Reconstructions, float32 (n, *image_shape), as `keras.Model.predict`."""
        check = _BatchCheck(self, 1)
        x, _ = self._check_data(x, None, check, {}, at_least=1)
        return self._run(check, super().predict, x, batch_size, verbose, steps, callbacks)

    def train_on_batch(self, x, y=None, **kwargs):
        """One step on one batch, as `keras.Model.train_on_batch`."""
        x, y = self._check_data(x, y, _BatchCheck(self, self.min_batch), kwargs)
        return super().train_on_batch(x, y, **kwargs)

    def test_on_batch(self, x, y=None, **kwargs):
        """Losses and metrics of one batch, as `keras.Model.test_on_batch`."""
        x, y = self._check_data(x, y, _BatchCheck(self, self.min_batch), kwargs)
        return super().test_on_batch(x, y, **kwargs)

    def predict_on_batch(self, x):
        """Reconstructions of one batch, as `keras.Model.predict_on_batch`."""
        return super().predict_on_batch(self._check_images(x))

    def batch_of(self, data, arrays=None):
        """A batch as it is trained on, where `fit` may have sent the numbers of its images alone.

        Args:
            data: a batch of `fit`'s.
            arrays: the images and labels on the device. Defaults to those of `resident`.
        """
        if self.resident is None:
            return data
        return self.resident.batch(self.resident.arrays if arrays is None else arrays, data[0])

    def recover(self):
        """Called when `fit`, `evaluate` or `predict` fails, for backends that have to tidy up."""

    def _run(self, check, method, *args, **kwargs):
        """Calls a method of Keras; an error of `check` comes out of whatever wrapped it."""
        try:
            return method(*args, **kwargs)
        except BaseException as error:
            self.recover()
            if check.errors:
                raise check.errors[0] from None
            if "in DataLoader worker" in str(error):  # checked in another process
                raise ValueError(str(error).splitlines()[-1].partition(": ")[2]) from None
            raise

    def _check_images(self, images, at_least=1):
        return checks.check_images(images, self.image_shape, at_least=at_least)

    def _check_data(self, x, y, check, options, at_least=None):
        """`x` and `y` checked, or wrapped so that each batch will be."""
        for weight in ("sample_weight", "class_weight"):
            if options.get(weight) is not None:
                raise ValueError(
                    f"{weight} is not supported: the paper's losses weigh all images alike; "
                    "repeat or drop images instead."
                )
        if streams.is_stream(x):
            return streams.check_stream(x, check), y
        x = self._check_images(x, at_least or self.min_batch)
        return x, checks.check_labels(y, len(x), self.num_classes)

    def _can_hold_images(self):
        """Whether batches may be chosen on the device; Keras wants to see some for new metrics."""
        return backend.can_hold_images() and all(
            getattr(metric, "built", True) for metric in self.metrics
        )

    def _check_resident(self, resident):
        checks.check_labels(resident.y, len(resident.x), self.num_classes)
        self._check_images(resident.x)
        self._check_batches(resident.batch_size, resident.batch_size)

    def _check_batches(self, count, batch_size):
        """Refuses a last batch too small for the objective."""
        size = 32 if batch_size is None else checks.check_size(batch_size, "batch_size")
        rest = count % size
        if size < self.min_batch or 0 < rest < self.min_batch:
            raise ValueError(
                f"{count} images in batches of {size} make a batch of {rest or size}, but this "
                f"model mixes every image with another and needs {self.min_batch}: choose another "
                "batch_size or leave an image out."
            )

    def _check_validation(self, data, check):
        if streams.is_stream(data):
            return streams.check_stream(data, check)
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        x, y = self._check_data(x, y, check, {"sample_weight": weights})
        return keras.utils.pack_x_y_sample_weight(x, y)


class _BatchCheck:
    """Checks batches of a stream, and remembers its errors."""

    def __init__(self, model, min_batch):
        self.image_shape = model.image_shape
        self.num_classes = model.num_classes
        self.min_batch = min_batch
        self.errors = []

    def for_evaluation(self):
        """The same check for batches of any size, with the same memory."""
        other = copy.copy(self)
        other.min_batch = 1
        return other

    def __call__(self, batch):
        try:
            return self._checked(batch)
        except ValueError as error:
            self.errors.append(error)
            raise

    def _checked(self, batch):
        if isinstance(batch, dict):
            raise ValueError(
                f"batches are dicts of {sorted(batch)}: give images or (images, labels), as "
                "TensorFlow Datasets do with as_supervised=True."
            )
        batch = tuple(batch) if isinstance(batch, list) else batch
        x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if weights is not None:
            raise ValueError("batches must be images or (images, labels), without sample weights.")
        x = checks.check_images(x, self.image_shape, at_least=self.min_batch)
        y = checks.check_labels(y, x.shape[0], self.num_classes)
        return (x,) if y is None else (x, y)
