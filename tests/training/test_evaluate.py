"""Scores of runs and folders, by the paper's protocols, on real digits where they are at hand."""

import json

import numpy as np
import pytest
from PIL import Image

from keras_acai import datasets
from keras_acai.cli import app
from keras_acai.evaluation import scores


@pytest.fixture
def digits(tfds_dir, monkeypatch):
    """The first 2,000 train and 500 test digits."""
    data = {split: datasets.load("mnist", split, tfds_dir) for split in ("train", "test")}
    few = {"train": 2000, "test": 500}
    short = {split: tuple(one[: few[split]] for one in data[split]) for split in data}
    monkeypatch.setattr(
        datasets.splits, "load", lambda name, split="train", data_dir=None: short[split]
    )


def evaluate(*arguments):
    return app.main(["evaluate", *map(str, arguments)])


def metrics(out):
    return json.loads((out / "metrics.json").read_text())


@pytest.mark.once
def test_every_score_of_a_digits_model(go, out, digits, capsys):
    arguments = ["--images", "512", "--batch-size", "16", "--depth", "2", "--n-init", "2"]
    assert go(*arguments, name="acai-mnist-32") == 0
    found = metrics(out)
    assert set(found["scores"]) == {"rmse", "joint_probe", "linear_probe", "clustering"}
    assert 0.2 < found["scores"]["linear_probe"] < 1 and found["n_init"] == 2
    assert found["scores"]["clustering"] > 0.1
    # A part of MNIST: the paper's figures do not belong beside these.
    assert found["counts"] == [2000, 500] and found["paper"] == {}
    assert "98.25" not in capsys.readouterr().out
    assert evaluate(out, "--write") == 0
    again = metrics(out)
    assert again["scores"] == pytest.approx(found["scores"], abs=1e-6)
    assert again["n_init"] == 2
    assert evaluate(out, "--n-init", "1", "--write") == 0
    assert "--n-init 1" in metrics(out)["command"]


@pytest.mark.once
def test_nothing_is_written_without_write(go, out, capsys):
    go()
    before = (out / "metrics.json").read_bytes()
    (out / "interpolations.png").unlink()
    assert evaluate(out) == 0
    assert "mean distance" in capsys.readouterr().out
    assert (out / "metrics.json").read_bytes() == before
    assert not (out / "interpolations.png").exists()


@pytest.mark.once
def test_a_run_that_is_not_complete_is_scored_by_its_last_checkpoint(go, out, monkeypatch, capsys):
    monkeypatch.setattr(scores, "score_all", lambda *arguments, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        go()
    monkeypatch.undo()
    (out / "config.json").unlink()
    assert evaluate(out, "--write") == 0
    assert "after 96 images" in capsys.readouterr().err
    assert np.isfinite(metrics(out)["scores"]["rmse"])


@pytest.mark.once
def test_a_path_in_the_record_is_not_read(go, out, tmp_path, capsys):
    (tmp_path / "photos").mkdir()
    for number in range(12):
        Image.new("RGB", (16, 16), (number, 9, 9)).save(tmp_path / "photos" / f"{number}.png")
    photos = ["--data", str(tmp_path / "photos")]
    assert go(*photos, "--size", "16", "--latent-width", "4", name="ae") == 0
    assert not (out / "reconstructions.png").exists()
    capsys.readouterr()
    assert evaluate(out) == 1
    assert "name the data with --data" in capsys.readouterr().err
    assert evaluate(out, *photos, "--pictures", "--write") == 0
    assert (out / "reconstructions.png").exists()


@pytest.mark.once
def test_nothing_to_score(tmp_path, capsys):
    assert evaluate(tmp_path) == 1
    assert "has no config.json" in capsys.readouterr().err
