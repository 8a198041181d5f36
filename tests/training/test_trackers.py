"""Keras callbacks of one's own take part in a run."""

import csv

import pytest

pytestmark = pytest.mark.once
MODULE = """
import csv, keras


class Rows(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        with open(self.run.folder / "rows.csv", "a") as file:
            csv.writer(file).writerow([logs["images"], logs["loss"], logs["test_rmse"]])


class Bad(keras.callbacks.Callback):
    def __init__(self, needed):
        pass


nothing = dict
"""


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    (tmp_path / "my_trackers.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


def test_they_see_the_scores_and_the_run(go, out):
    assert go("--callback", "my_trackers:Rows", "--callback", "keras.callbacks:TerminateOnNaN") == 0
    with open(out / "rows.csv") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == ["32", "64", "96"]
    assert all(float(number) > 0 for row in rows for number in row)


@pytest.mark.parametrize(
    "name, message",
    [
        ("my_trackers", "write MODULE:CLASS"),
        ("my_trackers:a b", "write MODULE:CLASS"),
        ("missing:Rows", "No module named 'missing'"),
        ("my_trackers:Missing", "has no attribute 'Missing'"),
        ("my_trackers:Bad", "missing 1 required positional argument"),
        ("my_trackers:nothing", "is a dict: give a keras.callbacks.Callback"),
    ],
)
def test_names_that_lead_to_no_callback(go, out, capsys, name, message):
    assert go("--callback", name) == 1
    error = capsys.readouterr().err
    assert error.startswith("RunError") and message in error and error.count("\n") == 1
    assert not (out / "run.json").exists()
