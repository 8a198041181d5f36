"""The methods of a `keras.Model` that take data, with the data checked first."""

import contextlib

from keras_acai import backend
from keras_acai.checks import check_size
from keras_acai.datasets.shuffled import Indices, Resident
from keras_acai.engine import progress, streams
from keras_acai.engine.validation import Validator, refuse_weights


class Validated:
    """A mixin for `keras.Model` that checks images and labels before any work.

    It covers `fit`, `evaluate`, `predict`, their `…_on_batch` forms and calls. The model has
    `image_shape`, `num_classes` (None: no labels), `logged_names`, and `min_batch`, the smallest
    batch for which its objective makes sense.
    """

    min_batch = 1
    resident = None  # the `datasets.Resident` that `fit` chooses batches from, while it runs
    _are_checked = False  # whether `predict` calls the model, with images that it has checked

    def __call__(self, images, *args, value_range=None, data_format=None, **kwargs):
        if not self._are_checked:
            validator = Validator(self, value_range=value_range, data_format=data_format)
            images = validator.images(images)
        return super().__call__(images, *args, **kwargs)

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
        *,
        value_range=None,
        data_format=None,
        **kwargs,
    ):
        """Train the model, as `keras.Model.fit` does, after checking the data.

        Args:
            x: images, (n, *image_shape), uint8 in 0…255 or floats in [-1, 1]; or a tf.data
                dataset, PyDataset, torch DataLoader or generator of batches of images or
                (images, labels). `datasets.Resident` keeps the images on the device.
            y: integers in 0…num_classes − 1, (n,), which train the probe. Without a probe they are
                ignored, with a warning. Defaults to None.
            batch_size: int. Images per step. Defaults to 32; the paper uses 64.
            epochs: int. Defaults to 1.
            verbose, callbacks, validation_split, shuffle, **kwargs: as in `keras.Model.fit`, but
                without sample and class weights.
            validation_data: images, (images, labels), or a stream of batches of them.
            value_range: (low, high), the numbers that mean black and white, such as (0, 1) or
                (0, 255). Defaults to None: uint8 in 0…255 or floats in [-1, 1].
            data_format: "channels_first" for images (n, channels, height, width). Defaults to None:
                channels last.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: if the model cannot learn from the data: one line, before any step. For
                streams, it is raised when the bad batch is read.
        """
        refuse_weights(**kwargs)
        streams.check_end(x, "steps_per_epoch", kwargs.get("steps_per_epoch"))
        streams.check_end(validation_data, "validation_steps", kwargs.get("validation_steps"))
        shuffle = shuffle and streams.can_be_shuffled(x)
        sizes = (self.min_batch, self.min_batch)
        validator = Validator(self, *sizes, value_range=value_range, data_format=data_format)
        resident = None
        if isinstance(x, Resident) and self._can_hold_images():
            resident = validator.resident(x)
            x = Indices(resident)
        else:
            x, y = validator.data(x, y)
        if not streams.is_stream(x):
            validator.batches(int(len(x) * (1 - (validation_split or 0))), batch_size)
        if validation_data is not None:
            validation_data = validator.for_evaluation().validation_data(validation_data)
        has_validation = validation_data is not None or bool(validation_split)
        callbacks = progress.prepare(callbacks, self.logged_names, verbose, has_validation)
        self.resident = resident
        try:
            return self._run(
                validator,
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

    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        *,
        value_range=None,
        data_format=None,
        **kwargs,
    ):
        """Compute losses and metrics, as `keras.Model.evaluate` does; takes what `fit` takes."""
        refuse_weights(**kwargs)
        _check_batch_size(batch_size)
        streams.check_end(x, "steps", kwargs.get("steps"))
        sizes = (self.min_batch,)
        validator = Validator(self, *sizes, value_range=value_range, data_format=data_format)
        x, y = validator.data(x, y)
        bar = progress.prepare(kwargs.pop("callbacks", None), self.logged_names, verbose)
        return self._run(
            validator, super().evaluate, x, y, batch_size, verbose, callbacks=bar, **kwargs
        )

    def predict(
        self,
        x,
        batch_size=None,
        verbose="auto",
        steps=None,
        callbacks=None,
        *,
        value_range=None,
        data_format=None,
    ):
        """Reconstruct images, as `keras.Model.predict` does: float32 (n, *image_shape)."""
        _check_batch_size(batch_size)
        streams.check_end(x, "steps", steps)
        pixels = {"value_range": value_range, "data_format": data_format}
        validator = Validator(self, takes_labels=False, **pixels)
        x, _ = validator.data(x)
        with self._checked():
            return self._run(validator, super().predict, x, batch_size, verbose, steps, callbacks)

    def train_on_batch(self, x, y=None, *, value_range=None, data_format=None, **kwargs):
        """Run one step on one batch, as `keras.Model.train_on_batch` does."""
        x, y = self._batch(x, y, value_range, data_format, kwargs)
        return super().train_on_batch(x, y, **kwargs)

    def test_on_batch(self, x, y=None, *, value_range=None, data_format=None, **kwargs):
        """Compute losses and metrics of one batch, as `keras.Model.test_on_batch` does."""
        x, y = self._batch(x, y, value_range, data_format, kwargs)
        return super().test_on_batch(x, y, **kwargs)

    def predict_on_batch(self, x, *, value_range=None, data_format=None):
        """Reconstruct one batch, as `keras.Model.predict_on_batch` does."""
        x = Validator(self, value_range=value_range, data_format=data_format).images(x)
        with self._checked():
            return super().predict_on_batch(x)

    def batch_of(self, data, arrays=None):
        """The batch to train on. With a `Resident`, `fit` passes indices of images only.

        Args:
            data: a batch from `fit`.
            arrays: the images and labels on the device. Defaults to those of `resident`.
        """
        if self.resident is None:
            return data
        return self.resident.batch(self.resident.arrays if arrays is None else arrays, data[0])

    def recover(self):
        """Clean up after `fit`, `evaluate` or `predict` failed, on backends that need it."""

    def _batch(self, x, y, value_range, data_format, options):
        """The checked batch of `train_on_batch` and `test_on_batch`."""
        refuse_weights(**options)
        sizes = (self.min_batch, self.min_batch)
        return Validator(self, *sizes, value_range=value_range, data_format=data_format).data(x, y)

    @contextlib.contextmanager
    def _checked(self):
        """Calls of the model trust their images within a `with` block."""
        self._are_checked = True
        try:
            yield
        finally:
            self._are_checked = False

    def _run(self, validator, method, *args, **kwargs):
        """Calls a method of Keras, and raises an error of the validator as it was at first."""
        try:
            return method(*args, **kwargs)
        except BaseException as error:
            self.recover()
            if validator.errors:
                raise validator.errors[0] from None
            if "in DataLoader worker" in str(error):  # checked in another process
                raise ValueError(str(error).splitlines()[-1].partition(": ")[2]) from None
            raise

    def _can_hold_images(self):
        """Whether batches may be chosen on the device. Keras builds new metrics from images."""
        return backend.can_hold_images() and all(
            getattr(metric, "built", True) for metric in self.metrics
        )


def _check_batch_size(batch_size):
    if batch_size is not None:
        check_size(batch_size, "batch_size")
