"""Scores against images seen, drawn from the histories of runs."""

import json

import numpy as np
import pytest
from PIL import Image

from training import curves, settings
from training.run import history

pytestmark = pytest.mark.once


def put(folder, name, scores, every=100):
    """A run of a preset with a history of one score."""
    folder.mkdir()
    record = settings.defaults(name).record()
    run = {"settings": record, "data": {"name": record["data"]}}
    (folder / "run.json").write_text(json.dumps(run))
    (score, values), *_ = scores.items()
    rows = [
        {"images": every * (place + 1), "seconds": place, f"test_{score}": value}
        for place, value in enumerate(values)
    ]
    history.write(folder / "history.csv", rows)
    return folder


@pytest.fixture
def runs(tmp_path):
    return [
        put(tmp_path / "a", "acai-lines", {"mean_distance": [4e-3, 2e-3, 1e-3]}),
        put(tmp_path / "b", "acai-lines", {"mean_distance": [6e-3, 2e-3]}),
        put(tmp_path / "c", "ae-lines", {"mean_distance": [9e-3]}),
        put(tmp_path / "d", "acai-mnist-32", {"joint_probe": [0.5, 0.9]}),
    ]


def test_a_panel_for_each_cell_and_score(runs):
    panels = curves.read(runs)
    assert list(panels) == [("lines", "mean_distance"), ("mnist-32", "joint_probe")]
    lines, mnist = curves.draw(panels).axes
    assert (lines.get_title(), mnist.get_ylabel()) == ("lines", "joint probe, %")
    mean, _, baseline, *_ = lines.lines
    np.testing.assert_allclose(mean.get_xydata(), [[0.1, 5.0], [0.2, 2.0]])
    np.testing.assert_allclose(baseline.get_xydata(), [[0.1, 9.0]])
    assert mean.get_label() == "ACAI, 2 runs" and baseline.get_label() == "Baseline"
    np.testing.assert_allclose(mnist.lines[0].get_ydata(), [50, 90])


def test_the_papers_figures_are_dashed(runs):
    lines, mnist = curves.draw(curves.read(runs)).axes
    dashed = [[line.get_ydata()[0] for line in axes.lines[1::2]] for axes in (lines, mnist)]
    np.testing.assert_allclose(dashed[0], [0.24, 6.88])
    np.testing.assert_allclose(dashed[1], [98.25])


def test_runs_that_go_on_begin_where_the_last_one_ended(tmp_path):
    folder = put(tmp_path / "a", "acai-mnist-32", {"joint_probe": [0.9]})
    run = json.loads((folder / "run.json").read_text())
    before = {"start": "a", "images": 5000, "data": {"name": "mnist"}}
    (folder / "run.json").write_text(json.dumps(run | {"before": before}))
    (axes,) = curves.draw(curves.read([folder])).axes
    np.testing.assert_allclose(axes.lines[0].get_xdata(), [5.1])


def test_no_dashes_beside_a_part_of_the_data(tmp_path):
    folder = put(tmp_path / "a", "acai-svhn", {"joint_probe": [0.7]})
    for counts, dashes in ([604_388, 26_032], 1), ([20_251, 10_000], 0):
        metrics = {"scores": {}, "data": {"name": "svhn"}, "counts": counts}
        (folder / "metrics.json").write_text(json.dumps(metrics))
        (axes,) = curves.draw(curves.read([folder])).axes
        assert len(axes.lines) == 1 + dashes


def test_the_picture(runs, tmp_path, capsys):
    out = tmp_path / "curves.png"
    assert curves.main([*map(str, runs), "--out", str(out)]) == 0
    assert "mean_distance of lines" in capsys.readouterr().out
    with Image.open(out) as picture:
        assert picture.width > picture.height


@pytest.mark.parametrize("score", ["rmse", None])
def test_runs_that_cannot_be_drawn(tmp_path, capsys, score):
    folder = tmp_path / "run"
    if score:
        put(folder, "ae-lines", {score: [3.0]})
    else:
        folder.mkdir()
    assert curves.main([str(folder), "--out", str(tmp_path / "a.png")]) == 1
    assert not (tmp_path / "a.png").exists()
    assert ("train longer" if score else "not the run of a preset") in capsys.readouterr().err


def test_runs_that_make_no_mean(tmp_path):
    scores = {"mean_distance": [4e-3, 2e-3]}
    one, other = (put(tmp_path / name, "acai-lines", scores) for name in "ab")
    panels = curves.read([one, one, tmp_path / "b" / ".." / "a", other])
    assert [len(runs) for runs in panels["lines", "mean_distance"].values()] == [2]
    record = json.loads((other / "run.json").read_text())
    record["settings"] |= {"seed": 1, "batch_size": 64}
    (other / "run.json").write_text(json.dumps(record))
    with pytest.raises(curves.RunError, match=r"b has batch_size=64, .*a has 16: draw them apart"):
        curves.read([one, other])
    third = put(tmp_path / "c", "acai-lines", scores, every=70)
    with pytest.raises(curves.RunError, match="no checkpoint in common"):
        curves.draw(curves.read([one, third]))
