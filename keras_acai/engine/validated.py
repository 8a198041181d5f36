"""The methods of a `keras.Model` that take data, with the data checked first."""

import keras

from keras_acai import backend
from keras_acai.datasets.shuffled import Indices, Resident
from keras_acai.engine import streams
from keras_acai.engine.validation import Validator, refuse_weights


class Validated:
    """A mixin for `keras.Model` that checks images and labels before any work.

    It covers `fit`, `evaluate`, `predict`, their `…_on_batch` forms and calls. The model has
    `image_shape`, `num_classes` (None: no labels) and `min_batch`, the smallest batch for which
    its objective makes sense.
    """

    min_batch = 1
    resident = None  # the `datasets.Resident` that `fit` chooses batches from, while it runs

    def __call__(self, images, *args, **kwargs):
        return super().__call__(Validator(self).images(images), *args, **kwargs)

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
        """Train the model, as `keras.Model.fit` does, after checking the data.

        Args:
            x: images, (n, *image_shape), uint8 in 0…255 or floats in [-1, 1]; or a tf.data
                dataset, PyDataset, torch DataLoader or generator of batches of images or
                (images, labels). `datasets.Resident` keeps the images on the device.
            y: integers in 0…num_classes − 1, (n,), which train the probe. Defaults to None.
            batch_size: int. Images per step. Defaults to 32; the paper uses 64.
            epochs: int. Defaults to 1.
            verbose, callbacks, validation_split, shuffle, **kwargs: as in `keras.Model.fit`, but
                without sample and class weights.
            validation_data: images, (images, labels), or a stream of batches of them.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: if the model cannot learn from the data: one line, before any step. For
                streams, it is raised when the bad batch is read.
        """
        refuse_weights(**kwargs)
        if streams.is_stream(x) and not isinstance(x, keras.utils.PyDataset):
            shuffle = False  # Keras cannot, and would warn
        validator = Validator(self, self.min_batch, self.min_batch)
        resident = x if isinstance(x, Resident) and self._can_hold_images() else None
        if resident is None:
            x, y = validator.data(x, y)
        else:
            validator.resident(resident)
            x = Indices(resident)
        if not streams.is_stream(x):
            validator.batches(int(len(x) * (1 - (validation_split or 0))), batch_size)
        if validation_data is not None:
            validation_data = validator.for_evaluation().validation_data(validation_data)
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

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", **kwargs):
        """Compute losses and metrics, as `keras.Model.evaluate` does; takes what `fit` takes."""
        refuse_weights(**kwargs)
        validator = Validator(self, self.min_batch)
        x, y = validator.data(x, y)
        return self._run(validator, super().evaluate, x, y, batch_size, verbose, **kwargs)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """Reconstruct images, as `keras.Model.predict` does: float32 (n, *image_shape)."""
        validator = Validator(self)
        x, _ = validator.data(x)
        return self._run(validator, super().predict, x, batch_size, verbose, steps, callbacks)

    def train_on_batch(self, x, y=None, **kwargs):
        """Run one step on one batch, as `keras.Model.train_on_batch` does."""
        refuse_weights(**kwargs)
        x, y = Validator(self, self.min_batch, self.min_batch).data(x, y)
        return super().train_on_batch(x, y, **kwargs)

    def test_on_batch(self, x, y=None, **kwargs):
        """Compute losses and metrics of one batch, as `keras.Model.test_on_batch` does."""
        refuse_weights(**kwargs)
        x, y = Validator(self, self.min_batch, self.min_batch).data(x, y)
        return super().test_on_batch(x, y, **kwargs)

    def predict_on_batch(self, x):
        """Reconstruct one batch, as `keras.Model.predict_on_batch` does."""
        return super().predict_on_batch(Validator(self).images(x))

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
