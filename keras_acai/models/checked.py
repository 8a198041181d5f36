"""A `keras.Model` that looks at its data before Keras does."""

import keras

from keras_acai import inputs, streams


class CheckedModel(keras.Model):
    """Checks images and labels before any work: in `fit`, `evaluate`, `predict` and calls.

    A subclass has `image_shape`, `num_classes` (None: no labels) and `min_batch`, the smallest
    batch that its objective makes sense on.
    """

    min_batch = 1

    def __call__(self, images, *args, **kwargs):
        return super().__call__(self._check_images(images), *args, **kwargs)

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", **kwargs):
        """Trains the model: `keras.Model.fit`, with data checked first.

        Args:
            x: images, (n, *image_shape), uint8 in 0…255 or floats in [-1, 1]; or a tf.data
                dataset, PyDataset, torch DataLoader or generator of batches of images or
                (images, labels).
            y: integers in 0…num_classes − 1, (n,), which train the probe. Defaults to None.
            batch_size: int. Images a step. Defaults to 32; the paper's is 64.
            epochs: int. Defaults to 1.
            verbose: as in `keras.Model.fit`.
            **kwargs: further arguments of `keras.Model.fit`. `validation_data` is checked too;
                sample and class weights do not exist here.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: for data that the model cannot learn from, in one line, before any step
                (within a stream: when the bad batch comes).
        """
        split = kwargs.get("validation_split") or 0.0
        if streams.is_stream(x) and not isinstance(x, keras.utils.PyDataset):
            kwargs.setdefault("shuffle", False)  # Keras cannot, and would warn
        x, y, check = self._check_data(x, y, self.min_batch, batch_size, split, kwargs)
        if kwargs.get("validation_data") is not None:
            kwargs["validation_data"] = self._check_validation(kwargs["validation_data"])
        return self._run(check, super().fit, x, y, batch_size, epochs, verbose, **kwargs)

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", **kwargs):
        """Losses and metrics on data, as `keras.Model.evaluate`; takes what `fit` takes."""
        x, y, check = self._check_data(x, y, 1, batch_size, 0.0, kwargs)
        return self._run(check, super().evaluate, x, y, batch_size, verbose, **kwargs)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """Reconstructions, float32 (n, *image_shape), as `keras.Model.predict`."""
        x, _, check = self._check_data(x, None, 1, batch_size, 0.0, {})
        return self._run(check, super().predict, x, batch_size, verbose, steps, callbacks)

    def train_on_batch(self, x, y=None, **kwargs):
        """One step on one batch, as `keras.Model.train_on_batch`."""
        x, y, _ = self._check_data(x, y, self.min_batch, None, 0.0, kwargs)
        return super().train_on_batch(x, y, **kwargs)

    def test_on_batch(self, x, y=None, **kwargs):
        """Losses and metrics of one batch, as `keras.Model.test_on_batch`."""
        x, y, _ = self._check_data(x, y, 1, None, 0.0, kwargs)
        return super().test_on_batch(x, y, **kwargs)

    def predict_on_batch(self, x):
        """Reconstructions of one batch, as `keras.Model.predict_on_batch`."""
        return super().predict_on_batch(self._check_images(x))

    def recover(self):
        """Called when `fit`, `evaluate` or `predict` fails, for backends that have to tidy up."""

    def _run(self, check, method, *args, **kwargs):
        """Calls a method of Keras; an error of `check` comes out of whatever wrapped it."""
        try:
            return method(*args, **kwargs)
        except BaseException:
            self.recover()
            if check.error is None:
                raise
            raise check.error from None

    def _check_images(self, images, at_least=1):
        return inputs.check_images(images, self.image_shape, at_least=at_least)

    def _check_data(self, x, y, min_batch, batch_size, split, options):
        """`x` and `y` checked, or wrapped so that each batch will be, and the check itself."""
        for weight in ("sample_weight", "class_weight"):
            if options.get(weight) is not None:
                raise ValueError(
                    f"{weight} is not supported: the paper's losses weigh all images alike; "
                    "repeat or drop images instead."
                )
        check = _BatchCheck(self, min_batch)
        if streams.is_stream(x):
            return streams.check_stream(x, check), y, check
        x = self._check_images(x, min_batch)
        y = inputs.check_labels(y, len(x), self.num_classes)
        _check_batches(int(len(x) * (1 - split)), batch_size or 32, min_batch)
        return x, y, check

    def _check_validation(self, data):
        if streams.is_stream(data):
            return streams.check_stream(data, _BatchCheck(self, 1))
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        x, y, _ = self._check_data(x, y, 1, None, 0.0, {"sample_weight": weights})
        return keras.utils.pack_x_y_sample_weight(x, y)


class _BatchCheck:
    """Checks batches of a stream, and remembers its error."""

    def __init__(self, model, min_batch):
        self.image_shape = model.image_shape
        self.num_classes = model.num_classes
        self.min_batch = min_batch
        self.error = None

    def __call__(self, batch):
        try:
            return self._checked(batch)
        except ValueError as error:
            self.error = error
            raise

    def _checked(self, batch):
        batch = tuple(batch) if isinstance(batch, list) else batch
        x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if weights is not None:
            raise ValueError("batches must be images or (images, labels), without sample weights.")
        x = inputs.check_images(x, self.image_shape, at_least=self.min_batch)
        y = inputs.check_labels(y, x.shape[0], self.num_classes)
        return (x,) if y is None else (x, y)


def _check_batches(count, batch_size, min_batch):
    """Refuses a last batch too small for the objective."""
    rest = count % batch_size
    if batch_size < min_batch or 0 < rest < min_batch:
        raise ValueError(
            f"{count} images in batches of {batch_size} make a batch of {rest or batch_size}, but "
            f"ACAI mixes every image with another and needs {min_batch}: choose another "
            "batch_size or leave an image out."
        )
