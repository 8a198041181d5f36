"""Data sets are prepared once and cached with a checksum; errors say what to do."""

import pathlib
import socket
import sys
import time
import urllib.request

import numpy as np
import pytest

from keras_acai import datasets, files, lines
from keras_acai.datasets import cache, tfds

pytestmark = pytest.mark.once


@pytest.fixture
def records(monkeypatch):
    """Replaces TFDS by 5 images; lists the calls that prepare them."""
    calls = []

    def prepare(name, split, data_dir):
        calls.append((name, split, data_dir))
        return np.arange(5 * 32 * 32, dtype="int64").astype("uint8").reshape(
            5, 32, 32, 1
        ), np.arange(5)

    monkeypatch.setattr(tfds, "prepare", prepare)
    return calls


def test_mnist_matches_the_records_of_tfds(tfds_dir):
    tensorflow_datasets = pytest.importorskip("tensorflow_datasets")
    x, y = datasets.load("mnist", "test", data_dir=tfds_dir)
    assert x.shape == (10_000, 32, 32, 1) and x.dtype == np.uint8
    assert y.shape == (10_000,) and y.dtype == np.int64
    assert np.bincount(y).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    raw = tensorflow_datasets.load(
        "mnist", split="test[:20]", data_dir=tfds_dir, as_supervised=True, batch_size=-1
    )
    images, labels = tensorflow_datasets.as_numpy(raw)
    np.testing.assert_array_equal(x[:20], np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0))))
    np.testing.assert_array_equal(y[:20], labels)


@pytest.mark.parametrize("name, counts", [("cifar10", [1000] * 10), ("svhn", None)])
def test_colour_data_from_tfds(tfds_dir, name, counts):
    pytest.importorskip("tensorflow_datasets")
    x, y = datasets.load(name, "test", data_dir=tfds_dir)
    assert x.shape == (len(y), 32, 32, 3) and x.dtype == np.uint8 and len(np.unique(y)) == 10
    assert counts is None or np.bincount(y).tolist() == counts


def test_svhn_train_includes_extra(tfds_dir):
    tensorflow_datasets = pytest.importorskip("tensorflow_datasets")
    splits = tensorflow_datasets.builder("svhn_cropped", data_dir=tfds_dir).info.splits
    x, _ = datasets.load("svhn", data_dir=tfds_dir)
    assert len(x) == splits["train"].num_examples + splits["extra"].num_examples


def test_faces_are_cropped_and_resized_as_by_plain_numpy(tfds_dir):
    tensorflow_datasets = pytest.importorskip("tensorflow_datasets")
    x, y = datasets.load("celeba", "test", data_dir=tfds_dir)
    assert x.dtype == np.uint8 and x.shape[1:] == (32, 32, 3)
    assert y.shape == (len(x), 40) and set(np.unique(y)) == {0, 1}
    raw = tensorflow_datasets.load("celeb_a", split="test[:10]", data_dir=tfds_dir, batch_size=-1)
    raw = tensorflow_datasets.as_numpy(raw)
    resize = bicubic(146, 32)
    cut = raw["image"][:, 36:-36, 16:-16].astype("float64")
    expected = np.einsum("ai,nijc,bj->nabc", resize, cut, resize)
    np.testing.assert_allclose(x[:10], np.clip(np.round(expected), 0, 255), atol=1)
    assert np.mean(x[:10] != np.clip(np.round(expected), 0, 255)) < 0.001
    np.testing.assert_array_equal(y[:10, 20], raw["attributes"]["Male"])


def bicubic(before, after):
    """(after, before) weights of the cubic kernel (a = -1/2), stretched for antialiasing."""
    scale = before / after
    centres = (np.arange(after) + 0.5) * scale
    t = abs(np.arange(before) + 0.5 - centres[:, None]) / scale
    near, far = 1.5 * t**3 - 2.5 * t**2 + 1, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    weights = np.where(t < 1, near, np.where(t < 2, far, 0))
    return weights / weights.sum(axis=1, keepdims=True)


