"""A finished run goes into weights/ as it will be loaded, and from there to the Hub with a pin."""

import json

import numpy as np
import pytest
from conftest import COMMIT

import keras_acai
from keras_acai import evaluation, files, presets
from keras_acai.zoo import folders, publishing
from training import publish, ship

pytestmark = pytest.mark.once

PRESET = presets.get("acai-lines")
RECORD = {
    "settings": {
        **PRESET.arguments,
        "name": "acai-lines",
        "recipe": "fast",
        "data": "lines",
        "seed": 0,
        "images": 64,
    },
    "data": {"name": "lines", "sha256": "0" * 64},
    "starts": [],
    "images": 64,
    "status": "complete",
}


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """An empty weights/, where `load` looks, and where lines are scored on few."""
    score = evaluation.lines_score
    monkeypatch.setattr(evaluation, "lines_score", lambda model: score(model, paths=4))
    home = tmp_path / "weights"
    home.mkdir()
    monkeypatch.setattr(ship, "WEIGHTS", home)
    monkeypatch.setattr(presets, "search_path", lambda: [home])
    monkeypatch.setattr(presets, "PUBLISHED", tmp_path / "published.json")
    return home


@pytest.fixture
def run(tmp_path):
    """The folder of a finished run."""
    folder = tmp_path / "run"
    keras_acai.ACAI(**PRESET.arguments).save_pretrained(folder)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "0000000064.weights.h5").write_bytes(b"")
    files.write_json(folder / "run.json", RECORD | {"sha256": {"0000000064.weights.h5": "0"}})
    return folder


def test_what_ships_is_what_was_measured(run, weights, capsys):
    assert ship.main([str(run), "--dtype", "float16"]) == 0
    assert "acai-lines" in capsys.readouterr().out
    assert [path.name for path in weights.iterdir()] == ["acai-lines"]
    model, stored = folders.load(run), keras_acai.load("acai-lines")
    kernel = model.encoder.get_weights()[0]
    np.testing.assert_array_equal(stored.encoder.get_weights()[0], kernel.astype("float16"))
    known = keras_acai.info("acai-lines")
    assert known.images == 64 and set(known.scores) == {"mean_distance", "smoothness", "rmse"}
    card = (weights / "acai-lines" / "README.md").read_text()
    assert 'keras_acai.load("acai-lines")' in card and "(interpolations.png)" in card
    record = json.loads((weights / "acai-lines" / "run.json").read_text())
    assert record["weights"] == known.sha256 and "sha256" not in record


def test_shipping_again_replaces(run, weights):
    assert ship.main([str(run), "--note", "Drawn by hand."]) == ship.main([str(run)]) == 0
    assert [path.name for path in weights.iterdir()] == ["acai-lines"]
    assert "Drawn by hand." in (weights / "acai-lines" / "README.md").read_text()


def test_a_note_is_of_its_run(run, weights):
    assert ship.main([str(run), "--note", "Drawn by hand."]) == 0
    files.write_json(run / "run.json", RECORD | {"settings": RECORD["settings"] | {"seed": 1}})
    assert ship.main([str(run)]) == 0
    assert "Drawn by hand." not in (weights / "acai-lines" / "README.md").read_text()


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"status": "interrupted"}, "is an unfinished run"),
        ({"status": None}, "is not the folder of a training run"),
        ({"data": {"name": "mnist"}}, "does not match any preset"),
    ],
)
def test_what_does_not_ship(run, weights, capsys, changes, message):
    files.write_json(run / "run.json", RECORD | changes)
    assert ship.main([str(run)]) == 1
    assert message in capsys.readouterr().err and not list(weights.iterdir())


def test_what_was_trained_in_bfloat16_ships_in_float32(run, weights):
    keras_acai.ACAI(**PRESET.arguments, dtype="mixed_bfloat16").save_pretrained(run)
    assert ship.main([str(run)]) == 0
    assert keras_acai.load("acai-lines").dtype_policy.name == "float32"
    assert keras_acai.load(run).dtype_policy.name == "mixed_bfloat16"


def test_publishing_pins(run, weights, snapshots, capsys, monkeypatch):
    def upload(folder, repo_id, private=None):
        snapshots.models[repo_id] = folder
        return publishing.pin_of(folder, repo_id, COMMIT)

    ship.main([str(run)])
    capsys.readouterr()
    monkeypatch.setattr(publishing, "publish", upload)
    assert publish.main(["acai-lines", "--owner", "acme", "--dry-run"]) == 0
    assert "acme/acai-lines: README.md, config.json" in capsys.readouterr().out
    assert not presets.PUBLISHED.exists()
    assert publish.main(["acai-lines", "--owner", "acme"]) == 0
    pin = presets.Published(**files.read_json(presets.PUBLISHED)["acai-lines"])
    assert pin.revision == COMMIT and pin.images == 64
    assert pin.counts == files.read_json(weights / "acai-lines" / "metrics.json").get("counts")
    assert pin.sha256.keys() == {"config.json", "model.safetensors", "players.safetensors"}
    expected = keras_acai.load("acai-lines").encoder.get_weights()[0]
    presets.published.cache_clear()
    monkeypatch.setattr(presets, "search_path", lambda: [])
    model = keras_acai.load("acai-lines")
    presets.published.cache_clear()
    np.testing.assert_array_equal(model.encoder.get_weights()[0], expected)


def test_publishing_what_is_not_there(weights, capsys):
    assert publish.main(["vae-mnist", "--owner", "acme"]) == 1
    assert "python -m training.ship runs/vae-mnist-fast-0" in capsys.readouterr().err
    assert publish.main(["vae-minst", "--owner", "acme"]) == 2
    assert "did you mean vae-mnist" in capsys.readouterr().err
