"""The paper's evaluation protocols (sections 3.2 and 4), for models and for latent codes."""

import numbers

import numpy as np

from keras_acai import interpolation, lines
from keras_acai.checks import check_labels, check_size, to_numpy
from keras_acai.evaluation import kmeans


def lines_score(model, seed=0, paths=256, steps=16, encode=None):
    """Scores a model's interpolations between lines (section 3.2).

    Args:
        model: a model of 32×32×1 images.
        seed: int. Seed for the angles of the lines. Defaults to 0.
        paths: int. Number of interpolations. Defaults to the paper's 256.
        steps: int. Images in each interpolation. Defaults to the paper's 16.
        encode: callable, images → codes. Defaults to `model.paper_codes`: samples for a VAE.

    Returns:
        `lines.Score`, with mean distance and smoothness.

    Raises:
        ValueError: for a model of another size, or numbers out of range.
    """
    if tuple(model.image_shape) != (lines.SIZE, lines.SIZE, 1):
        raise ValueError(
            f"The model takes images of {model.image_shape}, lines are (32, 32, 1): use a model "
            "such as acai-lines."
        )
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, 2 * check_size(paths, "paths"))
    codes = (encode or model.paper_codes)(lines.draw(angles))
    mixes = interpolation.lerp(codes[:paths], codes[paths:], steps)
    images = model.decode(mixes.reshape(-1, *model.code_shape))
    return lines.score(images.reshape(paths, steps, *model.image_shape))


def reconstruction_rmse(model, images, batch_size=256, **pixels):
    """Computes the reconstruction error sqrt(mean((x − x̂)²)), in grey levels of 255.

    For data that are not pictures, it is in their own unit.

    Args:
        model: a model of this package.
        images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
        batch_size: int. Images in a pass. Defaults to 256.
        **pixels: `value_range` and `data_format`, as for `model.encode`.

    Raises:
        ValueError: for images that do not fit the model.
    """
    errors = to_numpy(model.reconstruction_error(images, batch_size, **pixels))
    return float(np.sqrt(np.mean(np.square(errors, dtype="float64"))))


def joint_probe(model, images, labels, batch_size=256, **pixels):
    """Accuracy of the probe trained jointly with the model (section 4), in [0, 1].

    Args:
        model: a model with `num_classes`.
        images: (n, *image_shape), uint8 in 0…255 or floats in [-1, 1].
        labels: integers, (n,) or (n, 1).
        batch_size: int. Images in a pass. Defaults to 256.
        **pixels: `value_range` and `data_format`, as for `model.encode`.

    Raises:
        ValueError: for a model without a probe, and for images or labels that do not fit it.
    """
    classes = to_numpy(model.classify(images, batch_size, **pixels)).argmax(axis=1)
    if labels is None:
        raise ValueError("labels are None: pass one integer per image.")
    labels = to_numpy(check_labels(labels, len(classes), model.num_classes))
    return float(np.mean(classes == labels.reshape(-1)))