def test_second_load_reads_the_cache(records):
    first, second = datasets.load("mnist"), datasets.load("mnist")
    assert records == [("mnist", "train", None)]
    for one, other in zip(first, second):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def test_reading_the_cache_needs_no_tensorflow(records, monkeypatch):
    datasets.load("mnist")
    for name in ("tensorflow", "tensorflow_datasets"):
        monkeypatch.setitem(sys.modules, name, None)
    assert len(datasets.load("mnist")[0]) == 5


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_damaged_cache_is_rebuilt_with_a_warning(records, damage):
    datasets.load("mnist")
    path = datasets.cache_path("mnist", "train")
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    damaged = {"cut": content[:-200], "flip": content, "empty": b"", "text": b"not an archive"}
    path.write_bytes(damaged[damage])
    with pytest.warns(UserWarning, match="damaged"):
        x, _ = datasets.load("mnist")
    assert len(records) == 2 and len(x) == 5
    datasets.load("mnist")
    assert len(records) == 2


def test_a_changed_cache_is_rebuilt(records):
    x, y = datasets.load("mnist")
    path = datasets.cache_path("mnist", "train")
    np.savez_compressed(path, x=x + 1, y=y, sha256=files.sha256_of_arrays(x, y))
    with pytest.warns(UserWarning, match="damaged"):
        np.testing.assert_array_equal(datasets.load("mnist")[0], x)


def test_an_unwritable_cache_warns_and_returns_the_data(records, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERAS_ACAI_HOME", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="KERAS_ACAI_HOME"):
        assert len(datasets.load("mnist")[0]) == 5


def test_a_failed_write_leaves_no_file(records, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(cache.np, "savez_compressed", fail)
    with pytest.warns(UserWarning, match="disk full"):
        datasets.load("mnist")
    assert list(datasets.cache_path("mnist", "train").parent.iterdir()) == []


def test_a_failed_download_says_what_to_do(monkeypatch, tmp_path):
    """And leaves nothing behind."""
    tensorflow_datasets = pytest.importorskip("tensorflow_datasets")

    def fail(self, download_dir):
        (pathlib.Path(download_dir) / "half.gz").write_text("")
        raise ConnectionError("no route\nto host")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments: ["known"])
    monkeypatch.setattr(tensorflow_datasets.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(datasets.DatasetError, match=r"no route.*TFDS_DATA_DIR") as error:
        datasets.load("mnist", data_dir=tmp_path)
    assert "\n" not in str(error.value) and not list(tmp_path.iterdir())


def test_without_a_network_nothing_is_tried(monkeypatch, tmp_path, capfd):
    pytest.importorskip("tensorflow_datasets")

    def fail(*arguments):
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    start = time.monotonic()
    with pytest.raises(datasets.DatasetError, match="there is no network"):
        datasets.load("fashion_mnist", data_dir=tmp_path)
    assert time.monotonic() - start < 10 and not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


def test_what_is_prepared_is_only_read(tfds_dir):
    before = {path: path.stat().st_mtime for path in pathlib.Path(tfds_dir).rglob("*")}
    datasets.load("mnist", "test", tfds_dir)
    assert before == {path: path.stat().st_mtime for path in pathlib.Path(tfds_dir).rglob("*")}


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"cifar10.*lines.*mnist"):
        datasets.load("mnits")
    with pytest.raises(ValueError, match="'train' or 'test'"):
        datasets.load("mnist", split="valid")


def test_lines_are_drawn_as_uint8():
    x, y = datasets.load("lines", "test")
    assert x.shape == (10_000, 32, 32, 1) and x.dtype == np.uint8 and y.dtype == np.int64
    assert np.bincount(y, minlength=10).min() > 900
    train, _ = datasets.load("lines")
    assert len(train) == 2**16 and not np.array_equal(train[:10], x[:10])
    np.testing.assert_array_equal(datasets.load("lines", "test")[0], x)


def test_endless_lines_are_labelled_and_reproducible():
    stream = datasets.EndlessLines(batch_size=50, seed=3)
    x, y = stream[7]
    assert stream.num_batches is None and x.shape == (50, 32, 32, 1)
    np.testing.assert_array_equal(datasets.EndlessLines(50, 3)[7][0], x)
    assert not np.array_equal(stream[8][0], x)
    nearest = lines.score(np.repeat(x[:, None], 2, axis=1)).angles[:, 0]
    assert np.mean(lines.labels(nearest) == y) > 0.95
