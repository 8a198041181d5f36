"""Evaluation protocols, for models and for latent codes."""

import itertools

import numpy as np
import pytest
from conftest import check_refused, make
from hypothesis import given
from hypothesis import strategies as st

from keras_acai import evaluation
from keras_acai.evaluation import clustering_accuracy, protocols


@pytest.mark.once
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_accuracy_is_the_best_of_all_matchings(pairs):
    assignments, labels = np.array(pairs).T
    best = max(
        np.mean(np.array(order)[assignments] == labels)
        for order in itertools.permutations(range(4))
    )
    assert clustering_accuracy(assignments, labels) == pytest.approx(best)


@pytest.mark.once
def test_names_of_clusters_do_not_matter():
    labels = np.repeat([0, 1, 2], 5)
    assert clustering_accuracy((labels + 1) % 3 * 100, labels) == 1.0


@pytest.mark.once
def test_clusters_beyond_the_classes_match_nothing():
    assert clustering_accuracy(np.arange(10), np.zeros(10, int)) == pytest.approx(0.1)


@pytest.mark.once
@pytest.mark.parametrize("bad", [[], [-1, 0], [0.5, 1], [[0, 1]], ["a", "b"]])
def test_entries_that_are_not_ids_are_refused(bad):
    with pytest.raises(ValueError, match="integers"):
        clustering_accuracy(bad, [0, 1])
    with pytest.raises(ValueError, match="integers"):
        clustering_accuracy([0, 1], bad)


@pytest.mark.once
def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="3 assignments for 2 labels"):
        clustering_accuracy([0, 1, 2], [0, 1])


def clouds(generator, count, size=6, spread=0.3):
    """Codes of three classes around distant points, with one constant dimension."""
    labels = generator.integers(0, 3, count)
    centres = np.random.default_rng(1).normal(0, 3, (3, size))
    codes = centres[labels] + generator.normal(0, spread, (count, size))
    codes[:, -1] = 7.0
    return codes.astype("float32"), labels


@pytest.mark.once
def test_whitening_matches_the_singular_value_decomposition():
    generator = np.random.default_rng(0)
    train = generator.normal(2, [1, 5, 0.1], (200, 3)).astype("float32")
    test = generator.normal(2, [1, 5, 0.1], (50, 3)).astype("float32")
    white, white_test = evaluation.whiten(train, test)
    _, singular, rotation = np.linalg.svd((train - train.mean(0)).astype("float64"), False)
    expected = (train - train.mean(0)) @ rotation.T / (singular + 1e-5)
    order = np.argsort(singular)  # ours are in rising order, with other signs
    sign = np.sign((white * expected[:, order]).sum(axis=0))
    np.testing.assert_allclose(white * sign, expected[:, order], atol=1e-5)
    np.testing.assert_allclose(white.T @ white, np.eye(3), atol=1e-3)
    expected = (test - train.mean(0)) @ rotation.T / (singular + 1e-5)
    np.testing.assert_allclose(white_test * sign, expected[:, order], atol=1e-5)


@pytest.mark.once
def test_whitening_of_dependent_codes_blows_no_rounding_up():
    generator = np.random.default_rng(0)
    codes = generator.normal(size=(2000, 8)) @ generator.normal(size=(8, 16)) + 3
    white, _ = evaluation.whiten(codes.astype("float32"), codes.astype("float32"))
    assert white.dtype == "float32"
    np.testing.assert_allclose(np.linalg.norm(white[:, 8:], axis=0), 1, atol=1e-3)
    assert np.linalg.norm(white, axis=0).max() < 1.01


@pytest.mark.once
def test_separated_classes_are_clustered_and_classified():
    generator = np.random.default_rng(0)
    (train, y), (test, y_test) = clouds(generator, 600), clouds(generator, 200)
    assert evaluation.clustering(train, test, y_test, n_init=10) == 1.0
    assert evaluation.linear_probe(train, y, test, y_test) == 1.0


@pytest.mark.once
def test_noise_is_neither_clustered_nor_classified():
    generator = np.random.default_rng(0)
    train, test = (generator.normal(size=(500, 5)).astype("float32") for _ in range(2))
    y, y_test = (generator.integers(0, 4, 500) for _ in range(2))
    assert evaluation.linear_probe(train, y, test, y_test) < 0.35
    assert evaluation.clustering(train, test, y_test, n_init=3) < 0.4


@pytest.mark.once
def test_clustering_is_reproducible():
    generator = np.random.default_rng(0)
    train, (test, y_test) = clouds(generator, 100, spread=4)[0], clouds(generator, 100, spread=4)
    scores = {evaluation.clustering(train, test, y_test, n_init=2) for _ in range(3)}
    assert len(scores) == 1


def test_reconstruction_error_is_in_grey_levels(model, x):
    x_hat = (model.predict(x, verbose=0) + 1) * 127.5
    expected = np.sqrt(np.mean((x - x_hat.astype("float64")) ** 2))
    for images in (x, (x / 127.5 - 1).astype("float32")):
        for size in (5, 256):
            rmse = evaluation.reconstruction_rmse(model, images, size)
            np.testing.assert_allclose(rmse, expected, rtol=1e-5)


