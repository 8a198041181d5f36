"""Recipes: the paper's for every data set, and learning rates that follow their phases."""

import dataclasses
import importlib

import keras
import numpy as np
import pytest
from conftest import check_refused, make

import keras_acai
from keras_acai.datasets.catalogue import DATASETS, Dataset
from training import recipes
from training.recipes import Recipe

pytestmark = pytest.mark.once

NAMES = [*DATASETS, "pictures"]
FILES = sorted(set(NAMES) - {"fashion_mnist"})


def rates(recipe, steps):
    rate = recipe.schedule_of(recipe.learning_rate)
    return [float(rate(step)) if callable(rate) else rate for step in steps]


@pytest.mark.parametrize("dataset", NAMES)
def test_the_papers_recipe(dataset):
    recipe = recipes.get(dataset, "paper")
    assert (recipe.images, recipe.batch_size, recipe.learning_rate) == (2**24, 64, 1e-4)
    assert recipe.steps == 262_144
    model = make("ACAI")
    recipe.compile(model)
    assert isinstance(model.optimizer, keras.optimizers.Adam) and model.optimizer.epsilon == 1e-8
    np.testing.assert_allclose(rates(recipe, [0, 262_143]), 1e-4, rtol=1e-6)


@pytest.mark.parametrize("dataset", NAMES)
def test_fast_needs_far_fewer_images(dataset):
    assert recipes.get(dataset, "fast").images <= 2**24 // 4


@pytest.mark.parametrize("dataset", FILES)
def test_every_file_holds_the_fast_recipe_and_the_command(dataset):
    module = importlib.import_module(f"training.recipes.{dataset.replace('-', '_')}")
    assert module.FAST == recipes.get(dataset, "fast")
    assert "keras-acai train" in module.__doc__


@pytest.mark.parametrize(
    "colours, expected", [(1, recipes.FAST_GREY), (3, recipes.FAST_COLOUR)], ids=["grey", "colour"]
)
def test_a_data_set_without_a_file_has_the_recipe_of_its_colours(monkeypatch, colours, expected):
    new = Dataset(title="New", builder="new", colours=colours, terms="")
    monkeypatch.setitem(DATASETS, "new", new)
    assert recipes.get("new", "fast") == expected


def test_fast_has_a_head_start_where_the_class_asks_for_one():
    fast = recipes.get("lines", "fast")
    expected = dataclasses.replace(fast, head_start=2**15, cooldown=0)
    for model_class in (keras_acai.AAE, keras_acai.VQVAE):
        assert recipes.get("lines", "fast", model_class) == expected
        assert recipes.get("lines", "paper", model_class) == Recipe()
    assert recipes.get("lines", "fast", keras_acai.ACAI) == fast


def test_cosine_with_warmup():
    recipe = Recipe(images=8000, batch_size=8, learning_rate=1e-3, warmup=800, schedule="cosine")
    start, half_risen, highest, middle, last = rates(recipe, [0, 50, 100, 550, 1000])
    np.testing.assert_allclose([start, last], 0, atol=1e-9)
    np.testing.assert_allclose([half_risen, highest, middle], [5e-4, 1e-3, 5e-4], rtol=1e-3)


def test_warmup_takes_an_eighth_of_the_phase_at_most():
    recipe = Recipe(images=800, batch_size=8, learning_rate=1e-3, warmup=10**6)
    np.testing.assert_allclose(rates(recipe, [0, 6, 12, 90]), [0, 5e-4, 1e-3, 1e-3], atol=1e-9)


def test_the_probe_may_have_its_own_rate():
    model = make("ACAI")
    Recipe(learning_rate=1e-3, probe_learning_rate=1e-2).compile(model)
    one, probe = model.optimizer.optimizers
    np.testing.assert_allclose([float(one.learning_rate), float(probe.learning_rate)], [1e-3, 1e-2])
    alone = make("ACAI", num_classes=None)
    Recipe(probe_learning_rate=1e-2).compile(alone)
    assert isinstance(alone.optimizer, keras.optimizers.Adam)


@pytest.mark.parametrize("name", ["ACAI", "AAE"])
def test_a_critic_of_its_own_pace(name):
    model = make(name)
    Recipe(learning_rate=1e-3, critic_learning_rate=2e-4, probe_learning_rate=1e-2).compile(model)
    found = [float(one.learning_rate) for one in model.optimizer.optimizers]
    np.testing.assert_allclose(found, [1e-3, 2e-4, 1e-2])
    assert [one.epsilon for one in model.optimizer.optimizers] == [1e-8] * 3
    assert [one.name for one in model.optimizer.optimizers[1:]] == ["critic", "probe"]
    alone = make("VAE")
    Recipe(critic_learning_rate=2e-4).compile(alone)
    assert isinstance(alone.optimizer, keras.optimizers.Adam)


