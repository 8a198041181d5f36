"""Latent codes as a scikit-learn transformer."""

import functools
import math
import os
import pathlib
import pickle

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from keras_acai import checks, files, presets
from keras_acai.zoo import pretrained, records


class LatentFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Encode images as the latent codes of a trained model, for scikit-learn.

    A row of X is an image, flattened; arrays of images go in, too. `fit` only loads the model. A
    pickle holds its name and settings, no weights.

    Args:
        model: str. A name such as "acai-mnist", hf://owner/name, or a folder of `save_pretrained`;
            or a model of `keras_acai`, which cannot be pickled.
        revision: str. Branch, tag or commit on the Hub. Defaults to None: the pinned one.
        value_range: (low, high), the numbers that mean black and white, such as (0, 255) or (0, 1).
            Defaults to None: uint8 in 0…255 or floats in [-1, 1].
        batch_size: int. Images per pass. Defaults to 256.

    Attributes:
        fingerprint_: str. A hash of the weights that `fit` found; None for a model that was passed.
        n_features_in_: int. The numbers of one image.
        image_shape_: (height, width, channels) of one image.

    Example:

    ```python
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from keras_acai.sklearn import LatentFeatures

    images, labels = keras_acai.datasets.samples("mnist")  # uint8 (50, 32, 32, 1), int64 (50,)
    classifier = make_pipeline(LatentFeatures("acai-mnist"), LogisticRegression())
    classifier.fit(images, labels)
    ```
    """

    def __init__(self, model, *, revision=None, value_range=None, batch_size=256):
        self.model = model
        self.revision = revision
        self.value_range = value_range
        self.batch_size = batch_size

    def fit(self, X, y=None):
        """Load the model and check that images fit it.

        Args:
            X: images, (n, height·width·channels) or (n, height, width[, channels]).
            y: ignored.

        Returns:
            This transformer.

        Raises:
            ValueError: for images that do not fit the model.
            keras_acai.LoadError: for a model that cannot be loaded.
        """
        model = self._model()
        self.image_shape_, self.fingerprint_ = model.image_shape, self._fingerprint(model)
        self._images(self._rows(X, reset=True))
        return self

    def transform(self, X):
        """Encode images.

        Args:
            X: images, as for `fit`.

        Returns:
            (n, h·w·latent_channels), float32.

        Raises:
            ValueError: for images that do not fit the model, and for a model that has other weights
                than when `fit` loaded it.
            sklearn.exceptions.NotFittedError: before `fit`.
        """
        model = self._fitted_model()
        images = self._images(self._rows(X, reset=False))
        options = {"verbose": 0, "value_range": self.value_range}
        return model.features(images, self.batch_size, **options)

    def inverse_transform(self, X):
        """Decode codes to images.

        Args:
            X: codes, (n, h·w·latent_channels), as from `transform`.

        Returns:
            (n, height·width·channels), float32 in `value_range`, which is [-1, 1] by default,
            clipped; data that are not pictures are as the decoder gives them.

        Raises:
            ValueError: for codes of another shape, or that are not finite, and as `transform`.
            sklearn.exceptions.NotFittedError: before `fit`.
        """
        model = self._fitted_model()
        codes = np.asarray(X)
        if codes.ndim != 2 or codes.shape[1] != model.code_size:
            raise ValueError(f"codes have shape {codes.shape}, expected (n, {model.code_size}).")
        images = model.decode(codes.reshape(-1, *model.code_shape), self.batch_size)
        rows = images.reshape(len(images), -1)
        if model.value_range is None:  # not pictures
            return rows.astype("float32")
        unit = (np.clip(rows, -1, 1) + 1) / 2
        low, high = checks.check_value_range(self.value_range) or (-1, 1)
        return (low + (high - low) * unit).astype("float32")

    @property
    def _n_features_out(self):
        return self._model().code_size

    def _model(self):
        if hasattr(self.model, "features"):
            return self.model
        if not isinstance(self.model, (str, os.PathLike)):
            raise ValueError(f"model={self.model!r}: pass a name, a folder or a model.")
        return _load(str(self.model), self.revision, _state(self.model))

    def _fitted_model(self):
        check_is_fitted(self)
        model = self._model()
        if self._fingerprint(model) != self.fingerprint_:
            raise ValueError(
                f"{self.model} has other weights than when this was fitted: fit the pipeline again."
            )
        return model

    def _fingerprint(self, model):
        return None if model is self.model else model.provenance.fingerprint

    def _rows(self, X, reset):
        """X as rows that scikit-learn has validated, (n, height·width·channels)."""
        if getattr(X, "ndim", 2) > 2:
            X = self._flat(checks.to_numpy(X))
        return validate_data(self, X, dtype="numeric", reset=reset)

    def _flat(self, images):
        """Images (n, height, width[, channels]) → (n, height·width·channels)."""
        *sides, colours = self.image_shape_
        if images.shape[1:] != self.image_shape_ and (colours, *images.shape[1:]) != (1, *sides):
            shape = tuple(images.shape)
            expected = ", ".join(map(str, self.image_shape_))
            advice = "move the channels last, or resize the images"
            raise ValueError(f"X has shape {shape}, expected (n, {expected}): {advice}.")
        return images.reshape(len(images), math.prod(self.image_shape_))

    def _images(self, rows):
        """Rows → images, (n, height, width, channels)."""
        size = math.prod(self.image_shape_)
        if rows.shape[1] != size:
            shape = "×".join(map(str, self.image_shape_))
            raise ValueError(
                f"images of {shape} are {size} numbers a row, X has {rows.shape[1]}: resize the "
                "images, or choose a model of their size."
            )
        return rows.reshape(-1, *self.image_shape_)

    def __getstate__(self):
        if hasattr(self.model, "features"):
            raise pickle.PicklingError(
                "LatentFeatures pickles the name of a model, not a model: write it by "
                "model.save_pretrained(folder), and pass the folder."
            )
        return super().__getstate__()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _state(name):
    """What tells the model in a folder from the one that it held before; None for other names."""
    config = pathlib.Path(name, records.CONFIG)
    if not presets.is_path(name) or not config.is_file():
        return None
    return config.resolve(), files.sha256(config)


@functools.lru_cache(maxsize=4)
def _load(name, revision, state):
    del state  # part of the key alone
    return pretrained.load(name, revision=revision, players=False)
