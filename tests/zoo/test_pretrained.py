"""A name, an address or a path becomes a model, or an error that says what to type."""

import json
import os
import pathlib

import numpy as np
import pytest
from conftest import check_refused, make, make_preset, warns_once, weights_of
from conftest import check_refused_load as refused

import keras_acai
from keras_acai import presets
from keras_acai.evaluation import paper


@pytest.fixture
def folder(tmp_path):
    make("VAE").save_pretrained(tmp_path / "vae")
    return tmp_path / "vae"


def test_a_folder(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    for path in (folder, str(folder), "vae", "./vae", pathlib.Path("vae")):
        np.testing.assert_array_equal(
            weights_of(keras_acai.load(path).encoder), weights_of(make("VAE").encoder)
        )


def test_frozen(folder):
    model = keras_acai.load(folder, trainable=False)
    assert model.trainable_variables == [] and model.encoder.trainable_variables == []


def test_it_goes_on_training(folder, x, y):
    model = keras_acai.load(folder)
    model.compile()
    assert np.isfinite(model.fit(x, y, batch_size=6, verbose=0).history["loss"]).all()


@pytest.mark.once
def test_a_name_nobody_has_trained(monkeypatch):
    monkeypatch.setattr(presets, "search_path", lambda: [])
    refused("keras-acai train vae-svhn-32", keras_acai.load, "vae-svhn-32")
    assert keras_acai.list_models(trained=True) == []
    known = keras_acai.info("acai-mnist")
    assert known.where is None and known.scores == {} and known.sha256 == {}


@pytest.mark.once
def test_names_in_any_case():
    assert presets.get("ACAI-MNIST") == presets.get("acai-mnist")
    assert keras_acai.info("ACAI-Lines").name == "acai-lines"


@pytest.mark.once
def test_an_unknown_name_is_a_load_error_too():
    refused("did you mean acai-mnist", keras_acai.load, "ACAI-minst")
    check_refused("There is no model", keras_acai.info, "x\x1b[2J\n" * 9)


@pytest.mark.once
def test_a_file_of_keras(tmp_path, monkeypatch):
    refused(r"use keras\.saving\.load_model\('x\.keras'\)", keras_acai.load, "x.keras")
    refused("is a file of Keras", keras_acai.load, tmp_path / "x.h5")


@pytest.mark.once
def test_info_of_a_folder(folder):
    known = keras_acai.info(folder)
    assert (known.where, known.class_name, known.preset) == ("folder", "VAE", None)
    assert (known.image_shape, known.code_shape) == ((8, 8, 1), (2, 2, 3))
    assert "keras_acai.VAE" in repr(known) and "8×8×1" in repr(known)
    assert keras_acai.info(presets.get("acai-lines").shipped).preset.name == "acai-lines"


@pytest.mark.once
def test_info_of_an_unfinished_run(tmp_path):
    settings = {"name": "acai-lines", "recipe": "fast"}
    run = {"settings": settings, "data": {"name": "lines"}, "images": 32, "status": "interrupted"}
    (tmp_path / "run.json").write_text(json.dumps(run))
    known = keras_acai.info(tmp_path)
    assert (known.where, known.images, known.data) == ("run", 32, "Lines")
    assert "unfinished run" in str(known) and "2×2×16: 64 numbers" in str(known)
    refused("does not exist", keras_acai.info, tmp_path / "none")


@pytest.mark.once
def test_info_escapes_what_records_say(folder):
    make("VAE").save_pretrained(
        folder, run={"settings": {"recipe": "[/x]\x1b[31m[red]" + "a" * 999}}
    )
    text = str(keras_acai.info(folder))
    assert "[/x]�[31m[red]a" in text and "a" * 250 not in text.replace("\n", "")


@pytest.mark.once
def test_names_that_do_not_exist():
    check_refused("did you mean acai-mnist", keras_acai.load, "acai-minst")
    check_refused("There is no model 7", keras_acai.load, 7)
    refused("does not exist: pass a folder", keras_acai.load, "no/such/folder")
    refused("write hf://owner/name for", keras_acai.load, "owner/name")
    refused("does not exist: pass a folder", keras_acai.load, pathlib.Path("acai-mnist"))


@pytest.mark.once
def test_a_name_is_not_a_folder_of_that_name(folder, monkeypatch):
    """Whatever lies in the working directory."""
    monkeypatch.setattr(presets, "search_path", lambda: [])
    folder.rename(folder.with_name("vae-svhn"))
    monkeypatch.chdir(folder.parent)
    refused("vae-svhn is not trained yet", keras_acai.load, "vae-svhn")
    keras_acai.load(f".{os.sep}vae-svhn")


@pytest.mark.once
def test_a_folder_of_the_name_of_an_installed_model(tmp_path, monkeypatch):
    make("ACAI").save_pretrained(tmp_path / "acai-lines")
    monkeypatch.chdir(tmp_path)
    with warns_once(r"load '\./acai-lines' for the folder here"):
        assert keras_acai.load("acai-lines").depth == 16
    assert keras_acai.load("./acai-lines").depth == make("ACAI").depth


@pytest.mark.once
def test_a_revision_of_what_has_none(folder, monkeypatch):
    check_refused("has no revision: leave it out", keras_acai.load, folder, revision="main")
    monkeypatch.setattr(presets, "search_path", lambda: [folder.parent])
    folder.rename(folder.with_name("vae-svhn"))
    refused("is not on the Hub", keras_acai.load, "vae-svhn", revision="main")


@pytest.mark.once
def test_info_of_what_is_installed(folder, monkeypatch):
    monkeypatch.setattr(presets, "search_path", lambda: [folder.parent])
    run = {"settings": {"recipe": "fast"}, "images": 12345}
    metrics = {"scores": {"joint_probe": 0.9}, "data": {"name": "svhn"}}
    make("VAE").save_pretrained(folder.with_name("vae-svhn"), metrics=metrics, run=run)
    known = keras_acai.info("vae-svhn")
    assert (known.where, known.images, known.recipe) == ("installed", 12345, "fast")
    assert known.scores == {"joint_probe": 0.9}
    assert known.paper == paper.figures(presets.get("vae-svhn"))
    text = str(known)
    for part in ("12,345 images", "90.00", "66.30±1.06", "non-commercial", known.name):
        assert part in text
    assert all(value in text for value in known.sha256.values())
    assert "vae-svhn" in keras_acai.list_models(trained=True)


@pytest.mark.once
def test_scores_on_other_data_are_not_those_of_the_name(folder, monkeypatch):
    monkeypatch.setattr(presets, "search_path", lambda: [folder.parent])
    metrics = {"scores": {"joint_probe": 0.9}, "data": {"name": "fashion_mnist"}}
    make("VAE").save_pretrained(folder.with_name("vae-mnist"), metrics=metrics)
    assert keras_acai.info("vae-mnist").scores == {}


@pytest.mark.once
def test_an_empty_folder_ships_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(presets, "search_path", lambda: [tmp_path])
    (tmp_path / "acai-mnist").mkdir()
    assert keras_acai.list_models(trained=True) == []
    assert keras_acai.info("acai-mnist").where is None


@pytest.mark.once
def test_a_model_whose_record_alone_is_installed(folder, monkeypatch):
    """As pip installs most: its scores are known, its weights are not there."""
    make_preset("acai-mnist-32").save_pretrained(
        folder.with_name("acai-mnist-32"),
        metrics={"scores": {"joint_probe": 0.5}, "data": {"name": "mnist"}},
        run={"settings": {"name": "acai-mnist-32"}, "data": {"name": "mnist"}},
    )
    (folder.with_name("acai-mnist-32") / "model.safetensors").unlink()
    monkeypatch.setattr(presets, "search_path", lambda: [folder.parent])
    known = keras_acai.info("acai-mnist-32")
    assert known.where == "checkout" and known.scores == {"joint_probe": 0.5}
    assert "in weights/ of a checkout, not installed by pip" in str(known)
    refused("name the folder weights/acai-mnist-32 there", keras_acai.load, "acai-mnist-32")
    assert keras_acai.list_models("acai-mnist*", trained=True) == []


@pytest.mark.once
def test_a_folder_that_is_not_there_is_no_name_on_the_hub():
    refused("does not exist: pass a folder", keras_acai.load, "./nope")