def test_joint_probe_equals_the_logged_accuracy(name, x, y):
    model = make(name)
    model.compile()
    model.fit(x, y, batch_size=6, epochs=20, verbose=0)
    logged = model.evaluate(x, y, verbose=0, return_dict=True)["probe_accuracy"]
    np.testing.assert_allclose(evaluation.joint_probe(model, x, y), logged, atol=1e-6)


@pytest.mark.once
def test_a_model_without_a_probe_is_refused(x, y):
    model = make("VAE", num_classes=None)
    check_refused("num_classes", evaluation.joint_probe, model, x, y)


def test_scores_of_lines_depend_on_the_seed():
    model = make("Autoencoder", image_shape=(32, 32, 1))
    one, same, other = (evaluation.lines_score(model, seed, 3, 4) for seed in (0, 0, 1))
    assert one.distances.shape == (3, 4)
    np.testing.assert_array_equal(one.distances, same.distances)
    assert not np.array_equal(one.distances, other.distances)


@pytest.mark.once
def test_more_labels_give_higher_accuracies():
    generator = np.random.default_rng(0)
    (train, y), (test, y_test) = clouds(generator, 600, spread=2), clouds(generator, 300, spread=2)
    found = evaluation.few_labels(train, y, test, y_test, per_class=(2, 150), draws=4)
    assert {count: accuracies.shape for count, accuracies in found.items()} == {2: (4,), 150: (4,)}
    assert found[2].mean() < found[150].mean() and len(set(found[2])) > 1


@pytest.mark.once
def test_all_labels_give_the_linear_probe():
    generator = np.random.default_rng(0)
    (train, y), (test, y_test) = clouds(generator, 90, spread=2), clouds(generator, 60, spread=2)
    found = evaluation.few_labels(train, y, test, y_test, per_class=(1000,), draws=2)
    assert found[1000] == pytest.approx(evaluation.linear_probe(train, y, test, y_test), abs=0.02)


@pytest.mark.once
@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.integers(1, 9))
def test_some_of_each_class_are_chosen(labels, count):
    chosen = protocols._some_of_each(np.array(labels), count, np.random.default_rng(0))
    assert len(set(chosen)) == len(chosen)
    for label in set(labels):
        assert np.sum(np.array(labels)[chosen] == label) == min(count, labels.count(label))


@pytest.mark.once
@pytest.mark.parametrize("kind", ["ACAI", "VAE"])
def test_labels_in_a_column_are_labels(x, y, kind):
    model = make(kind)
    expected = evaluation.joint_probe(model, x, y)
    assert evaluation.joint_probe(model, x, y[:, None]) == expected
    unit = x / np.float32(255)
    assert evaluation.joint_probe(model, unit, y, value_range=(0, 1)) == pytest.approx(expected)
    check_refused(r"value_range", evaluation.joint_probe, model, unit, y)
    check_refused(r"value_range", evaluation.reconstruction_rmse, model, unit)


@pytest.mark.once
@pytest.mark.parametrize(
    "labels", [None, 3, [0], [[0, 1]], np.eye(4, dtype=int)[[0] * 12], ["a"] * 12, [0.5] * 12]
)
def test_labels_that_do_not_fit_are_refused(x, labels):
    codes = np.random.default_rng(0).normal(size=(12, 3))
    check_refused("labels", evaluation.joint_probe, make("ACAI"), x, labels)
    check_refused("labels", evaluation.linear_probe, codes, labels, codes, np.arange(12))
    check_refused("labels", evaluation.linear_probe, codes, np.arange(12), codes, labels)
    check_refused("labels", evaluation.few_labels, codes, labels, codes, np.arange(12))
    check_refused("labels", evaluation.clustering, codes, codes, labels, n_init=1)


CODES = np.random.default_rng(0).normal(size=(12, 3))


@pytest.mark.once
@pytest.mark.parametrize(
    "codes",
    [
        np.where(CODES > 1, np.nan, CODES),
        np.where(CODES > 1, np.inf, CODES),
        np.full((12, 3), 1e39),
        CODES[:, :2],
        CODES[0],
        CODES[:0],
        "codes",
        None,
    ],
)
def test_codes_that_are_not_finite_or_differ_are_refused(codes):
    y = np.arange(12) % 2
    for train, test in ((CODES, codes), (codes, CODES)):
        check_refused("codes", evaluation.whiten, train, test)
        check_refused("codes", evaluation.clustering, train, test, y, n_init=1)
        check_refused("codes", evaluation.linear_probe, train, y, test, y)
        check_refused("codes", evaluation.few_labels, train, y, test, y)


@pytest.mark.once
def test_one_class_is_refused():
    y = np.zeros(12, int)
    check_refused("single class", evaluation.linear_probe, CODES, y, CODES, y)


@pytest.mark.once
def test_lines_need_a_model_of_their_size():
    check_refused("32, 32, 1", evaluation.lines_score, make("ACAI"))
    check_refused("paths", evaluation.lines_score, make("ACAI", image_shape=(32, 32, 1)), paths=0)
