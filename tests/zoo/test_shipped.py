"""Every shipped model is real: its files are whole, and its scores are measured again."""

import itertools

import numpy as np
import pytest

import keras_acai
from keras_acai import datasets, evaluation, files, lines, presets
from keras_acai.zoo import cards, records, reports

SHIPPED = [name for name in keras_acai.list_models() if presets.get(name).shipped]
MEASURED_HERE = ("mean_distance", "smoothness", "rmse", "joint_probe")  # in seconds


def scored_in_seconds():
    """The shipped models of grey images but the VQ-VAEs; one on every backend."""
    for preset in map(presets.get, SHIPPED):
        if preset.image_shape[-1] == 1 and preset.model != "vqvae":
            kept = preset.model in ("acai", "ae")  # the others take minutes together
            marks = pytest.mark.once if kept else pytest.mark.long
            if preset.name == "acai-lines":
                marks = ()
            yield pytest.param(preset.name, marks=marks)


@pytest.fixture(params=SHIPPED)
def preset(request):
    return presets.get(request.param)


def test_something_ships():
    assert {"acai-lines", "acai-mnist"} <= set(SHIPPED)


def test_files_are_whole(preset):
    model = keras_acai.load(preset.name)
    assert type(model).__name__ == preset.class_name
    arguments = {name: getattr(model, name) for name in preset.arguments}
    assert arguments == preset.arguments
    assert model.probe is not None or preset.num_classes is None


def test_records_and_card_say_the_same(preset):
    metrics, run = records.read_metrics(preset.shipped), records.read_run(preset.shipped)
    assert records.preset_of(run) == preset and metrics.images == run.images
    assert metrics.data == run.data and run.status == "complete"
    assert run.images == run.images_before + run.settings["images"]
    text = (preset.shipped / "README.md").read_text("utf-8")
    parts = records.read_all(preset.shipped)
    assert text == cards.card(*parts, cards.picture(preset.shipped), preset.name)
    assert f"{run.images:,} images" in text
    known = keras_acai.info(preset.name)
    assert known.scores == metrics.scores and known.images == run.images


@pytest.mark.parametrize("preset", [*scored_in_seconds()], indirect=True)
def test_scores_are_measured_again(preset, request):
    """Run `-m long` for all shipped models; those in colour take minutes."""
    model = keras_acai.load(preset.name)
    found = measure(model, preset, request)
    before = records.read_metrics(preset.shipped).scores
    assert set(before) & set(MEASURED_HERE) == set(found)
    for name in found:
        assert found[name] == pytest.approx(before[name], abs=reports.TOLERANCES[name])


def measure(model, preset, request):
    if preset.dataset == "lines":
        score = evaluation.lines_score(model)
        found = {"mean_distance": score.mean_distance, "smoothness": score.smoothness}
        x, y = datasets.load("lines", "test")
    else:
        found = {}
        x, y = datasets.load(preset.dataset, "test", request.getfixturevalue("tfds_dir"))
        _, count = records.read_metrics(preset.shipped).counts
        if len(x) != count:
            pytest.skip(f"scored on {count} test images of {preset.dataset}; here are {len(x)}")
        if y is not None and y.ndim == 1:
            found = {"joint_probe": evaluation.joint_probe(model, x, y)}
    return found | {"rmse": evaluation.reconstruction_rmse(model, x)}


@pytest.mark.long
def test_every_score_is_measured_again(preset, request):
    data_dir = None if preset.dataset == "lines" else request.getfixturevalue("tfds_dir")
    report = reports.Report.open(preset.shipped, preset.name, data_dir=data_dir)
    counts = report.before.counts and list(report.before.counts)
    if counts != report.data.counts:
        pytest.skip(f"scored on {counts} images; here are {report.data.counts}")
    report.check(report.measure())


def test_the_interpolations_of_lines_are_lines():
    """Half-way from one angle to another lies a line at neither."""
    model = keras_acai.load("acai-lines")
    a, b = lines.draw(np.array([0.0, 1.0])), lines.draw(np.array([1.0, 2.0]))
    strips = model.interpolate(a, b, steps=5)
    score = lines.score(strips)
    middles = score.angles.reshape(2, 5)[:, 2]
    np.testing.assert_allclose(middles, [0.5, 1.5], atol=0.25)
    assert score.mean_distance < 5e-3


def test_frozen():
    model = keras_acai.load("acai-lines", trainable=False)
    assert model.trainable_variables == []


def test_what_ships_in_grey_is_under_60_mb():
    shipped = map(presets.get, SHIPPED)
    grey = [preset.shipped for preset in shipped if preset.dataset in ("lines", "mnist")]
    every = itertools.chain(*(folder.rglob("*") for folder in grey))
    assert sum(path.stat().st_size for path in every if path.is_file()) < 60e6


def test_pins_are_whole():
    """What is published is pinned to a commit and the hashes of every file."""
    for name, entry in (files.read_json(presets.PUBLISHED) or {}).items():
        assert presets.exists(name) and len(entry["revision"]) == 40
        assert {"config.json", "model.safetensors"} <= set(entry["sha256"])
