"""k-means finds the same centres as scikit-learn's, from the same random starts."""

import warnings

import numpy as np
import pytest
from conftest import check_refused
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs

from keras_acai.evaluation import kmeans

pytestmark = pytest.mark.once


def blobs(rows=600, size=5, clusters=4, seed=0):
    x, _ = make_blobs(rows, size, centers=clusters, cluster_std=3.0, random_state=seed)
    return (x - x.mean(axis=0)).astype("float32")


def fit_scikit_learn(x, clusters, n_init, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = KMeans(clusters, init="random", n_init=n_init, max_iter=1000, random_state=seed)
        return found.fit(x)


def inertia(x, centres):
    return np.square(x[:, None] - centres[None]).sum(axis=2).min(axis=1).sum(dtype="float64")


@pytest.mark.parametrize("n_init", [1, 3, kmeans.AT_ONCE, 3 * kmeans.AT_ONCE + 1])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_centres_as_scikit_learn(n_init, seed):
    x = blobs(seed=seed)
    found = kmeans.fit(x, 4, n_init, seed)
    expected = fit_scikit_learn(x, 4, n_init, seed)
    gaps = np.linalg.norm(found[:, None] - expected.cluster_centers_, axis=2)
    np.testing.assert_allclose(gaps.min(axis=0), 0, atol=1e-4)
    (labels,) = kmeans.nearest(x, expected.cluster_centers_.astype("float32")[None])
    np.testing.assert_array_equal(labels, expected.predict(x))


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 40), st.integers(1, 4), st.integers(1, 6), st.integers(0, 10**6))
def test_converged_centres_are_never_worse_than_after_one_pass(rows, size, clusters, seed):
    """Duplicate rows occur too."""
    x = np.random.default_rng(seed).integers(-3, 4, (rows, size)).astype("float32")
    clusters = min(clusters, rows)
    found = kmeans.fit(x, clusters, n_init=5, seed=seed)
    assert found.shape == (clusters, size) and np.isfinite(found).all()
    once = kmeans.fit(x, clusters, n_init=5, seed=seed, max_iter=1)
    assert inertia(x, found) <= inertia(x, once) * (1 + 1e-5) + 1e-5


def test_more_restarts_find_better_centres():
    x = blobs(clusters=9)
    few, many = (inertia(x, kmeans.fit(x, 9, n_init)) for n_init in (1, 60))
    assert many < few


def test_the_result_does_not_depend_on_the_chunk_size(monkeypatch):
    x = blobs()
    whole = kmeans.fit(x, 4, 3)
    monkeypatch.setattr(kmeans, "CHUNK", 7)
    np.testing.assert_allclose(kmeans.fit(x, 4, 3), whole, atol=1e-5)


def test_more_than_128_clusters():
    """Labels need more than a signed byte."""
    x = np.arange(400, dtype="float32")[:, None]
    found = kmeans.fit(x, 200, n_init=2)
    (labels,) = kmeans.nearest(x, found[None])
    assert len(np.unique(labels)) > 128
    assert abs(x - found[labels]).max() < 10


def test_as_many_clusters_as_rows():
    x = blobs(rows=6)
    np.testing.assert_allclose(np.sort(kmeans.fit(x, 6, 1), axis=0), np.sort(x, axis=0), atol=1e-6)


@pytest.mark.parametrize("n_init", [0, -1, 1.5])
def test_an_invalid_number_of_restarts_is_refused(n_init):
    check_refused("n_init=", kmeans.fit, blobs(), 4, n_init)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_rows_that_are_not_finite_are_refused(bad):
    x = blobs()
    x[3, 1] = bad
    check_refused("NaN or infinity", kmeans.fit, x, 4)


def test_too_few_rows_are_refused():
    check_refused("3 rows cannot form 4 clusters", kmeans.fit, blobs(rows=3), 4)
