"""A folder from an untrusted source is refused before it costs memory or runs code."""

import json
import os

import numpy as np
import pytest
import safetensors.numpy
from conftest import change_config, check_refused_load, make

import keras_acai
from keras_acai import files
from keras_acai.zoo import folders, records

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"format": 3}, "has format 3, this keras_acai reads 2: pip install --upgrade keras-acai"),
        ({"format": 1}, "format 1, with weights as HDF5, which keras_acai no longer reads"),
        ({"class": "GAN"}, "newer"),
        ({"class": "Lambda"}, "newer"),
        ({"class": "keras"}, "newer"),
        ({"class": "A" * 10**5}, "newer"),
        ({"keras": "9" * 5000 + ".0"}, "corrupt"),
        ({"class": ["ACAI"]}, "corrupt"),
        ({"keras": "4.0.0"}, "written with Keras 4.0.0, this is 3.*upgrade keras"),
        ({"keras": "new"}, "corrupt"),
        ({"sha256": {}}, "corrupt"),
        ({"sha256": {"../../model.safetensors": "0", "model.safetensors": "0"}}, "corrupt"),
        ({"config": {"unknown": 1}}, "cannot build ACAI"),
        ({"config": {"depth": -1}}, "cannot build ACAI: depth"),
        ({"config": {"depth": {"class_name": "Lambda"}}}, "corrupt"),
        ({"config": {"dtype": {"class_name": "Lambda", "config": {}}}}, "corrupt"),
        ({"config": {"name": "../../x"}}, "corrupt"),
        ({"config": {"image_shape": [[8, 8], 8, 1]}}, "cannot build ACAI"),
        ({"config": {"image_shape": [[[8]], 8, 1]}}, "corrupt"),
        ({"config": {"inputs": None, "outputs": None}}, "ACAI, which has no argument 'inputs'"),
        ({"config": {"trainable": 0}}, "ACAI, which has no argument 'trainable'"),
        ({"config": {"image_shape": [8] * 99}}, "corrupt"),
        ({"config": {"depth": 10**9}}, "does not fit the weights"),
        ({"config": {"depth": 10**300}}, "does not fit the weights"),
        ({"config": {"image_shape": [2**30, 2**30, 1]}}, "does not fit the weights"),
        ({"config": {"num_classes": 10**9}}, "does not fit the weights"),
        ({"config": {"critic_depth": 10**5}}, "does not fit the weights"),
    ],
)
def test_other_and_hostile_configs(saved, changes, message):
    """Refused with no code run, and no memory taken for what a config claims."""
    if "config" in changes:
        config = json.loads((saved / "config.json").read_text())["config"]
        changes = {"config": config | changes["config"]}
    change_config(saved, **changes)
    check_refused_load(message, folders.load, saved)


def nested(levels, inner=1):
    return inner if levels == 0 else [nested(levels - 1, inner)]


def test_deeply_nested_arguments(saved):
    config = json.loads((saved / "config.json").read_text())["config"]
    change_config(saved, config=config | {"depth": nested(300)})
    check_refused_load("corrupt", folders.load, saved)
    text = (saved / "config.json").read_text().replace("[" * 300, "[" * 10**4)
    (saved / "config.json").write_text(text.replace("]" * 300, "]" * 10**4))
    check_refused_load("corrupt", folders.load, saved)


def test_a_hostile_config_leaves_the_classes_alone(saved):
    bases = keras_acai.ACAI.__mro__
    config = json.loads((saved / "config.json").read_text())["config"]
    change_config(saved, config=config | {"inputs": None, "outputs": None})
    check_refused_load("no argument 'inputs'", folders.load, saved)
    assert keras_acai.ACAI.__mro__ == bases and make("ACAI").code_shape == (2, 2, 3)


@pytest.mark.parametrize(
    "name, arguments",
    [("VQVAE", {"num_codes": 10**9}), ("AAE", {"critic_units": [10**5, 10**5]})],
)
def test_claims_of_other_models(tmp_path, name, arguments):
    make(name).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())["config"]
    change_config(tmp_path, config=config | arguments)
    check_refused_load("does not fit the weights", folders.load, tmp_path)


@pytest.mark.parametrize(
    "content", ["[]", "{", "[" * 10**5, '{"format": 1' + "0" * 5000 + "}", "x" * 2**21]
)
def test_configs_that_are_none(saved, content):
    (saved / "config.json").write_text(content)
    check_refused_load("corrupt", folders.load, saved)


def test_links_that_lead_out(saved, tmp_path):
    weights = saved / "model.safetensors"
    weights.rename(tmp_path / "elsewhere.safetensors")
    weights.symlink_to(tmp_path / "elsewhere.safetensors")
    check_refused_load("leads out of its folder", folders.load, saved)
    weights.unlink()
    weights.symlink_to("/dev/zero")
    check_refused_load("leads out of its folder", folders.load, saved)
    weights.unlink()
    weights.symlink_to("model.safetensors")
    check_refused_load("leads nowhere|is missing", folders.load, saved)
    weights.unlink()
    os.mkfifo(weights)
    check_refused_load("is not a file", folders.load, saved)


@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda a: a | {"decoder/0": a["decoder/1"], "decoder/1": a["decoder/0"]},
            r"decoder is \(6,\) at 0, expected",
        ),
        (
            lambda a: {name.replace("decoder", "other"): one for name, one in a.items()},
            "holds encoder, other, the model has decoder",
        ),
        (
            lambda a: {name: one for name, one in a.items() if name.startswith("encoder")},
            "does not fit the weights",
        ),
        (lambda a: a | {"decoder/0": a["decoder/0"] * np.nan}, "decoder/0 holds values that are"),
    ],
)
def test_whole_files_with_right_hashes_of_another_model(saved, change, message):
    path = saved / "model.safetensors"
    safetensors.numpy.save_file(change(safetensors.numpy.load_file(path)), path)
    change_config(saved, sha256=records.read_config(saved).sha256 | {path.name: files.sha256(path)})
    check_refused_load(message, folders.load, saved)


def test_players_without_a_hash_are_refused(saved):
    """Else anyone could replace the file without being noticed."""
    sha256 = records.read_config(saved).sha256
    change_config(saved, sha256={"model.safetensors": sha256["model.safetensors"]})
    check_refused_load(
        "no SHA-256 for players.safetensors, but the model has critic", folders.load, saved
    )
    model = make("Autoencoder", num_classes=None)
    model.save_pretrained(saved)
    assert list(records.read_config(saved).sha256) == ["model.safetensors"]
    assert folders.load(saved).probe is None


@pytest.mark.parametrize(
    "name, content",
    [
        ("metrics.json", {"scores": {}, "counts": 5}),
        ("metrics.json", {"scores": {}, "counts": ["9", 1]}),
        ("metrics.json", {"scores": {}, "counts": [1, 2, 3]}),
        ("metrics.json", {"scores": {}, "data": "mnist"}),
        ("metrics.json", {"scores": {"rmse": "low"}}),
        ("run.json", {"note": ["<script>"]}),
        ("run.json", {"before": 5}),
        ("run.json", {"images": "many"}),
    ],
)
def test_records_of_other_kinds(saved, name, content):
    config = json.loads((saved / "config.json").read_text())
    (saved / name).write_text(json.dumps(content | {"weights": config["sha256"]}))
    check_refused_load("corrupt", folders.write_card, saved)
