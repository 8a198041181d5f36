"""Streams of batches train models, and a bad batch is refused when it is read."""

import warnings

import keras
import numpy as np
import pytest
from conftest import check_refused, make, warns_once

from keras_acai import datasets

GOOD = np.zeros((4, 8, 8, 1), "uint8")
FLOATS = np.full(GOOD.shape, -0.5, "float32")


class Batches(keras.utils.PyDataset):
    def __init__(self, *batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def as_tf_data(*batches):
    tf = pytest.importorskip("tensorflow")
    spec = tf.nest.map_structure(lambda a: tf.TensorSpec((None, *a.shape[1:]), a.dtype), batches[0])
    return tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=spec)


def as_loader(*batches):
    data = pytest.importorskip("torch.utils.data")
    torch = pytest.importorskip("torch")
    joined = [
        np.concatenate(parts)
        for parts in zip(*(b if isinstance(b, tuple) else (b,) for b in batches))
    ]
    return data.DataLoader(data.TensorDataset(*map(torch.as_tensor, joined)), batch_size=4)


def as_generator(*batches):
    return (batch for batch in batches)


STREAMS = pytest.mark.parametrize("stream", [Batches, as_tf_data, as_loader, as_generator])
LABELS = np.array([0, 1, 2, 3])


@STREAMS
def test_streams_train_and_evaluate(stream):
    model = make("ACAI")
    model.compile()
    history = model.fit(stream((GOOD, LABELS), (GOOD, LABELS)), verbose=0).history
    assert np.isfinite(history["probe_loss"]).all()
    assert model.optimizer.iterations == 2
    logs = model.evaluate(stream((GOOD, LABELS)), verbose=0, return_dict=True)
    assert np.isfinite(logs["rmse"])
    unlabelled = stream(GOOD, GOOD) if stream is not as_loader else stream((GOOD,), (GOOD,))
    assert "probe_loss" not in model.fit(unlabelled, verbose=0).history


@STREAMS
@pytest.mark.parametrize(
    "batch, match",
    [
        ((FLOATS + 99, LABELS), "range over"),
        ((np.full_like(FLOATS, np.nan), LABELS), "NaN"),
        ((FLOATS, LABELS + 1), "num_classes=5"),
    ],
)
def test_a_bad_batch_in_a_stream_is_refused_when_it_is_read(stream, batch, match):
    model = make("ACAI")
    model.compile()
    check_refused(match, model.fit, stream((FLOATS, LABELS), batch), verbose=0)


@STREAMS
def test_a_stream_of_the_wrong_size_is_refused(stream):
    model = make("ACAI")
    model.compile()
    wrong = np.zeros((4, 16, 16, 1), "uint8")
    check_refused("shape", model.fit, stream((wrong, LABELS)), verbose=0)
    check_refused("mixes every image", model.fit, stream((GOOD[:1], LABELS[:1])), verbose=0)


@STREAMS
def test_a_bad_batch_loses_nothing(stream):
    model = make("ACAI")
    model.compile()
    before = model.encode(GOOD)
    bad = (FLOATS + 99, LABELS)
    check_refused("range over", model.fit, stream(bad), verbose=0)
    check_refused("range over", model.evaluate, stream(bad), verbose=0)
    check_refused("range over", model.predict, stream(bad), verbose=0)
    np.testing.assert_array_equal(model.encode(GOOD), before)
    assert np.isfinite(model.fit(GOOD, LABELS, verbose=0).history["loss"]).all()


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras refuses it on PyTorch")
@STREAMS
def test_a_bad_batch_among_several_at_once_loses_nothing(stream):
    model = make("ACAI")
    model.compile(steps_per_execution=3)
    before = model.encode(GOOD)
    bad = stream((FLOATS, LABELS), (FLOATS + 99, LABELS), (FLOATS, LABELS))
    check_refused("range over", model.fit, bad, verbose=0)
    after = model.encode(GOOD)
    if keras.backend.backend() == "jax":  # reads all batches first; TensorFlow one after the other
        np.testing.assert_array_equal(after, before)
    assert np.isfinite(after).all()


