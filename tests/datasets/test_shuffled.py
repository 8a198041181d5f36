"""Batches depend only on the seed and their index; every image is seen once per epoch."""

import keras
import numpy as np
import pytest
from conftest import check_refused, make
from hypothesis import given
from hypothesis import strategies as st

from keras_acai.datasets import EndlessLines, Resident, Shuffled


def numbered(count):
    return np.arange(count, dtype="uint16").reshape(count, 1, 1, 1)


@given(st.integers(1, 40), st.data())
def test_every_image_is_seen_once_per_epoch(count, data):
    size = data.draw(st.integers(1, count))
    stream = Shuffled(numbered(count), None, size, seed=5)
    epochs = 3
    seen = np.concatenate([stream[i].ravel() for i in range(-(-epochs * count // size))])
    orders = seen[: epochs * count].reshape(epochs, count)
    for order in orders:
        assert sorted(order) == list(range(count))
    if count > 8:
        assert not np.array_equal(orders[0], orders[1])


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_later_start_gives_the_same_batches(start, index):
    whole = Shuffled(numbered(50), np.arange(50), 7, seed=1)
    later = Shuffled(numbered(50), np.arange(50), 7, seed=1, start=start)
    for one, other in zip(later[index], whole[start + index]):
        np.testing.assert_array_equal(one, other)


def test_labels_stay_with_their_images():
    x, y = Shuffled(numbered(20), np.arange(20), 6, seed=2)[4]
    np.testing.assert_array_equal(x.ravel(), y)


def test_seeds_give_different_orders():
    orders = [Shuffled(numbered(100), None, 100, seed=seed)[0] for seed in (0, 1)]
    assert not np.array_equal(*orders)


def test_a_batch_larger_than_the_data_is_refused():
    check_refused("batch_size=9", Shuffled, numbered(8), None, 9, 0)


@pytest.mark.parametrize("epochs", [1, 3])
def test_fit_reads_each_batch_in_turn(epochs):
    requested = []

    class Spy(Shuffled):
        def __getitem__(self, index):
            requested.append(index)
            return super().__getitem__(index)

    x = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1)).astype("uint8")
    seen = []

    class Count(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(int(self.model.optimizer.iterations))

    stream = Spy(x, np.arange(40) % 4, 8, seed=0)
    options = {"epochs": epochs, "steps_per_epoch": 4, "shuffle": False, "verbose": 0}
    model = make("Autoencoder")
    model.compile()
    model.fit(stream, callbacks=[Count()], **options)
    assert seen == [4 * (epoch + 1) for epoch in range(epochs)]
    last = len(requested) - 1 - requested[::-1].index(0)  # Keras reads a few batches first
    count = len(requested) - last
    assert requested[last:] == list(range(count)) and count >= 4 * epochs


def trained(stream, steps_per_execution=1, **options):
    """Trains a tiny model for 8 steps; returns its weights and its logs."""
    model = make("Autoencoder")
    model.compile(keras.optimizers.Adam(1e-3), steps_per_execution=steps_per_execution, **options)
    history = model.fit(stream, steps_per_epoch=4, epochs=2, shuffle=False, verbose=0)
    return model.get_weights(), history.history


def check_alike(one, other):
    for a, b in zip(one[0], other[0]):
        np.testing.assert_allclose(a, b, atol=1e-6)
    for name, values in one[1].items():
        np.testing.assert_allclose(values, other[1][name], rtol=1e-5)


@pytest.mark.parametrize("labelled", [True, False])
def test_resident_images_train_like_batches(x, y, labelled):
    data = (x, y if labelled else None, 6, 3, 1)
    check_alike(trained(Shuffled(*data)), trained(Resident(*data)))


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras refuses it on PyTorch")
@pytest.mark.parametrize("kind, at_once", [(Resident, 2), (Shuffled, 3)])
def test_several_steps_at_once_train_like_single_steps(x, y, kind, at_once):
    """Three do not divide four: Keras then runs the rest of an execution in the same epoch."""
    model = make("ACAI")
    model.compile(keras.optimizers.Adam(1e-3), steps_per_execution=at_once)
    stream = kind(x, y, 6, seed=3)
    model.fit(stream, steps_per_epoch=4, epochs=1, shuffle=False, verbose=0)
    steps = -(-4 // at_once) * at_once
    single = make("ACAI")
    single.compile(keras.optimizers.Adam(1e-3))
    single.fit(Shuffled(x, y, 6, seed=3), steps_per_epoch=steps, shuffle=False, verbose=0)
    assert int(model.optimizer.iterations) == steps
    check_alike((model.get_weights(), {}), (single.get_weights(), {}))


def test_resident_images_work_with_validation_and_metrics(x, y):
    model = make("Autoencoder")
    model.compile(metrics=["mae"])
    model.fit(Resident(x, y, 6), steps_per_epoch=2, validation_data=(x, y), verbose=0)
    history = model.fit(Resident(x, y, 6), steps_per_epoch=2, validation_data=(x, y), verbose=0)
    assert {"loss", "val_loss", "mae", "val_mae"} <= set(history.history)
    model.train_on_batch(x, y)  # and plain arrays afterwards
    model.fit(x, y, batch_size=6, verbose=0)
    check_refused("class_weight", model.fit, Resident(x, y, 6), class_weight={0: 1}, verbose=0)


def test_bad_resident_images_are_refused_at_once(x, y):
    model = make("ACAI")
    model.compile()
    check_refused("labels range", model.fit, Resident(x, y + 4, 6), steps_per_epoch=1)
    check_refused("dtype", model.fit, Resident(x.astype("int32"), y, 6), steps_per_epoch=1)
    check_refused("batches of 1|at least 2", model.fit, Resident(x, y, 1), steps_per_epoch=1)


@pytest.mark.once
@pytest.mark.parametrize("kind", [Shuffled, Resident])
def test_what_cannot_be_batched(kind):
    x = np.zeros((9, 8, 8, 1), "uint8")
    for size in (0, -1, 2.5):
        check_refused(f"batch_size={size}: give a positive integer", kind, x, None, size)
        check_refused(f"batch_size={size}", EndlessLines, size)
    check_refused("9 images and 8 labels", kind, x, np.zeros(8, "int64"), 3)