def linear_probe(train_codes, train_labels, test_codes, test_labels, max_iter=200):
    """Test accuracy of a linear classifier trained on frozen codes, in [0, 1].

    Multinomial logistic regression (scikit-learn, L-BFGS, C = 1). Codes are standardised with the
    mean and variance of the train codes.

    Args:
        train_codes, test_codes: floats, (n, size), as returned by `model.features`.
        train_labels, test_labels: integers, (n,).
        max_iter: int. Maximum number of solver steps. Defaults to 200.

    Raises:
        ValueError: for codes that are not finite or differ in size, for labels that are not one
            integer per code, and for a single class.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train_codes, test_codes = _pair(train_codes, test_codes)
    train_labels = _labels(train_labels, train_codes)
    test_labels = _labels(test_labels, test_codes)
    if len(np.unique(train_labels)) < 2:
        raise ValueError("train_labels have a single class: a classifier needs two or more.")
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=max_iter))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        probe.fit(train_codes, train_labels)
    return float(probe.score(test_codes, test_labels))


def few_labels(
    train_codes, train_labels, test_codes, test_labels, per_class=(10, 100, 1000), draws=5, seed=0
):
    """Test accuracies of linear classifiers trained on a few labelled codes.

    Args:
        train_codes, test_codes: floats, (n, size), as returned by `model.features`.
        train_labels, test_labels: integers, (n,).
        per_class: int or tuple of int. Numbers of labelled codes of each class; all codes of a
            class that has fewer. Defaults to (10, 100, 1000).
        draws: int. Random subsets for each number. Defaults to 5.
        seed: int. Seed for choosing the subsets. Defaults to 0.

    Returns:
        dict: each number of `per_class` → accuracies in [0, 1], (draws,). The classifier is that
        of `linear_probe`.

    Raises:
        ValueError: as `linear_probe`.
    """
    train_codes, test_codes = _pair(train_codes, test_codes)
    train_labels = _labels(train_labels, train_codes)
    check_size(draws, "draws")
    per_class = (per_class,) if isinstance(per_class, numbers.Integral) else per_class
    for count in per_class:
        check_size(count, "per_class")

    def score(count, draw):
        chosen = _some_of_each(train_labels, count, np.random.default_rng((seed, draw)))
        return linear_probe(train_codes[chosen], train_labels[chosen], test_codes, test_labels)

    return {count: np.array([score(count, draw) for draw in range(draws)]) for count in per_class}


def _some_of_each(labels, count, generator):
    """Chooses `count` items of each class at random; returns their indices."""
    order = generator.permutation(len(labels))
    classes = (order[labels[order] == label] for label in np.unique(labels))
    return np.concatenate([of_class[:count] for of_class in classes])


def clustering(train_codes, test_codes, test_labels, n_init=1000, seed=0):
    """Accuracy of k-means on whitened codes (section 4), in [0, 1].

    k-means has as many clusters as there are classes, and sees the first 60,000 train codes at most
    (as the authors do). Test codes are assigned to the nearest centre.

    Args:
        train_codes, test_codes: floats, (n, size), as returned by `model.features`.
        test_labels: integers ≥ 0, (n,).
        n_init: int. Number of k-means restarts; the best one counts. Defaults to the paper's 1000.
        seed: int. Seed for the restarts. Defaults to 0.

    Raises:
        ValueError: for codes that are not finite or differ in size, fewer train codes than
            classes, and labels that are not one integer per test code.
    """
    train_codes, test_codes = _pair(train_codes, test_codes)
    test_labels = _labels(test_labels, test_codes)
    train_codes, test_codes = whiten(train_codes[:60_000], test_codes)
    centres = kmeans.fit(train_codes, len(np.unique(test_labels)), n_init, seed)
    (clusters,) = kmeans.nearest(test_codes, centres[None])
    return clustering_accuracy(clusters, test_labels)


def whiten(train_codes, test_codes):
    """Whitens codes by the singular value decomposition of the train codes.

    Args:
        train_codes, test_codes: floats, (n, size).

    Returns:
        (train, test): float32, centred, rotated, and divided by the singular values + 1e-5.

    Raises:
        ValueError: for codes that are not finite or differ in size.
    """
    train_codes, test_codes = _pair(train_codes, test_codes)
    mean = train_codes.mean(axis=0)
    # The right singular vectors from the small matrix codesᵀ·codes, in float64.
    centred = train_codes - mean
    square = centred.T.astype("float64") @ centred
    eigenvalues, vectors = np.linalg.eigh(square)
    singular = np.sqrt(np.maximum(eigenvalues, 0)) + 1e-5
    # Divide last: dependent codes have singular values near 0, which magnify rounding errors.
    return tuple(
        ((codes @ vectors) / singular).astype("float32") for codes in (centred, test_codes - mean)
    )


def clustering_accuracy(assignments, labels):
    """Accuracy of clusters under the best one-to-one matching with classes.

    Args:
        assignments: integers ≥ 0, (n,). The cluster of each item.
        labels: integers ≥ 0, (n,). The class of each item.

    Returns:
        float in [0, 1]: max over one-to-one maps m of mean(m(assignments) == labels), found by
        the Hungarian algorithm. Clusters beyond the number of classes match nothing.

    Raises:
        ValueError: for unequal or zero lengths, or entries that are not integers ≥ 0.
    """
    from scipy.optimize import linear_sum_assignment

    assignments, labels = _ids(assignments, "assignments"), _ids(labels, "labels")
    if len(assignments) != len(labels):
        raise ValueError(
            f"{len(assignments)} assignments for {len(labels)} labels: give one of each per item."
        )
    _, clusters = np.unique(assignments, return_inverse=True)
    _, classes = np.unique(labels, return_inverse=True)
    counts = np.zeros((clusters.max() + 1, classes.max() + 1), "int64")
    np.add.at(counts, (clusters, classes), 1)
    matched = linear_sum_assignment(counts, maximize=True)
    return float(counts[matched].sum() / len(labels))


def _pair(train_codes, test_codes):
    """Train and test codes as float32 arrays of one size, (n, size) each."""
    train, test = _codes(train_codes, "train_codes"), _codes(test_codes, "test_codes")
    if train.shape[1] != test.shape[1]:
        raise ValueError(
            f"train_codes have {train.shape[1]} numbers and test_codes {test.shape[1]}: take both "
            "from one model."
        )
    return train, test


def _codes(codes, name):
    codes = to_numpy(codes)
    if codes.ndim != 2 or 0 in codes.shape or codes.dtype.kind not in "iuf":
        raise ValueError(
            f"{name} have shape {codes.shape} and dtype {codes.dtype}: give numbers, (n, size), as "
            "model.features returns them."
        )
    with np.errstate(over="ignore"):
        codes = codes.astype("float32", copy=False)
    if not np.isfinite(codes).all():
        raise ValueError(f"{name} hold NaN or infinity: leave those rows out.")
    return codes


def _labels(labels, codes):
    """Labels as an array (n,), one for each code."""
    labels = to_numpy(labels)
    labels = labels.reshape(-1) if labels.ndim == 2 and labels.shape[1] == 1 else labels
    labels = _ids(labels, "labels")
    if len(labels) != len(codes):
        raise ValueError(f"{len(labels)} labels for {len(codes)} codes: give one for each.")
    return labels


def _ids(ids, name):
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu" or not len(ids) or ids.min() < 0:
        raise ValueError(
            f"{name} have shape {ids.shape} and dtype {ids.dtype}: give integers ≥ 0, (n,)."
        )
    return ids
