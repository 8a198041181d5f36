"""Curves of few labels: each representation of the images is scored alike."""

import csv

import numpy as np
import pytest
from conftest import make
from PIL import Image

import keras_acai
from keras_acai import datasets, evaluation
from training import transfer

pytestmark = pytest.mark.once


@pytest.fixture
def digits(monkeypatch):
    """Images of four classes that brightness tells apart, well enough."""

    def load(name, split, data_dir=None):
        generator = np.random.default_rng(len(split))
        y = generator.integers(0, 4, 80)
        x = generator.integers(0, 60, (80, 8, 8, 1)) + 60 * y[:, None, None, None]
        return x.astype("uint8"), y

    monkeypatch.setattr(datasets, "load", load)
    return load


@pytest.fixture
def models(tmp_path):
    make("ACAI").save_pretrained(tmp_path / "acai")
    make("Autoencoder").save_pretrained(tmp_path / "ae")
    return [str(tmp_path / "acai"), str(tmp_path / "ae")]


def test_a_row_for_each_representation(digits, models, tmp_path, capsys):
    out = tmp_path / "docs" / "transfer"
    assert transfer.main(["mnist", *models, "--draws", "2", "--out", str(out)]) == 0
    rows = (out.with_suffix(".md")).read_text().splitlines()
    assert [row.split(" | ")[0].strip("| ") for row in rows[2:]] == [*models, "pixels", "PCA (12)"]
    assert rows[0] == "| labels per class | 10 | 100 | 1000 | all |"
    assert all(row.count("±") == 3 for row in rows[2:])
    with open(out.with_suffix(".csv"), newline="") as file:
        written = list(csv.DictReader(file))
    assert len(written) == 4 * (3 * 2 + 1)
    with Image.open(out.with_suffix(".png")) as picture:
        assert picture.width > 300
    assert "pixels" in capsys.readouterr().out


def test_representations_are_what_their_names_say(digits):
    x, _ = digits("mnist", "train")
    model = make("ACAI")
    found = {
        name: (codes, test)
        for name, codes, test in transfer.representations({"m": model}, x, x[:9])
    }
    np.testing.assert_array_equal(found["m"][0], model.features(x, verbose=0))
    np.testing.assert_array_equal(found["pixels"][1], x[:9].reshape(9, 64))
    assert found["PCA (12)"][1].shape == (9, model.code_size)
    # Components are uncorrelated, and there are as many as the code has numbers.
    covariance = np.cov(found["PCA (12)"][0].T)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1)


def test_all_labels_are_the_linear_probe(digits):
    train, test = digits("mnist", "train"), digits("mnist", "test")
    *_, curves = transfer.measure({"m": make("ACAI")}, train, test, 2)
    pixels = [images.reshape(80, 64).astype("float32") for images, _ in (train, test)]
    probe = evaluation.linear_probe(pixels[0], train[1], pixels[1], test[1])
    assert curves["pixels"][transfer.ALL] == [probe] and probe > 0.9


def test_models_that_are_not_there(digits, capsys, tmp_path):
    assert transfer.main(["mnist", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err


def test_models_of_other_images(digits, models, tmp_path, capsys):
    keras_acai.ACAI(image_shape=(16, 16, 1), depth=1).save_pretrained(tmp_path / "other")
    out = tmp_path / "out"
    assert transfer.main(["mnist", *models, str(tmp_path / "other"), "--out", str(out)]) == 1
    assert "takes images of (16, 16, 1)" in capsys.readouterr().err


@pytest.mark.parametrize("y", [None, np.ones((80, 40)), np.linspace(0, 1, 80)])
def test_data_without_classes(models, monkeypatch, capsys, y):
    x = np.zeros((80, 8, 8, 1), "uint8")
    monkeypatch.setattr(datasets, "load", lambda name, split, data_dir: (x, y))
    assert transfer.main(["celeba", *models]) == 1
    assert "have no classes" in capsys.readouterr().err


def test_no_choice_of_labels(digits, models, capsys):
    assert transfer.main(["mnist", *models, "--draws", "0"]) == 2
    assert "'--draws'" in capsys.readouterr().err


def test_each_row_is_written_when_it_is_known(digits, models, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "representations", interrupted(transfer.representations))
    command = ["mnist", *models, "--draws", "1", "--out", str(tmp_path / "out")]
    assert transfer.main(command) == 130
    assert len((tmp_path / "out.md").read_text().splitlines()) == 3


def interrupted(representations):
    """After the first one."""

    def first(*arguments):
        yield next(representations(*arguments))
        raise KeyboardInterrupt

    return first


def test_text():
    assert transfer.text(np.array([0.5, 0.7])) == "60.00±14.14"
    assert transfer.text(np.array([0.98765])) == "98.77"
