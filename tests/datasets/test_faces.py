"""CelebA from a folder of its aligned pictures."""

import numpy as np
import pytest
from conftest import check_refused
from PIL import Image

from keras_acai import datasets
from keras_acai.datasets import faces

pytestmark = pytest.mark.once


@pytest.fixture
def folder(tmp_path):
    """Twenty pictures of CelebA's aligned size, of which the middle differs from the border."""
    for number in range(20):
        picture = Image.new("RGB", (178, 218), (255, 0, 0))
        picture.paste((0, 10 * number, 255), (16, 36, 162, 182))
        picture.save(tmp_path / f"{number + 1:06}.png")
    return tmp_path


def test_a_folder_is_cropped_resized_and_split(folder):
    x, y = datasets.load("celeba-64", data_dir=folder)
    test, _ = datasets.load("celeba-64", "test", data_dir=folder)
    assert x.shape == (18, 64, 64, 3) and test.shape == (2, 64, 64, 3) and y is None
    assert (x[..., 0] == 0).all() and (x[..., 2] == 255).all()
    assert sorted([*x[:, 0, 0, 1], *test[:, 0, 0, 1]]) == list(range(0, 200, 10))
    assert datasets.load("celeba", data_dir=folder)[0].shape == (18, 32, 32, 3)


def test_the_folder_may_be_that_of_the_environment(folder, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder))
    data = datasets.Splits.load("celeba-64", (64, 64, 3))
    assert data.name == "celeba-64" and data.counts == [18, 2]


def test_a_picture_beside_what_tensorflow_datasets_prepared(folder):
    (folder / "celeb_a").mkdir()
    assert faces.find(datasets.DATASETS["celeba"], folder) is None


def test_pictures_of_the_right_size_stay_as_they_are(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype("uint8")
    for number, one in enumerate(pixels):
        Image.fromarray(one).save(tmp_path / f"{number}.png")
    x, _ = datasets.load("celeba-64", data_dir=tmp_path)
    np.testing.assert_array_equal(x, pixels[:1])


def test_all_pictures_are_split_as_the_authors_of_celeba_did(folder, monkeypatch):
    monkeypatch.setattr(faces, "ALL", 20)
    monkeypatch.setattr(faces, "OFFICIAL", {"train": slice(16), "test": slice(18, None)})
    counts = [len(datasets.load("celeba", split, folder)[0]) for split in ("train", "test")]
    assert counts == [16, 2]


def test_folders_that_cannot_be_used(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "1.png")
    check_refused("give at least two", datasets.load, "celeba-64", data_dir=tmp_path)
    check_refused("no readable picture", datasets.load, "celeba", data_dir=tmp_path)
    check_refused(
        r"crop=\(36, 16\) does not fit its 64×64",
        datasets.picture,
        tmp_path / "1.png",
        (32, 32),
        crop=(36, 16),
    )
