"""The benchmark's parts agree with the authors' code (`metrics.npz`)."""

import pathlib

import numpy as np
import pytest

from keras_acai import evaluation, interpolation, lines


@pytest.fixture(scope="module")
def reference():
    with np.load(pathlib.Path(__file__).parent / "metrics.npz") as file:
        return dict(file)


def test_draw(reference):
    np.testing.assert_allclose(lines.draw(reference["angles"]), reference["images"], atol=1e-6)
    np.testing.assert_array_equal(lines.labels(reference["angles"]), reference["labels"])


def test_score(reference):
    score = lines.score(reference["interpolations"])
    np.testing.assert_allclose(score.distances, reference["closest_distance"], atol=1e-6)
    np.testing.assert_allclose(score.angles, reference["closest_angle"], atol=1e-9)
    theirs = reference["smoothness_per_interpolation"]
    np.testing.assert_allclose(score.path_smoothness, theirs, atol=1e-9)
    assert score.mean_distance == pytest.approx(float(reference["mean_distance"]), abs=1e-6)
    assert score.smoothness == pytest.approx(np.nanmean(theirs))
    # The authors divide by all paths, those without a smoothness included.
    assert np.nansum(theirs) / len(theirs) == pytest.approx(float(reference["mean_smoothness"]))


@pytest.mark.parametrize("path", ["lerp", "slerp"])
def test_paths(reference, path):
    ours = getattr(interpolation, path)(reference["z_a"], reference["z_b"], 5)
    np.testing.assert_allclose(ours, reference[path], atol=1e-12)


def test_clustering_accuracy(reference):
    ours = evaluation.clustering_accuracy(reference["cluster_ids"], reference["cluster_labels"])
    assert ours == pytest.approx(float(reference["cluster_accuracy"]))
