"""Data that do not fit the model are refused, with the option that helps."""

import numpy as np
import pytest
from PIL import Image

from keras_acai import datasets

pytestmark = pytest.mark.once


def test_colour_data_for_a_grey_model(go, monkeypatch, capsys):
    colour = np.zeros((20, 32, 32, 3), "uint8"), np.arange(20) % 10
    monkeypatch.setattr(datasets.splits, "load", lambda *arguments: colour)
    assert go(name="acai-mnist") == 1
    error = capsys.readouterr().err
    assert "(32, 32, 3), but the model takes (32, 32, 1)" in error and "--image-shape" in error


def test_classes_that_a_probe_does_not_have(go, monkeypatch, capsys):
    data = np.zeros((20, 32, 32, 1), "uint8"), np.arange(20)
    monkeypatch.setattr(datasets.splits, "load", lambda *arguments: data)
    assert go(name="acai-mnist") == 1
    assert "--num-classes 20" in capsys.readouterr().err


@pytest.mark.parametrize(
    "labels, match",
    [
        ({"y_train": np.arange(20) % 10}, "--num-classes none"),
        ({"y_train": np.arange(20) % 10, "y_test": np.arange(20)}, "--num-classes 20"),
    ],
)
def test_labels_of_test_images_that_would_fail_at_the_first_score(
    go, tmp_path, capsys, labels, match
):
    images = np.zeros((20, 32, 32, 1), "uint8")
    np.savez(tmp_path / "mine.npz", x_train=images, x_test=images, **labels)
    assert go("--data", str(tmp_path / "mine.npz"), "--num-classes", "10", name="acai") == 1
    assert match in capsys.readouterr().err


def test_pictures_that_are_not_square(tmp_path):
    for number in range(3):
        Image.new("RGB", (64, 32), (number, 0, 0)).save(tmp_path / f"{number}.png")
    data = datasets.Splits.load(str(tmp_path), (32, 64, 3))
    assert data.train[0].shape == (2, 32, 64, 3)


def test_lines_are_not_augmented(go, capsys):
    assert go("--rotate", "20", name="acai-lines") == 1
    assert "leave out --flip, --shift and --rotate" in capsys.readouterr().err


def test_missing_pictures(go, tmp_path, capsys):
    assert go("--data", str(tmp_path / "none"), name="acai") == 1
    assert "is not a folder" in capsys.readouterr().err