def test_a_critics_rate_has_the_same_course():
    recipe = Recipe(
        images=800, batch_size=8, learning_rate=1e-3, critic_learning_rate=2e-4, schedule="cosine"
    )
    model = make("ACAI")
    recipe.compile(model)
    ours, critics = (one.get_config()["learning_rate"] for one in model.optimizer.optimizers)
    ours, critics = map(keras.optimizers.schedules.deserialize, (ours, critics))
    for step in (0, 30, 99):
        np.testing.assert_allclose(float(critics(step)), float(ours(step)) / 5, rtol=1e-5)


def test_averages_of_every_player():
    model = make("ACAI")
    rates = {"critic_learning_rate": 2e-4, "probe_learning_rate": 1e-2}
    Recipe(batch_size=16, averaging=1024, **rates).compile(model)
    assert [one.use_ema for one in model.optimizer.optimizers] == [True] * 3
    assert [one.ema_momentum for one in model.optimizer.optimizers] == [1 - 16 / 1024] * 3
    for averaging, momentum in ((8, 0.0), (32, 0.5)):
        Recipe(batch_size=16, averaging=averaging).compile(model)
        assert model.optimizer.use_ema and model.optimizer.ema_momentum == momentum
    Recipe(batch_size=16).compile(model)
    assert not model.optimizer.use_ema


@pytest.mark.parametrize(
    "images, head_start, cooldown, phases",
    [
        (100, 0, 0, (0, 10, 10)),
        (100, 0, 30, (0, 7, 10)),
        (100, 0, 10**6, (0, 0, 10)),
        (195, 35, 20, (4, 18, 20)),
        (100, 10**6, 0, (2, 10, 10)),  # a quarter at most
        (100, 80, 90, (1, 1, 10)),
    ],
)
def test_phases_of_a_recipe(images, head_start, cooldown, phases):
    recipe = Recipe(images=images, batch_size=10, head_start=head_start, cooldown=cooldown)
    assert recipe.phases == phases
    names = [recipe.phase(step) for step in range(recipe.steps)]
    lengths = np.diff([0, *phases])
    assert names == list(np.repeat(["head_start", "between", "cooldown"], lengths))


def test_the_cooldown_may_be_shorter_than_its_last_batch():
    assert Recipe(images=100, batch_size=64, cooldown=100).phases == (0, 0, 2)


def test_a_rate_of_zero_stays_zero():
    recipe = Recipe(images=100, learning_rate=0.0, cooldown=100)
    assert rates(recipe, [0]) == [0] == rates(dataclasses.replace(recipe, cooldown=0), [0])


@pytest.mark.parametrize("head_start, cooldown", [(0, 4000), (3000, 0), (2000, 4000)])
def test_every_phase_restarts_the_schedule(head_start, cooldown):
    recipe = Recipe(images=12_000, batch_size=10, learning_rate=1e-3, warmup=500, schedule="cosine")
    whole = dataclasses.replace(recipe, head_start=head_start, cooldown=cooldown)
    lengths = [length for length in np.diff([0, *whole.phases]) if length]
    alone = [
        rates(dataclasses.replace(recipe, images=int(length) * 10), range(length))
        for length in lengths
    ]
    expected = np.concatenate(alone)
    np.testing.assert_allclose(rates(whole, range(0, 1200, 7)), expected[::7], atol=1e-9)
    model = make("ACAI")
    whole.compile(model)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(model.optimizer))
    kept = keras.optimizers.schedules.deserialize(again.get_config()["learning_rate"])
    found = [float(kept(step)) for step in range(0, 1200, 7)]
    np.testing.assert_allclose(found, expected[::7], atol=1e-9)


@pytest.mark.parametrize("cooldown", [0, 500, 1000])
@pytest.mark.parametrize("head_start", [0, 500])
def test_a_constant_rate_is_a_number(head_start, cooldown):
    recipe = Recipe(images=1000, head_start=head_start, cooldown=cooldown)
    assert recipe.schedule_of(1e-4) == 1e-4


def test_steps_are_rounded_up():
    recipe = Recipe(images=100, batch_size=64, checkpoint_every=64)
    assert (recipe.steps, recipe.steps_per_checkpoint) == (2, 1)


@pytest.mark.parametrize(
    "name, value",
    [
        ("images", 0),
        ("batch_size", 1.5),
        ("learning_rate", float("nan")),
        ("warmup", -1),
        ("cooldown", 0.5),
        ("head_start", True),
        ("averaging", -1),
        ("averaging", 0.5),
        ("critic_learning_rate", -1.0),
    ],
)
def test_bad_numbers_are_refused(name, value):
    check_refused(f"{name}=", dataclasses.replace, Recipe(), **{name: value})


def test_unknown_names_are_refused():
    check_refused("schedule='linear'", Recipe, schedule="linear")
    check_refused("'paper' or 'fast'", recipes.get, "lines", "quick")
