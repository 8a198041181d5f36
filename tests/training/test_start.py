"""A run may start from a trained model."""

import json
import shutil
import signal

import numpy as np
import pytest
from runs import check_same, record

from keras_acai.zoo import folders
from training.run import Run

pytestmark = pytest.mark.once


def test_a_run_begins_with_a_trained_model(go, out, tmp_path, whole, stopped):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    more = ["--start", str(whole), "--seed", "5"]
    assert go(*more) == 130
    assert go(*more) == 0
    done, first = record(out), record(whole)
    kept = {key: first[key] for key in ("settings", "data", "starts", "seconds")}
    sha256 = json.loads((whole / "config.json").read_text())["sha256"]
    assert done["before"] == {"start": whole.name, "images": 96, "sha256": sha256} | kept
    assert done["images"] == 2 * 96 and Run(out).images == 96
    assert json.loads((out / "metrics.json").read_text())["images"] == 2 * 96
    other = tmp_path / "other"
    assert go(*more, out=other) == 0
    check_same(out, other)


def test_it_begins_with_these_weights(go, out, whole):
    assert go("--start", str(whole), "--learning-rate", "1e-30") == 0
    for one, two in zip(folders.load(out).get_weights(), folders.load(whole).get_weights()):
        np.testing.assert_allclose(one, two, atol=1e-6)


@pytest.mark.parametrize("arguments", [["--latent-channels", "3"], ["--depth", "2"]])
def test_a_start_of_another_size(go, out, whole, capsys, arguments):
    assert go("--start", str(whole), *arguments) == 1
    assert f"{whole} is a model of another class or size" in capsys.readouterr().err
    assert not Run(out).checkpoints.paths


def test_a_start_of_another_class(go, out, tmp_path, capsys):
    start = tmp_path / "start"
    assert go("--images", "8", name="ae-lines", out=start) == 0
    assert go("--start", str(start), name="denoising-lines") == 1
    assert "another class or size" in capsys.readouterr().err and not Run(out).checkpoints.paths


def test_a_start_that_is_not_there(go, out, tmp_path, capsys):
    assert go("--start", str(tmp_path / "none")) == 1
    assert (
        "none does not exist: pass a folder" in capsys.readouterr().err
        and not Run(out).checkpoints.paths
    )


def test_a_model_of_another_run_is_not_overwritten(go, out, whole, capsys):
    """Whose checkpoints are gone, or which never had any."""
    shutil.copytree(whole, out)
    shutil.rmtree(out / "checkpoints")
    content = (out / "run.json").read_bytes()
    assert go("--start", str(whole)) == 1
    assert "use another --out" in capsys.readouterr().err
    assert go() == 0 and "is complete" in capsys.readouterr().out
    assert json.loads(content)["settings"] == record(out)["settings"]
    (out / "run.json").unlink()
    assert go() == 1 and "holds a model" in capsys.readouterr().err
