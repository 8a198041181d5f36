"""Phases of a recipe: where they end, and what a model does without in each."""

import signal

import keras
import numpy as np
import pytest
from conftest import make
from runs import check_same, once, record, rows

from keras_acai import VQVAE, datasets
from keras_acai.zoo import folders
from training import phases
from training.recipes import Recipe


@pytest.mark.once
def test_plan():
    recipe = Recipe(images=1000, batch_size=10, checkpoint_every=300)
    assert phases.plan(0, recipe) == [(30, 3), (10, 1)]
    assert phases.plan(25, recipe) == [(5, 1), (30, 2), (10, 1)]
    assert phases.plan(95, recipe) == [(5, 1)]
    assert phases.plan(100, recipe) == []


@pytest.mark.once
def test_an_epoch_ends_where_a_phase_does():
    recipe = Recipe(images=1000, batch_size=10, checkpoint_every=500, head_start=200)
    assert phases.plan(0, recipe) == [(20, 1), (30, 1), (50, 1)]
    recipe = Recipe(images=1000, batch_size=10, checkpoint_every=300, cooldown=500)
    assert phases.plan(0, recipe) == [(30, 1), (20, 1), (10, 1), (30, 1), (10, 1)]
    assert phases.plan(50, recipe) == [(10, 1), (30, 1), (10, 1)]
    assert phases.plan(0, Recipe(images=60, batch_size=10, cooldown=60)) == [(6, 1)]


@pytest.mark.once
def test_the_critic_has_no_say_in_the_cooldown(go, out, tmp_path, stopped):
    stopped(64, lambda: signal.raise_signal(signal.SIGINT))
    assert go("--cooldown", "48") == 130 and go("--cooldown", "48") == 0
    verdicts = {int(row["images"]): float(row["adversarial_loss"]) for row in rows(out)}
    assert sorted(verdicts) == [32, 48, 64, 96]
    assert [images for images, verdict in verdicts.items() if verdict] == [32, 48]
    assert all(float(row["mixing_loss"]) for row in rows(out))  # it still learns
    assert folders.load(out).adversarial_weight == 0.5
    other = tmp_path / "other"
    assert go("--cooldown", "48", out=other) == 0
    check_same(out, other)


@pytest.mark.once
def test_the_critic_has_no_say_in_the_head_start(go, out, tmp_path, stopped):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    command = ["--head-start", "40", "--images", "192", "--adversarial-weight", "0.1"]
    assert go(*command, name="aae-lines") == 130 and go(*command, name="aae-lines") == 0
    verdicts = {int(row["images"]): float(row["adversarial_loss"]) for row in rows(out)}
    assert [images for images, verdict in verdicts.items() if verdict] == [64, 96, 128, 160, 192]
    assert sorted(verdicts) == [32, 40, 64, 96, 128, 160, 192]
    assert folders.load(out).adversarial_weight == 0.1
    other = tmp_path / "other"
    assert go(*command, name="aae-lines", out=other) == 0
    check_same(out, other, 192)


@pytest.mark.once
@pytest.mark.parametrize("stop", [once(32), 40])
def test_a_vqvae_has_vectors_of_the_data_after_its_head_start(go, out, tmp_path, stopped, stop):
    command = "--num-codes 32 --head-start 40 --cooldown 48 --images 192".split()
    stopped(stop, lambda: signal.raise_signal(signal.SIGINT))
    assert go(*command, name="vqvae-lines") == 130 and record(out)["images"] == stop
    assert go(*command, name="vqvae-lines") == 0
    losses = {int(row["images"]): float(row["commitment_loss"]) for row in rows(out)}
    assert [images for images, loss in losses.items() if not loss] == [32, 40]
    other = tmp_path / "other"
    assert go(*command, name="vqvae-lines", out=other) == 0
    check_same(out, other, 192)
    assert folders.load(out).quantises


@pytest.mark.once
def test_vectors_are_taken_once_and_only_after_a_head_start(go, tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(VQVAE, "adapt", lambda self, images: taken.append(images))
    assert go("--num-codes", "128", name="vqvae-lines", out=tmp_path / "none") == 0
    assert taken == []
    command = ["--num-codes", "128", "--head-start", "40", "--images", "160"]
    assert go(*command, name="vqvae-lines", out=tmp_path / "some") == 0
    stream = datasets.EndlessLines(8, seed=4, start=5, labelled=False)
    assert len(taken) == 1  # ten vectors of each image
    np.testing.assert_array_equal(taken[0], np.concatenate([stream[0], stream[1]]))


def test_left_out_for_as_long_as_it_lasts(x):
    model = make("VQVAE")
    model.compile(keras.optimizers.Adam(3e-3))
    losses = []
    for phase in ("between", "head_start", "cooldown"):
        with phases.without(model, phases.LEFT_OUT[phase]):
            history = model.fit(x, batch_size=6, epochs=1, verbose=0).history
        losses += history["commitment_loss"]
    assert losses[0] > 0 and losses[1] == 0 and losses[2] > 0
