"""Scores of a model, as the paper measures them (sections 3.2 and 4)."""

import numpy as np

from keras_acai import lines
from keras_acai.evaluation import kmeans


def lines_score(model, seed=0, paths=256, steps=16):
    """Mean distance and smoothness of a model's interpolations between lines (section 3.2).

    Args:
        model: a model of 32×32×1 images.
        seed: int. Of the angles that are interpolated between. Defaults to 0.
        paths: int. Interpolations. Defaults to the paper's 256.
        steps: int. Pictures in each. Defaults to the paper's 16.

    Returns:
        A `lines.Score`.
    """
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, (2, paths))
    a, b = (lines.draw(row) for row in angles)
    return lines.score(model.interpolate(a, b, steps))


def reconstruction_rmse(model, images, batch_size=256):
    """sqrt(mean((x − x̂)²)) over everything, in grey levels of 255.

    Args:
        model: any model of this package.
        images: (n, *image_shape), uint8 or floats in [-1, 1].
        batch_size: int. Images a pass.
    """
    total = 0.0
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size]
        x = batch / np.float32(127.5) - 1 if batch.dtype == np.uint8 else batch
        x_hat = model.decode(model.encode(batch, batch_size), batch_size)
        total += float(np.square(x - x_hat, dtype="float64").sum())
    return float(np.sqrt(total / images.size) * 127.5)


def joint_probe(model, images, labels, batch_size=256):
    """The accuracy of the probe that learnt beside the model (section 4), a share.

    Args:
        model: a model with `num_classes`.
        images: (n, *image_shape), uint8 or floats in [-1, 1].
        labels: integers, (n,).
        batch_size: int. Images a pass.

    Raises:
        ValueError: for a model without a probe.
    """
    classes = model.classify(images, batch_size).argmax(axis=1)
    return float(np.mean(classes == np.asarray(labels)))


def linear_probe(train_codes, train_labels, test_codes, test_labels, max_iter=200):
    """The test accuracy of a linear classifier that learns on frozen codes, a share.

    Multinomial logistic regression (scikit-learn, L-BFGS, C = 1) on codes scaled to the mean 0 and
    variance 1 of the train codes.

    Args:
        train_codes, test_codes: floats, (n, size), as `model.features` gives.
        train_labels, test_labels: integers, (n,).
        max_iter: int. Steps of the solver. Defaults to 200.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=max_iter))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        probe.fit(train_codes, train_labels)
    return float(probe.score(test_codes, test_labels))


def few_labels(
    train_codes, train_labels, test_codes, test_labels, per_class=(10, 100, 1000), draws=5, seed=0
):
    """The test accuracies of linear classifiers that learn on a few labelled codes.

    Args:
        train_codes, test_codes: floats, (n, size), as `model.features` gives.
        train_labels, test_labels: integers, (n,).
        per_class: how many codes of each class are labelled; of a class that has fewer, all.
            Defaults to (10, 100, 1000).
        draws: int. Random choices of those. Defaults to 5.
        seed: int. Of the choices. Defaults to 0.

    Returns:
        dict: a number of `per_class` → shares, (draws,). See `linear_probe` for the classifier.
    """
    train_labels = np.asarray(train_labels)

    def score(count, draw):
        chosen = _some_of_each(train_labels, count, np.random.default_rng((seed, draw)))
        return linear_probe(train_codes[chosen], train_labels[chosen], test_codes, test_labels)

    return {count: np.array([score(count, draw) for draw in range(draws)]) for count in per_class}


def _some_of_each(labels, count, generator):
    """Indices of `count` items of each class."""
    order = generator.permutation(len(labels))
    classes = (order[labels[order] == one] for one in np.unique(labels))
    return np.concatenate([of_class[:count] for of_class in classes])


def clustering(train_codes, test_codes, test_labels, n_init=1000, seed=0):
    """The accuracy of k-means on whitened codes (section 4), a share.

    k-means with as many clusters as classes, on at most the first 60,000 train codes (as the
    authors do); test codes go to the nearest centre.

    Args:
        train_codes, test_codes: floats, (n, size), as `model.features` gives.
        test_labels: integers ≥ 0, (n,).
        n_init: int. Random starts, of which the best is taken. Defaults to the paper's 1000.
        seed: int. Of the starts. Defaults to 0.
    """
    train_codes, test_codes = whiten(train_codes[:60_000], test_codes)
    centres = kmeans.fit(train_codes, len(np.unique(test_labels)), n_init, seed)
    (clusters,) = kmeans.nearest(test_codes, centres[None])
    return clustering_accuracy(clusters, test_labels)


def whiten(train_codes, test_codes):
    """Both centred, rotated and divided by singular values + 1e-5, those of the train codes."""
    mean = train_codes.mean(axis=0)
    # The right singular vectors from the small matrix codesᵀ·codes, in float64.
    centred = train_codes - mean
    square = centred.T.astype("float64") @ centred
    eigenvalues, vectors = np.linalg.eigh(square)
    singular = np.sqrt(np.maximum(eigenvalues, 0)) + 1e-5
    rotate = (vectors / singular).astype("float32")
    return centred @ rotate, (test_codes - mean) @ rotate


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
