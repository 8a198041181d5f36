"""A new data set is one entry of the catalogue: it is then loaded, named and trained on."""

import json
import types

import keras
import numpy as np
import pytest

import keras_acai
from keras_acai import datasets, presets
from keras_acai.datasets.catalogue import DATASETS, Dataset
from training import recipes

pytestmark = pytest.mark.once

COUNTS = {"train": 24, "extra": 8, "test": 12}


class Builder:
    """Stands in for a builder of TensorFlow Datasets: images of 6×6 pixels in three classes."""

    def __init__(self, name, data_dir=None):
        assert name == "tiny_digits"
        splits = {split: types.SimpleNamespace(num_examples=n) for split, n in COUNTS.items()}
        self.info = types.SimpleNamespace(splits=splits)

    def is_prepared(self):
        return True

    def as_dataset(self, split, shuffle_files):
        import tensorflow as tf

        labels = np.arange(sum(COUNTS[part] for part in split.split("+"))) % 3
        images = np.broadcast_to(80 * labels[:, None, None, None], (len(labels), 6, 6, 1))
        return tf.data.Dataset.from_tensor_slices(
            {"image": images.astype("uint8"), "digit": labels}
        )


@pytest.fixture
def tiny(monkeypatch):
    """The name of a new data set, whose images are padded to 8×8 pixels."""
    tensorflow_datasets = pytest.importorskip("tensorflow_datasets")
    monkeypatch.setattr(tensorflow_datasets, "builder", Builder)
    entry = Dataset(
        title="Tiny",
        builder="tiny_digits",
        colours=1,
        terms="For tests.",
        size=8,
        pad=1,
        num_classes=3,
        train="train+extra",
        label="digit",
    )
    monkeypatch.setitem(DATASETS, "tiny", entry)
    return "tiny"


def test_a_new_data_set_is_loaded(tiny):
    x, y = datasets.load(tiny)
    assert x.shape == (32, 8, 8, 1) and x.dtype == np.uint8
    assert y.tolist() == [number % 3 for number in range(32)]
    np.testing.assert_array_equal(x[:, 4, 4, 0], 80 * y)
    assert not x[:, 0].any() and len(datasets.load(tiny, "test")[0]) == 12
    assert datasets.cache_path(tiny, "train").exists()


def test_models_of_a_new_data_set_have_names_and_sizes(tiny):
    assert keras_acai.list_models("acai-tiny*") == ["acai-tiny", "acai-tiny-32"]
    preset = presets.get("acai-tiny")
    assert preset.image_shape == (8, 8, 1) and preset.num_classes == 3
    assert (preset.depth, preset.code_size) == (16, 256)  # as for MNIST, which is grey too


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="takes minutes to compile")
def test_a_model_is_trained_on_a_new_data_set(tiny, go, out):
    assert go("--n-init", "1", name="acai-tiny-32", recipe="fast") == 0
    record = json.loads((out / "run.json").read_text())
    assert record["data"]["name"] == "tiny"
    assert record["settings"]["image_shape"] == [8, 8, 1]
    assert record["settings"]["warmup"] == recipes.FAST_GREY.warmup
    scores = json.loads((out / "metrics.json").read_text())["scores"]
    assert {"rmse", "joint_probe", "linear_probe", "clustering"} <= set(scores)


@pytest.mark.parametrize("name", DATASETS)
def test_every_entry_is_complete(name):
    entry = DATASETS[name]
    assert entry.colours in (1, 3) and entry.title and entry.terms.endswith(".")
    assert (entry.builder is None) == (entry.counts is None) == (name == "lines")
    assert entry.image_shape == (entry.size, entry.size, entry.colours) and entry.size >= 8
