"""Data sets come from Parquet files of a Hub where TensorFlow Datasets is not installed."""

import sys

import numpy as np
import pytest
from parquet_files import write

from keras_acai import datasets
from keras_acai.datasets import catalogue, tfds
from keras_acai.errors import DatasetError, HubError
from keras_acai.hub import client

pytestmark = pytest.mark.once
NAMES = [name for name, data in catalogue.DATASETS.items() if data.parquet]


@pytest.fixture
def without_tfds(monkeypatch, tmp_path):
    monkeypatch.setattr(tfds, "is_installed", lambda: False)
    monkeypatch.setenv("KERAS_ACAI_HOME", str(tmp_path / "home"))


@pytest.fixture
def stored(tmp_path, monkeypatch, without_tfds):
    """A folder with the files of all data sets, five rows each, in place of the Hub."""
    contents = {}
    for name in NAMES:
        data = catalogue.DATASETS[name]
        side = data.size - 2 * data.pad
        for split, paths in data.parquet.files.items():
            for number, path in enumerate(paths):
                generator = np.random.default_rng(number)
                images = generator.integers(0, 256, (5, side, side, data.colours), "uint8")
                labels = np.arange(5) + number
                write(tmp_path / data.hub_id / path, images, labels, data.parquet.image)
                contents.setdefault((name, split), []).append((images, labels))
    asked = []

    def data_file(repo_id, path, commit, sha256, seconds):
        asked.append((repo_id, commit, sha256))
        return str(tmp_path / repo_id / path)

    monkeypatch.setattr(client, "data_file", data_file)
    return contents, asked


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("name", NAMES)
def test_every_image_is_the_same_bit_by_bit(stored, name, split, capsys):
    contents, asked = stored
    data = catalogue.DATASETS[name]
    x, y = datasets.load(name, split)
    images, labels = (np.concatenate(parts) for parts in zip(*contents[name, split]))
    assert x.shape[1:] == data.image_shape and (x.dtype, y.dtype) == ("uint8", "int64")
    inner = slice(data.pad, data.size - data.pad)
    np.testing.assert_array_equal(x[:, inner, inner], images)
    assert x.sum() == images.sum()  # the border is black
    np.testing.assert_array_equal(y, labels)
    assert {one[:2] for one in asked} == {(data.hub_id, data.parquet.commit)}
    asked.clear()
    datasets.load(name, split)
    assert not asked  # it is in the cache


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_pinned(name):
    data = catalogue.DATASETS[name]
    assert client.COMMIT.fullmatch(data.parquet.commit) and data.hub_id
    assert set(data.parquet.files) == {"train", "test"}
    for hashes in data.parquet.files.values():
        assert all(one is None or len(one) == 64 for one in hashes.values())


def test_a_failure_is_one_line(without_tfds, monkeypatch):
    def refuse(*arguments):
        raise HubError("ylecun/mnist: no.")

    monkeypatch.setattr(client, "data_file", refuse)
    with pytest.raises(DatasetError, match=r"^mnist could not be downloaded. ylecun/mnist: no.$"):
        datasets.load("mnist", "test")


def test_without_pyarrow(without_tfds, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DatasetError, match="pip install pyarrow"):
        datasets.load("mnist", "test")


def test_others_still_ask_for_tensorflow_datasets(without_tfds, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(DatasetError, match="without TensorFlow Datasets"):
        datasets.load("celeba", "test")
