"""A run records what was asked for and what it did, and leaves a trained model."""

import json

import keras
import numpy as np
import pytest
from PIL import Image
from runs import record, rows, weights

from keras_acai.zoo import folders


def test_a_run_leaves_a_record_and_a_model(whole):
    out, done = whole, record(whole)
    assert done["status"] == "complete" and done["images"] == 96 and done["seconds"] > 0
    assert done["settings"]["seed"] == 4 and done["settings"]["depth"] == 1
    assert len(done["data"]["sha256"]) == 64
    (start,) = done["starts"]
    assert start["backend"] == keras.backend.backend() and start["versions"]["keras"]
    assert [int(row["images"]) for row in rows(out)] == [32, 64, 96]
    assert {"loss", "critic_loss", "test_rmse", "test_mean_distance"} <= set(rows(out)[0])
    assert len(list((out / "checkpoints").iterdir())) == 2
    metrics = json.loads((out / "metrics.json").read_text())
    assert set(metrics["scores"]) == {"mean_distance", "smoothness", "rmse"}
    assert metrics["paper"] == {}  # which has no model of this depth
    assert (out / "interpolations.png").read_bytes().startswith(b"\x89PNG")
    model = folders.load(out)
    assert model.code_size == 8 and model.depth == 1
    assert list((out / "logs").glob("events*"))


def test_logs_hold_scalars_and_pictures(whole):
    event_file = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    logs = event_file.EventAccumulator(str(whole / "logs"))
    logs.Reload()
    tags = logs.Tags()
    assert {"loss", "test_mean_distance", "learning_rate"} <= set(tags["scalars"])
    assert set(tags["images"]) == {"interpolations", "reconstructions"}
    assert [event.step for event in logs.Scalars("loss")] == [32, 64, 96]


@pytest.mark.once
def test_a_complete_run_is_left_alone(whole, go, capsys):
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*.h5")}
    assert go(out=whole) == 0 and "is complete" in capsys.readouterr().out
    assert before == {path: path.stat().st_mtime_ns for path in whole.rglob("*.h5")}


@pytest.mark.once
def test_another_setting_needs_another_folder(whole, go, capsys):
    assert go("--gamma", "0.5", out=whole) == 1
    assert "with --gamma 0.2, and now it is 0.5" in capsys.readouterr().err


@pytest.mark.once
def test_settings_may_change_before_the_first_checkpoint(go, out):
    assert go("--batch-size", "1") == 1  # ACAI mixes two
    assert record(out)["settings"]["batch_size"] == 1
    assert go() == 0 and record(out)["settings"]["batch_size"] == 8


@pytest.mark.once
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--latent-width", "5"], "latent_width"),
        (["--depth", "0"], "depth=0"),
        (["--image-shape", "0,0,1"], "image_shape=0"),
        (["--size", "0"], "'--size'"),
        (["--devices", "0"], "'--devices'"),
        (["--depht", "2"], "did you mean --depth"),
    ],
)
def test_bad_values_are_usage_errors(go, out, capsys, arguments, message):
    assert go(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (out / "run.json").exists()


@pytest.mark.parametrize("below", ["", "2024"])
def test_own_pictures(go, out, tmp_path, below):
    folder = tmp_path / "lines"
    (folder / below).mkdir(parents=True)
    for number in range(20):
        Image.new("RGB", (40, 50), (number * 10, 99, 0)).save(folder / below / f"{number:02}.png")
    assert go("--data", str(folder), "--size", "16", "--latent-width", "4", name="acai") == 0
    assert record(out)["data"]["name"] == "pictures/lines"
    assert set(json.loads((out / "metrics.json").read_text())["scores"]) == {"rmse"}


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="the others run step by step")
def test_steps_at_once_change_nothing(go, out, tmp_path):
    assert go() == 0
    assert go("--steps-per-execution", "64", out=tmp_path / "other") == 0
    for one, two in zip(weights(out), weights(tmp_path / "other")):
        np.testing.assert_allclose(one, two, atol=1e-5)
    assert [row["images"] for row in rows(tmp_path / "other")] == [
        row["images"] for row in rows(out)
    ]
