"""A run that diverges ends, and keeps its last good checkpoint."""

import keras
import numpy as np
import pytest
from runs import record, weights

from training.recipes import Recipe
from training.run import Run


def test_nan_in_the_last_step_before_a_checkpoint(go, out, capsys):
    assert go("--learning-rate", "1e30", "--checkpoint-every", "8") == 3
    assert "at image" in capsys.readouterr().err
    assert record(out)["status"] == "diverged"
    for images in [Run(out).images] if Run(out).checkpoints.paths else []:
        assert all(np.isfinite(value).all() for value in weights(out, images))


def test_nan_ends_the_run_and_keeps_the_last_good_checkpoint(go, out, monkeypatch, capsys):
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([5, 6], [1e-3, 1e30, 1e-3])
    monkeypatch.setattr(Recipe, "schedule_of", lambda self, highest: rate)
    assert go() == 3
    error = capsys.readouterr().err
    assert "loss" in error and "at image" in error and "--learning-rate" in error
    assert record(out)["status"] == "diverged" and record(out)["reason"] in error
    assert Run(out).images == 32
    for value in weights(out, 32):
        assert np.all(np.isfinite(value))


@pytest.mark.once
def test_pictures_beyond_all_bounds_end_the_run(go, out, monkeypatch, capsys):
    """Losses that explode need not become infinite."""
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([5, 6], [1e-3, 1.0, 1e-3])
    monkeypatch.setattr(Recipe, "schedule_of", lambda self, highest: rate)
    assert go() == 3
    assert "times as strong" in capsys.readouterr().err and Run(out).images == 32
