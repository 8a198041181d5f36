"""What a model is scored by, and what its card shows."""

import numpy as np
import pytest
from conftest import make

from keras_acai.datasets import Splits
from keras_acai.evaluation import scores


@pytest.fixture
def splits(x):
    """A function: the name of data → `Splits` of the tiny images."""
    return lambda name: Splits(name, (x, None), (x, None))


def columns(figure):
    return len(figure.axes)


def test_pictures_show_the_images_beside_the_models(splits):
    pictures = scores.pictures(make("Autoencoder"), splits("mnist"))
    assert set(pictures) == {"interpolations", "reconstructions"}
    assert columns(pictures["interpolations"]) == 3  # a, the strips, b


def test_images_that_may_not_be_passed_on_are_not_shown(splits):
    pictures = scores.pictures(make("Autoencoder"), splits("celeba"))
    assert set(pictures) == {"interpolations"} and columns(pictures["interpolations"]) == 1


def test_without_labels_there_is_but_reconstruction(splits):
    found = scores.metrics(make("Autoencoder"), splits("celeba"), report=lambda name, value: None)
    assert (
        set(found["scores"]) == {"rmse"} and found["counts"] == [len(splits("celeba").test[0])] * 2
    )
    assert np.isfinite(found["scores"]["rmse"])
