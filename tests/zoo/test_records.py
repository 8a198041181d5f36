"""Records are read as what they say they are, kept whole when written again, or refused."""

import json
import subprocess
import sys

import pytest
from conftest import check_refused, check_refused_load

from keras_acai import files, presets
from keras_acai.zoo import info, records
from keras_acai.zoo.schema import Config, Data, Leg, Metrics, Run, Start

pytestmark = pytest.mark.once

CONFIG = {"format": 2, "class": "ACAI", "config": {"depth": 4}, "keras": "3.15.1"}
CONFIG |= {"sha256": {"model.safetensors": "0" * 64}}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    return tmp_path


def run_of(name, data="mnist", **settings):
    settings = {**presets.get(name).arguments, "name": name, **settings}
    return Run(settings=settings, data=Data(name=data))


def test_unknown_entries_are_kept(tmp_path):
    content = {
        "settings": {"name": "acai-mnist", "new": [1, {"a": None}]},
        "data": {"name": "mnist", "rows": 3},
        "starts": [{"images": 0, "versions": {"jax": "1"}, "host": "x"}],
        "before": {"images": 5, "mood": "good", "before": {"images": 2}},
        "weights": {"model.safetensors": "0"},
        "extra": True,
    }
    run = Run.from_json(content)
    assert run.more == {"extra": True} and run.before.before.images == 2
    records.write_record(tmp_path / "run.json", run)
    assert records.read_record(Run, tmp_path / "run.json") == run
    again = json.loads((tmp_path / "run.json").read_text())
    assert again["data"] == content["data"] and again["before"]["mood"] == "good"
    assert again["starts"][0]["host"] == "x" and again["settings"] == content["settings"]


@pytest.mark.parametrize(
    "kind, content, message",
    [
        (Metrics, [], r"it is \[\], expected an object"),
        (Metrics, {}, "it has no 'scores'"),
        (Metrics, {"scores": {"rmse": True}}, r"scores\['rmse'\] is True, expected float"),
        (Metrics, {"scores": {}, "counts": [1]}, r"counts is \[1\], expected 2 values"),
        (Metrics, {"scores": {}, "counts": [1, 2.5]}, r"counts\[1\] is 2.5, expected int"),
        (Run, {"starts": [{}, {"images": "1"}]}, "images is '1', expected int"),
        (Run, {"settings": {"data": 5}}, r"settings\['data'\] is 5, expected str"),
        (Run, {"before": {"before": 5}}, "before is 5, expected an object"),
        (Run, {"note": "x" * 10**6, "seconds": "y" * 10**6}, "seconds is 'yyy"),
        (Config, CONFIG | {"sha256": {"a": None}}, r"sha256\['a'\] is None, expected str"),
    ],
)
def test_values_of_another_type(kind, content, message):
    check_refused(message, kind.from_json, content)


@pytest.mark.parametrize(
    "content", ["", "{", "\x80", "[" * 10**5, '{"scores": NaN, "x": ' + "9" * 9**4]
)
def test_files_that_are_not_json(folder, content):
    (folder / "metrics.json").write_text(content)
    check_refused_load(r"metrics\.json is corrupt", records.read_metrics, folder)


def test_a_history_that_is_too_deep(tmp_path):
    (tmp_path / "run.json").write_text('{"before": ' * 900 + "{}" + "}" * 900)
    check_refused_load("is corrupt", records.read_record, Run, tmp_path / "run.json")


def test_records_of_other_weights_are_ignored(folder):
    (folder / "run.json").write_text('{"weights": {"model.safetensors": "1"}, "images": 3}')
    (folder / "metrics.json").write_text('{"scores": {}}')
    config, metrics, run = records.read_all(folder)
    assert config.class_name == "ACAI" and metrics is run is None
    records.write_metrics(folder, Metrics(scores={"rmse": 1.5}))
    assert records.read_metrics(folder).scores == {"rmse": 1.5}


def test_the_preset_of_a_run():
    assert records.preset_of(run_of("acai-mnist-32")).name == "acai-mnist-32"
    before = Leg(data=Data(name="mnist"))
    assert records.preset_of(run_of("acai-mnist", start="x")).name == "acai-mnist"
    for other in (
        None,
        Run(),
        run_of("acai-mnist", data="svhn"),
        run_of("acai-mnist", depth=8),
        run_of("acai-mnist", image_shape=[64, 64, 1]),
        Run(settings={"name": "acai"}, data=Data(name="mnist"), before=before),
    ):
        assert records.preset_of(other) is None


def test_what_the_next_run_records_of_this_one(folder):
    run = run_of("acai-mnist", data="mnist", start="/home/somebody/first")
    run = Run.from_json(run.to_json() | {"weights": CONFIG["sha256"], "status": "complete"})
    records.write_record(folder / "run.json", run)
    leg = records.leg_of(folder, "/home/somebody/second")
    assert (leg.start, leg.images, leg.sha256) == ("second", 0, CONFIG["sha256"])
    assert leg.settings["start"] == "first" and "status" not in leg.to_json()
    history = records.history_of(Run(before=leg, starts=[Start(backend="jax")]))
    assert [one.settings.get("name") for one in history] == ["acai-mnist", None]


def test_reading_needs_no_keras():
    code = "import sys, keras_acai; keras_acai.info('acai-mnist'); print('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_numbers_that_are_too_large_or_none_at_all(folder):
    weights = json.dumps(CONFIG["sha256"])
    scores = f'{{"rmse": {10**400}, "clustering": NaN, "joint_probe": 1e999, "smoothness": 0.5}}'
    (folder / "metrics.json").write_text(f'{{"scores": {scores}, "weights": {weights}}}')
    scores = records.read_metrics(folder).scores
    assert scores == {"rmse": None, "clustering": None, "joint_probe": None, "smoothness": 0.5}
    arguments = {"image_shape": [10**400, 8, 1], "latent_width": 0.5, "latent_channels": 1}
    (folder / "config.json").write_text(json.dumps(CONFIG | {"config": arguments}))
    assert info.info(folder).code_shape is None


def test_an_unfinished_run_whose_model_is_on_its_way(folder):
    (folder / "run.json").write_text("{}")
    (folder / files.READY).mkdir()
    (folder / "config.json").rename(folder / files.READY / "config.json")
    assert not records.is_unfinished(folder)
