"""Data that do not fit the model are refused, with the option that helps."""

import numpy as np
import pytest

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


def test_missing_pictures(go, tmp_path, capsys):
    assert go("--data", str(tmp_path / "none"), name="acai") == 1
    assert "is not a folder" in capsys.readouterr().err
