"""A loaded model keeps its scores and its record until its weights change."""

import json

import numpy as np
import pytest
from conftest import check_refused, make

from keras_acai.zoo import folders, records

METRICS = {"scores": {"rmse": 1.5, "joint_probe": 0.5}}
RUN = {"images": 96, "settings": {"seed": 3}}


@pytest.fixture
def scored(tmp_path):
    make("ACAI").save_pretrained(tmp_path / "scored", metrics=METRICS, run=RUN)
    return tmp_path / "scored"


def saved_again(model, folder, **options):
    model.save_pretrained(folder, **options)
    return records.read_all(folder)


def test_they_are_kept(scored, tmp_path):
    _, metrics, run = saved_again(folders.load(scored), tmp_path / "again")
    assert metrics.scores == METRICS["scores"]
    assert (run.images, run.settings) == (96, {"seed": 3})
    assert "| rmse, of 255 | 1.50 |" in (tmp_path / "again" / "README.md").read_text()


def test_training_ends_them(scored, tmp_path, x):
    model = folders.load(scored)
    model.compile()
    model.fit(x, batch_size=6, verbose=0)
    assert saved_again(model, tmp_path / "again")[1:] == (None, None)


def test_rounding_ends_the_scores(scored, tmp_path):
    _, metrics, run = saved_again(folders.load(scored), tmp_path / "half", dtype="float16")
    assert metrics is None and run.images == 96
    half = records.Metrics(scores={"rmse": 1.6})
    folders.save(folders.load(tmp_path / "half"), tmp_path / "half", half, None, "float16")
    _, metrics, _ = saved_again(folders.load(tmp_path / "half"), tmp_path / "whole")
    assert metrics.scores == {"rmse": 1.6}


def test_without_its_probe_a_model_has_no_score_of_it(tmp_path):
    make("Autoencoder").save_pretrained(tmp_path / "scored", metrics=METRICS, run=RUN)
    alone = folders.load(tmp_path / "scored", players=False)
    _, metrics, _ = saved_again(alone, tmp_path / "again")
    assert metrics.scores == {"rmse": 1.5}


def test_a_critic_that_was_left_out_is_of_no_use_until_it_is_trained(scored, tmp_path, x):
    model, before = folders.load(scored, players=False), (scored / "players.safetensors").stat()
    check_refused("the critic is untrained", model.estimate_alpha, x)
    check_refused("the critic is untrained", model.export, tmp_path / "out", parts="critic")
    check_refused("the critic is untrained", model.save_pretrained, scored)
    assert (scored / "players.safetensors").stat() == before
    model.compile()
    model.fit(x, batch_size=6, verbose=0)
    assert np.isfinite(model.estimate_alpha(x)).all()
    model.save_pretrained(scored)
    expected = model.estimate_alpha(x)
    np.testing.assert_allclose(folders.load(scored).estimate_alpha(x), expected, atol=1e-6)


def test_new_ones_replace_them(scored, tmp_path):
    _, metrics, run = saved_again(folders.load(scored), tmp_path / "a", metrics={"scores": {}})
    assert metrics.scores == {} and run.images == 96


def test_corrupt_ones_are_left_behind(scored, tmp_path, x):
    config = records.read_config(scored)
    content = {"scores": 5, "weights": config.sha256}
    (scored / "metrics.json").write_text(json.dumps(content))
    (scored / "run.json").write_text("{")
    model = folders.load(scored)
    np.testing.assert_array_equal(model.encode(x), make("ACAI").encode(x))
    assert saved_again(model, tmp_path / "again") == (
        records.read_config(tmp_path / "again"),
        None,
        None,
    )
    assert records.read_config(tmp_path / "again").sha256 == config.sha256


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_dtype_that_rounds_weights_ends_the_scores(scored, tmp_path, dtype):
    _, metrics, run = saved_again(folders.load(scored, dtype=dtype), tmp_path / "again")
    assert metrics is None and run.images == 96
    _, metrics, _ = saved_again(folders.load(scored, dtype="mixed_bfloat16"), tmp_path / "mixed")
    assert metrics.scores == METRICS["scores"]


def test_a_probe_that_was_left_out_is_not_deleted(tmp_path, x):
    make("VAE").save_pretrained(tmp_path / "vae")
    model = folders.load(tmp_path / "vae", players=False)
    for dtype in ("float32", "float16"):
        message = "left out: save into another"
        check_refused(message, model.save_pretrained, tmp_path / "vae", dtype=dtype)
    assert folders.load(tmp_path / "vae").probe is not None
    model.save_pretrained(tmp_path / "other")
    make("VAE", depth=2).save_pretrained(tmp_path / "third")
    model.save_pretrained(tmp_path / "third")
    assert folders.load(tmp_path / "third").probe is None