@pytest.mark.once
@STREAMS
def test_a_bad_batch_of_validation_data(stream):
    model = make("ACAI")
    model.compile()
    bad = stream((FLOATS, LABELS), (FLOATS + 99, LABELS))
    check_refused("range over", model.fit, GOOD, LABELS, validation_data=bad, verbose=0)


@pytest.mark.once
def test_streams_without_end_need_a_number_of_steps():
    model = make("ACAI")
    model.compile()
    endless = datasets.Shuffled(GOOD, batch_size=4)
    for stream in (endless, as_tf_data(GOOD).repeat(), datasets.Resident(GOOD, batch_size=4)):
        check_refused("no end.*steps_per_epoch=10", model.fit, stream, verbose=0)
        check_refused("no end.*or steps=10", model.evaluate, stream, verbose=0)
        check_refused("no end.*or steps=10", model.predict, stream, verbose=0)
        options = {"validation_data": stream, "verbose": 0}
        check_refused("no end.*validation_steps=10", model.fit, GOOD, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(endless, steps_per_epoch=2, verbose=0)
    model.fit(GOOD, validation_data=endless, validation_steps=1, verbose=0)
    model.evaluate(endless, steps=1, verbose=0)
    assert model.optimizer.iterations == 3


def test_workers_of_a_loader_check_batches():
    data = pytest.importorskip("torch.utils.data")
    torch = pytest.importorskip("torch")
    model = make("Autoencoder", num_classes=None)
    model.compile()
    loader = data.DataLoader(
        data.TensorDataset(torch.as_tensor(FLOATS + 99)),
        batch_size=2,
        num_workers=1,
        persistent_workers=True,
    )
    list(loader)
    check_refused("range over", model.fit, loader, verbose=0)


@pytest.mark.once
@pytest.mark.parametrize("stream", [Batches, as_tf_data, as_generator])
def test_dicts_of_tensorflow_datasets_train(stream):
    model = make("ACAI")
    model.compile()
    logs = model.fit(stream({"image": GOOD, "label": LABELS}), verbose=0).history
    assert np.isfinite(logs["probe_loss"]).all()


@pytest.mark.once
def test_other_dicts_are_refused():
    model = make("ACAI")
    model.compile()
    check_refused('"image" and "label"', model.fit, Batches({"x": GOOD}), verbose=0)


@pytest.mark.once
@STREAMS
def test_a_stream_of_another_range_trains(stream):
    model = make("ACAI")
    model.compile()
    unit = FLOATS / 2 + 0.5
    check_refused(r"value_range=\(0, 1\)", model.fit, stream((unit, LABELS)), verbose=0)
    options = {"value_range": (0, 1), "verbose": 0}
    found = model.evaluate(stream((unit, LABELS)), return_dict=True, **options)
    expected = model.evaluate(FLOATS, LABELS, return_dict=True, verbose=0)
    np.testing.assert_allclose(found["rmse"], expected["rmse"], rtol=1e-5)
    light = stream((FLOATS + 1.2, LABELS))
    assert model.predict(light, value_range=(-1, 1), verbose=0).shape == FLOATS.shape


@pytest.mark.once
@STREAMS
def test_a_stream_with_channels_first(stream):
    model = make("ACAI")
    model.compile()
    first = np.moveaxis(FLOATS, -1, 1)
    found = model.predict(stream((first, LABELS)), data_format="channels_first", verbose=0)
    np.testing.assert_allclose(found, model.predict(FLOATS, verbose=0), atol=1e-6)


@pytest.mark.once
@STREAMS
def test_a_stream_for_a_model_without_a_probe_warns_once(stream):
    model = make("Autoencoder", num_classes=None)
    model.compile()
    with warns_once("num_classes"):
        logs = model.fit(stream((GOOD, LABELS), (GOOD, LABELS)), verbose=0).history
    assert "loss" in logs


@pytest.mark.once
def test_single_images_in_a_stream_are_refused():
    model = make("ACAI")
    model.compile()
    check_refused("batch", model.fit, as_generator(GOOD[0]), verbose=0)
