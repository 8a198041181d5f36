"""Settings: defaults of every model, records old and new."""

import dataclasses

import numpy as np
import pytest
from conftest import check_refused

import keras_acai
from keras_acai import presets
from training import settings
from training.recipes import Recipe

pytestmark = pytest.mark.once


def test_a_preset_of_the_papers_tables():
    chosen = settings.defaults("vae-svhn-32", "paper")
    assert chosen.data == "svhn" and chosen.recipe == Recipe() and chosen.seed == 0
    assert chosen.arguments == {**presets.get("vae-svhn-32").arguments, "beta": 1.0}
    assert chosen.run_name == "vae-svhn-32-paper-0"


def test_every_name_builds_its_class():
    for name, class_name in (("aae-lines", "AAE"), ("denoising-mnist-32", "DenoisingAutoencoder")):
        assert type(settings.defaults(name, "paper").build()) is getattr(keras_acai, class_name)
    assert settings.defaults("vqvae-lines").arguments["latent_width"] == 4


@pytest.mark.parametrize("name", ["aae-lines", "aae-mnist-32", "vqvae-lines", "vqvae-mnist"])
def test_some_models_have_a_head_start_in_fast(name):
    fast, paper = settings.defaults(name), settings.defaults(name, "paper")
    assert (fast.recipe.head_start, fast.recipe.cooldown) == (2**15, 0)
    assert (paper.recipe.head_start, paper.recipe.cooldown) == (0, 0)
    assert fast.arguments == paper.arguments
    assert fast.recipe.phase(2**11) == "between"
    assert fast.replace(head_start=16).recipe.head_start == 16


@pytest.mark.parametrize("name", ["acai-lines", "vae-lines", "ae-mnist"])
def test_other_models_have_none(name):
    assert settings.defaults(name).recipe.head_start == 0


def test_a_trained_model_has_had_its_head_start():
    chosen = settings.defaults("aae-lines", start="aae-lines")
    assert (chosen.start, chosen.recipe.head_start) == ("aae-lines", 0)


def test_own_pictures():
    chosen = settings.defaults("acai", data="my/pictures/", size=64)
    assert chosen.arguments["image_shape"] == (64, 64, 3)
    assert chosen.arguments["num_classes"] is None and chosen.preset is None
    assert chosen.run_name == "acai-pictures-fast-0"


def test_own_arrays(tmp_path):
    np.savez(tmp_path / "own.npz", x=np.zeros((9, 24, 16), "uint8"))
    chosen = settings.defaults("acai", data=str(tmp_path / "own.npz"))
    assert chosen.arguments["image_shape"] == (24, 16, 1)
    assert chosen.run_name == "acai-own-fast-0"


def test_a_record_is_flat_and_reads_back():
    chosen = settings.defaults("aae-mnist", "paper").replace(seed=3, critic_units=(5, 4))
    record = chosen.record()
    assert record["recipe"] == "paper" and record["critic_units"] == [5, 4]
    assert not any(isinstance(value, dict) for value in record.values())
    assert settings.read(record) == chosen


# As version 0.1.0 wrote it, with the settings and the order of that time.
OLD_RECORD = {
    "name": "acai-lines",
    "recipe": "fast",
    "data": "lines",
    "start": "",
    "seed": 4,
    "dtype": "float32",
    "images": 96,
    "batch_size": 8,
    "learning_rate": 0.001,
    "probe_learning_rate": None,
    "warmup": 0,
    "schedule": "constant",
    "head_start": 0,
    "cooldown": 0,
    "checkpoint_every": 32,
    "n_init": 1000,
    "image_shape": [32, 32, 1],
    "latent_width": 2,
    "latent_channels": 2,
    "depth": 1,
    "num_classes": 10,
    "adversarial_weight": 0.5,
    "gamma": 0.2,
    "critic_depth": None,
}


def test_an_old_record_reads():
    chosen = settings.read(OLD_RECORD)
    assert chosen.record().items() >= OLD_RECORD.items()
    assert chosen.arguments["image_shape"] == (32, 32, 1)
    assert chosen.recipe.averaging == 0 and chosen.recipe.critic_learning_rate is None


def test_settings_that_did_not_exist_then_change_nothing():
    record = settings.defaults("aae-lines").record()
    for name in ("head_start", "cooldown", "adversarial_weight", "start", "dtype"):
        del record[name]
    chosen = settings.read(record)
    assert (chosen.recipe.head_start, chosen.recipe.cooldown, chosen.start) == (0, 0, "")
    assert chosen.arguments["adversarial_weight"] == 1.0 and chosen.dtype == "float32"


def test_an_unknown_setting_of_a_record_stays_in_view():
    completed = settings.completed(OLD_RECORD | {"forgotten": 1})
    assert completed["forgotten"] == 1 and completed["averaging"] == 0


def test_bad_values_are_refused():
    chosen = settings.defaults("acai-lines")
    check_refused("seed=-1", dataclasses.replace, chosen, seed=-1)
    check_refused("use float32, mixed_bfloat16, auto", dataclasses.replace, chosen, dtype="float16")
    check_refused("images=0", chosen.replace, images=0)
    check_refused("did you mean acai-mnist", settings.defaults, "acai-mnits")
    check_refused("add --data", settings.defaults, "acai")
    check_refused("'paper' or 'fast'", settings.defaults, "acai-lines", "slow")


def test_the_fast_recipe_leaves_the_dtype_to_the_machine():
    assert settings.defaults("acai-lines").dtype == "auto"
    assert settings.defaults("acai-lines", "paper").dtype == "float32"
