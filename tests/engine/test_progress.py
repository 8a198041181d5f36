"""Callbacks of Keras monitor every figure, and the progress bar fits a line."""

import re

import keras
import numpy as np
import pytest
from conftest import make

pytestmark = pytest.mark.once
MONITORS = (
    lambda name: keras.callbacks.EarlyStopping(name, patience=0),
    lambda name: keras.callbacks.ReduceLROnPlateau(name, patience=1),
)


def test_callbacks_monitor_every_figure(model, x, y, tmp_path):
    names = model.logged_names
    names = [*names, *(f"val_{name}" for name in names)]
    callbacks = [make_callback(name) for name in names for make_callback in MONITORS]
    checkpoint = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.weights.h5", "val_rmse", save_best_only=True, save_weights_only=True
    )
    history = model.fit(x, y, validation_data=(x, y), callbacks=[*callbacks, checkpoint], verbose=0)
    assert set(names) == set(history.history) - {"learning_rate"}
    assert (tmp_path / "best.weights.h5").exists()
    better = {callback.monitor: callback.mode for callback in callbacks}
    assert {mode for name, mode in better.items() if "accuracy" in name} == {"max"}
    assert {mode for name, mode in better.items() if "accuracy" not in name} == {"min"}


def test_a_chosen_mode_stays(x):
    model = make("ACAI")
    model.compile()
    stopping = keras.callbacks.EarlyStopping("rmse", mode="max")
    model.fit(x, callbacks=stopping, verbose=0)
    assert stopping.mode == "max"


def lines_of(capsys):
    """What a terminal shows: the text after the last return to the start of each line."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).replace("\x08", "")
    return [part for line in text.splitlines() for part in line.split("\r")]


@pytest.mark.parametrize("verbose", [1, 2])
def test_the_progress_bar_fits_80_columns(model, x, y, capsys, verbose):
    fitted = model.fit(x, y, batch_size=6, epochs=2, validation_data=(x, y), verbose=verbose)
    model.evaluate(x, y, verbose=verbose)
    shown = lines_of(capsys)
    assert max(map(len, shown)) <= 80 and any("val_loss" in line for line in shown)
    assert {"probe_accuracy", "val_rmse"} <= set(fitted.history)
    assert np.isfinite(fitted.history["val_rmse"]).all()


def test_a_bar_of_ones_own_stays(x, capsys):
    model = make("ACAI")
    model.compile()
    model.fit(x, callbacks=[keras.callbacks.ProgbarLogger()], verbose=1)
    assert "mixing_loss" in capsys.readouterr().out
    model.fit(x, verbose=0)
    assert capsys.readouterr().out == ""
