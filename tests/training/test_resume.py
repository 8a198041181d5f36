"""A run resumes where it was, with the same result, and loses nothing to bad luck."""

import json
import os
import shutil
import signal

import keras
import pytest
from runs import check_same, once, record, rows

from keras_acai.cli import app
from training import callbacks
from training.run import Run


@pytest.mark.parametrize("stop", [32, once(64)])
def test_ctrl_c_stops_with_a_checkpoint_and_the_command_goes_on(go, out, whole, stopped, stop):
    stopped(stop, lambda: signal.raise_signal(signal.SIGINT))
    assert go() == 130
    assert record(out)["status"] == "interrupted" and record(out)["images"] == stop + 8
    assert go() == 0
    assert [int(row["images"]) for row in rows(out)] == sorted([32, 64, 96, stop + 8])
    assert len(record(out)["starts"]) == 2
    check_same(out, whole)


@pytest.mark.once
def test_ctrl_c_twice_stops_at_once(go, out, stopped, monkeypatch):
    monkeypatch.setattr(callbacks, "GRACE", 0)
    stopped(64, lambda: [signal.raise_signal(signal.SIGINT) for _ in range(2)])
    assert go() == 130
    assert record(out)["images"] == 32 and go() == 0


@pytest.mark.once
def test_full_disk_keeps_the_last_checkpoint(go, out, whole, monkeypatch, capsys):
    replace = os.replace

    def fail(part, path):
        if path.name == "0000000064.weights.h5":
            raise OSError(28, "No space left on device")
        replace(part, path)

    monkeypatch.setattr(os, "replace", fail)
    assert go() == 1 and "No space left" in capsys.readouterr().err
    assert [path.name for path in (out / "checkpoints").iterdir()] == ["0000000032.weights.h5"]
    monkeypatch.setattr(os, "replace", replace)
    assert go() == 0
    assert [int(row["images"]) for row in rows(out)] == [32, 64, 96]
    check_same(out, whole)


@pytest.mark.once
@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_damaged_checkpoint_goes_back_to_the_one_before(go, out, whole, stopped, capsys, damage):
    stopped(64, lambda: signal.raise_signal(signal.SIGINT))
    go()
    newest = Run(out).checkpoints.paths[-1]
    content = bytearray(newest.read_bytes())
    content[-500] ^= 1
    newest.write_bytes(content[:1000] if damage == "cut" else content)
    (out / "config.json").unlink(missing_ok=True)
    assert app.main(["evaluate", str(out)]) == 0 and newest.exists()
    assert go() == 0
    shown = capsys.readouterr().out
    assert "going back to the one before" in shown and "after 64 of 96 images" in shown
    check_same(out, whole)


@pytest.mark.once
def test_a_checkpoint_that_the_record_does_not_know_is_not_trusted(go, out, whole, stopped, capsys):
    stopped(64, lambda: signal.raise_signal(signal.SIGINT))
    go()
    newest = Run(out).checkpoints.paths[-1]
    shutil.copy(newest, newest.with_name("0000000096.weights.h5"))
    assert go() == 0
    assert "not in the record of the run: going back" in capsys.readouterr().out
    check_same(out, whole)


@pytest.mark.once
def test_a_run_without_its_record_is_not_taken_over(go, out, stopped, capsys):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    go()
    (out / "run.json").unlink()
    before = Run(out).checkpoints.paths
    assert go() == 1 and "but no run.json" in capsys.readouterr().err
    assert Run(out).checkpoints.paths == before


@pytest.mark.once
def test_damaged_history(go, out, stopped, capsys):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    go()
    (out / "history.csv").write_text("images,seconds\nabc,1\n")
    assert go() == 1
    assert "history.csv is corrupt" in capsys.readouterr().err


@pytest.mark.once
@pytest.mark.parametrize(
    "content", ["{", "[1]", "{}", '{"settings": {}, "data": {}}', "[" * 10**5, "\0"]
)
def test_damaged_record(go, out, capsys, content):
    out.mkdir()
    (out / "run.json").write_text(content)
    assert go() == 1 and "run.json is" in capsys.readouterr().err


@pytest.mark.once
def test_two_at_once_are_kept_apart(go, out, capsys):
    with Run(out).locked():
        assert go() == 1
    assert "Another process trains" in capsys.readouterr().err


@pytest.mark.once
def test_folder_that_cannot_be_written(go, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert go(out=tmp_path / "file" / "run") == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="minutes to compile; others run it")
@pytest.mark.parametrize(
    "name", ["aae-lines", *map(once, ("vae-lines", "vqvae-lines", "dropout-lines"))]
)
def test_other_models_go_on_too(name, go, out, tmp_path, stopped):
    small = ["--num-codes", "16", "--num-latents", "2"] if name == "vqvae-lines" else []
    stopped(64, lambda: signal.raise_signal(signal.SIGINT))
    assert go(*small, name=name) == 130 and go(*small, name=name) == 0
    assert go(*small, name=name, out=tmp_path / "whole") == 0
    check_same(out, tmp_path / "whole")


@pytest.mark.once
def test_a_run_of_before_there_was_a_setting_goes_on(go, out, stopped):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    go(name="aae-lines")
    done = record(out)
    for name in ("head_start", "cooldown", "start", "adversarial_weight"):
        del done["settings"][name]
    (out / "run.json").write_text(json.dumps(done))
    assert app.main(["evaluate", str(out)]) == 0
    assert go("--cooldown", "48", name="aae-lines") == 1
    assert go(name="aae-lines") == 0
