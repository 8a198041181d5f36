"""Scores of latent codes (paper, section 4)."""

import numpy as np


def clustering_accuracy(assignments, labels):
    """The accuracy of clusters under the best one-to-one matching with classes.

    Args:
        assignments: integers ≥ 0, (n,). The cluster of each item.
        labels: integers ≥ 0, (n,). The class of each item.

    Returns:
        float in [0, 1]: max over one-to-one maps m of mean(m(assignments) == labels), found by
        the Hungarian algorithm. Clusters beyond the number of classes match nothing.

    Raises:
        ValueError: for unequal or zero lengths, or entries that are no integers ≥ 0.
    """
    from scipy.optimize import linear_sum_assignment

    assignments, labels = _ids(assignments, "assignments"), _ids(labels, "labels")
    if len(assignments) != len(labels):
        raise ValueError(
            f"{len(assignments)} assignments for {len(labels)} labels: give one of each an item."
        )
    _, clusters = np.unique(assignments, return_inverse=True)
    _, classes = np.unique(labels, return_inverse=True)
    together = np.zeros((clusters.max() + 1, classes.max() + 1), "int64")
    np.add.at(together, (clusters, classes), 1)
    matched = linear_sum_assignment(together, maximize=True)
    return float(together[matched].sum() / len(labels))


def _ids(ids, what):
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu" or not len(ids) or ids.min() < 0:
        raise ValueError(
            f"{what} have shape {ids.shape} and dtype {ids.dtype}: give integers ≥ 0, (n,)."
        )
    return ids
