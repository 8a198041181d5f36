"""Scores of codes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_acai.evaluation import clustering_accuracy


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_accuracy_is_the_best_of_all_matchings(pairs):
    assignments, labels = np.array(pairs).T
    best = max(
        np.mean(np.array(order)[assignments] == labels)
        for order in itertools.permutations(range(4))
    )
    assert clustering_accuracy(assignments, labels) == pytest.approx(best)


def test_names_of_clusters_do_not_matter():
    labels = np.repeat([0, 1, 2], 5)
    assert clustering_accuracy((labels + 1) % 3 * 100, labels) == 1.0


def test_clusters_beyond_the_classes_match_nothing():
    assert clustering_accuracy(np.arange(10), np.zeros(10, int)) == pytest.approx(0.1)


@pytest.mark.parametrize("bad", [[], [-1, 0], [0.5, 1], [[0, 1]], ["a", "b"]])
def test_refuses_what_are_no_ids(bad):
    with pytest.raises(ValueError, match="integers"):
        clustering_accuracy(bad, [0, 1])
    with pytest.raises(ValueError, match="integers"):
        clustering_accuracy([0, 1], bad)


def test_refuses_unequal_lengths():
    with pytest.raises(ValueError, match="3 assignments for 2 labels"):
        clustering_accuracy([0, 1, 2], [0, 1])
