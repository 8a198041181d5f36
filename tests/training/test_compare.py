"""One pair of test images, a row for each trained model."""

import re

import numpy as np
import pytest
from conftest import check_refused, make
from PIL import Image

import keras_acai
from keras_acai import datasets, presets
from training import compare

pytestmark = pytest.mark.once


def test_rows_go_pair_by_pair(tmp_path, monkeypatch):
    drawn = {}
    monkeypatch.setattr(keras_acai.plotting, "interpolations", lambda *a, **k: drawn.update(k, a=a))
    models = {"Baseline": make("Autoencoder"), "ACAI": make("ACAI")}
    images = np.random.default_rng(0).uniform(-1, 1, (4, 8, 8, 1)).astype("float32")
    a, b = images[:2], images[2:]
    compare.draw("path.png", models, a, b)
    strips, left, right = drawn["a"]
    assert strips.shape == (4, compare.STEPS, 8, 8, 1)
    assert drawn["labels"] == ["Baseline", "ACAI"] * 2
    np.testing.assert_array_equal(left, a[[0, 0, 1, 1]])
    np.testing.assert_array_equal(right, b[[0, 0, 1, 1]])
    for row, model, pair in ((1, "ACAI", 0), (2, "Baseline", 1)):
        expected = models[model].interpolate(a, b, compare.STEPS)[pair]
        np.testing.assert_allclose(strips[row], expected, atol=1e-5)


def test_faces_that_may_not_be_passed_on_are_not_drawn(tmp_path, monkeypatch):
    """The data are faces, the models tiny: only the models' own pictures are in the file."""
    drawn = []
    monkeypatch.setattr(keras_acai.plotting, "interpolations", lambda *a, **k: drawn.append(a))
    make("Autoencoder").save_pretrained(tmp_path / "ae")
    faces = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1)).astype("uint8")
    monkeypatch.setattr(datasets, "load", lambda name, split, data_dir: (faces, None))
    command = [str(tmp_path / "ae"), "--out", str(tmp_path / "a.png"), "--data"]
    assert compare.main([*command, "celeba"]) == 0 and compare.main([*command, "cifar10"]) == 0
    (alone,), (strips, a, b) = drawn
    np.testing.assert_array_equal(alone, strips)
    assert len(a) == len(b) == len(strips)


@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_of_two_classes(seed):
    x, y = datasets.load("lines", "test")
    a, b = compare.choose_pairs("lines", 6, seed)
    classes = {image.tobytes(): label for image, label in zip(x, y)}
    assert all(classes[one.tobytes()] != classes[two.tobytes()] for one, two in zip(a, b))
    assert len({image.tobytes() for image in (*a, *b)}) == 12


@pytest.mark.parametrize("y", [None, np.ones((5, 40))])
def test_pairs_without_classes(monkeypatch, y):
    x = np.arange(5)[:, None, None, None]
    monkeypatch.setattr(datasets, "load", lambda name, split, data_dir: (x, y))
    a, b = compare.choose_pairs("celeba", 2, 0)
    assert len({*a.ravel(), *b.ravel()}) == 4
    check_refused(
        "pairs=3: the test images of celeba allow 2", compare.choose_pairs, "celeba", 3, 0
    )


def test_pairs_of_one_class(monkeypatch):
    data = np.zeros((5, 8, 8, 1)), np.zeros(5, "int64")
    monkeypatch.setattr(datasets, "load", lambda name, split, data_dir: data)
    check_refused("pairs=1: the test images of mnist allow 0", compare.choose_pairs, "mnist", 1, 0)


def test_a_row_for_each_model_that_ships(tmp_path, capsys):
    out = tmp_path / "lines.png"
    assert compare.main(["lines", "--out", str(out)]) == 0
    shipped = presets.list_models("*-lines", trained=True)
    shown = capsys.readouterr().out
    assert all(name in shown for name in shipped)
    with Image.open(out) as picture:
        assert picture.width > picture.height


def test_models_that_are_named_on_images_of_ones_own(tmp_path, capsys, x):
    out = tmp_path / "own.png"
    for name in ("ACAI", "Autoencoder"):
        make(name).save_pretrained(tmp_path / name)
    np.savez(tmp_path / "own.npz", x=np.concatenate([x] * 3))
    models = [str(tmp_path / "ACAI"), str(tmp_path / "Autoencoder")]
    command = [*models, "--data", str(tmp_path / "own.npz"), "--out", str(out)]
    assert compare.main(command) == 0 and out.exists()
    assert compare.main([models[0], "acai-lines", *command[2:]]) == 1
    assert "images of different shapes" in capsys.readouterr().err
    assert compare.main(models) == 1
    assert "does not record its training data" in capsys.readouterr().err


def test_names_of_models():
    assert compare.titled(["a/acai", "b/ae"]) == {"acai": "a/acai", "ae": "b/ae"}
    assert compare.titled(["a/acai", "b/acai"]) == {"a/acai": "a/acai", "b/acai": "b/acai"}


def test_pairs_of_none(capsys):
    assert compare.main(["lines", "--pairs", "0"]) == 2
    assert "'--pairs'" in capsys.readouterr().err


@pytest.mark.parametrize("cell, out", [("none", "a.png"), ("celeba", "a.png"), ("lines", "a.txt")])
def test_what_cannot_be_drawn(tmp_path, capsys, cell, out):
    assert compare.main([cell, "--out", str(tmp_path / out)]) == 1
    error = capsys.readouterr().err
    assert re.match("(ValueError|UnknownModelError): ", error) and not (tmp_path / out).exists()
