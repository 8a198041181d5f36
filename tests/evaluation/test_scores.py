"""Scores of a model and the pictures for its card."""

import numpy as np
import pytest
from conftest import make

from keras_acai import lines
from keras_acai.datasets import Splits
from keras_acai.evaluation import scores


@pytest.fixture
def splits(x):
    """A function: the name of data → `Splits` of the tiny images."""
    return lambda name: Splits(name, (x, None), (x, None))


def test_pictures_show_the_originals_beside_the_reconstructions(splits):
    pictures = scores.draw_pictures(make("Autoencoder"), splits("mnist"))
    assert set(pictures) == {"interpolations", "reconstructions"}
    assert len(pictures["interpolations"].axes) == 3  # a, strips, b


def test_images_that_may_not_be_redistributed_are_not_shown(splits):
    pictures = scores.draw_pictures(make("Autoencoder"), splits("celeba"))
    assert set(pictures) == {"interpolations"} and len(pictures["interpolations"].axes) == 1


def test_images_without_labels_are_scored_by_their_reconstruction(splits):
    reported = {}
    found = scores.score_all(make("Autoencoder"), splits("celeba"), report=reported.__setitem__)
    assert set(found) == {"rmse"} and np.isfinite(found["rmse"]) and reported == found


def test_quick_scores_are_those_of_the_first_test_images(splits, monkeypatch):
    model, data = make("Autoencoder"), splits("celeba")
    monkeypatch.setattr(scores, "QUICK_IMAGES", 5)
    few = Splits("celeba", data.train, (data.test[0][:5], None))
    expected = scores.score_all(model, few, report=lambda name, value: None)["rmse"]
    assert scores.score_quickly(model, data) == {"test_rmse": expected}
    assert expected != scores.score_all(model, data, report=lambda name, value: None)["rmse"]


def test_a_vae_is_scored_by_samples_and_by_means(x, y, few_lines):
    model = make("VAE", image_shape=(32, 32, 1))
    angles = np.linspace(0, 6, 6)
    data = (lines.draw(angles), None)
    found = scores.score_all(model, Splits("lines", data, data), report=lambda *_: None)
    assert set(found) == {
        "mean_distance",
        "smoothness",
        "mean_distance_of_means",
        "smoothness_of_means",
        "rmse",
    }
    assert found["mean_distance"] != found["mean_distance_of_means"]
    model = make("VAE")
    found = scores.score_all(model, Splits("mnist", (x, y), (x, y)), 2, lambda *_: None)
    assert {"clustering", "clustering_of_means"} <= set(found)
