"""Averaged weights: what they are, who sees them, and that training does not."""

import csv
import signal

import keras
import numpy as np
import pytest
from conftest import SMALL_RUN, make
from runs import record, restored

from keras_acai.evaluation import scores
from keras_acai.zoo import folders
from training import averaging, callbacks, data, train, unfinished
from training import settings as all_settings
from training.recipes import Recipe
from training.run import Run

RATES = {"learning_rate": 1e-2, "critic_learning_rate": 2e-3, "probe_learning_rate": 5e-2}
AVERAGED = "--averaging 32 --critic-learning-rate 2e-4".split()


def values(variables):
    return [np.array(keras.ops.convert_to_numpy(one)) for one in variables]


def check_close(one, two, **tolerance):
    assert len(one) == len(two)
    for a, b in zip(one, two):
        np.testing.assert_allclose(a, b, **tolerance)


def check_differ(one, two):
    assert not all(np.allclose(a, b) for a, b in zip(one, two))


class Steps(keras.callbacks.Callback):
    """Keeps the weights, and the averages, after each epoch."""

    def __init__(self):
        super().__init__()
        self.weights, self.averages = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(values(self.model.trainable_variables))
        with averaging.averaged(self.model):
            self.averages.append(values(self.model.trainable_variables))


def fit(x, y, fits, **settings):
    """The model, and `Steps` of so many calls of `fit` with three epochs of a step each."""
    model = make("ACAI")
    Recipe(batch_size=12, **RATES, **settings).compile(model)
    steps = Steps()
    for _ in range(fits):
        callbacks = [steps, averaging.KeepWeights()]
        model.fit(x, y, batch_size=12, epochs=3, shuffle=False, verbose=0, callbacks=callbacks)
    return model, steps


@pytest.fixture
def trained(eager, x, y):
    return fit(x, y, 2, averaging=48)


def test_the_average_begins_with_the_weights_after_the_first_step(trained):
    _, steps = trained
    average = steps.weights[0]
    for weights, found in zip(steps.weights, steps.averages):
        average = [0.75 * a + 0.25 * w for a, w in zip(average, weights)]
        check_close(found, average, rtol=1e-4, atol=1e-6)
    check_differ(steps.averages[-1], steps.weights[-1])


def test_training_goes_on_with_the_weights_themselves(trained, x, y):
    model, steps = trained
    check_close(values(model.trainable_variables), steps.weights[-1], rtol=0)
    _, alone = fit(x, y, 2)
    check_close(steps.weights[-1], alone.weights[-1], rtol=1e-4, atol=1e-5)
    check_close(alone.averages[-1], alone.weights[-1], rtol=0)  # it keeps none


def test_the_weights_come_back_whatever_happens(trained):
    model, steps = trained
    with pytest.raises(KeyError), averaging.averaged(model):
        raise KeyError
    check_close(values(model.trainable_variables), steps.weights[-1], rtol=0)
    averaging.take(model)
    check_close(values(model.trainable_variables), steps.averages[-1], rtol=0)


def settings(out):
    return all_settings.read(record(out)["settings"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory, eager):
    """A run with averages that nothing happened to."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    command = ["acai-lines", "--recipe", "paper", *SMALL_RUN, "--seed", "4", "--out", str(out)]
    assert train.main([*command, *AVERAGED]) == 0
    return out


def test_a_run_scores_and_saves_the_averages(whole):
    recipe, model, saved = settings(whole).recipe, restored(whole, 96), folders.load(whole)
    assert (recipe.averaging, recipe.critic_learning_rate) == (32, 2e-4)
    check_differ(values(model.trainable_variables), values(saved.trainable_variables))
    with averaging.averaged(model):
        check_close(values(model.trainable_variables), values(saved.trainable_variables), rtol=0)
    with open(whole / "history.csv", newline="") as file:
        logged = float(list(csv.DictReader(file))[-1]["test_rmse"])
    source = data.load(settings(whole))
    assert scores.score_quickly(saved, source)["test_rmse"] == pytest.approx(logged, rel=1e-5)
    assert scores.score_quickly(model, source)["test_rmse"] != pytest.approx(logged, rel=1e-5)


@pytest.mark.once
def test_a_stopped_run_goes_on_with_weights_and_averages(go, out, whole, monkeypatch):
    checkpoint = Run.checkpoint

    def stop(self, model, row):
        checkpoint(self, model, row)
        signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "checkpoint", stop)
        patch.setattr(callbacks, "GRACE", 60)  # the second is no wish to stop at once
        assert go(*AVERAGED) == 130
    raw, shown = restored(out, 40), unfinished.open_report(out).model
    check_differ(values(raw.trainable_variables), values(shown.trainable_variables))
    with averaging.averaged(raw):
        check_close(values(raw.trainable_variables), values(shown.trainable_variables), rtol=0)
    assert go(*AVERAGED) == 0
    one, two = restored(out, 96), restored(whole, 96)
    check_close(values(one.variables), values(two.variables), rtol=0)
    check_close(values(one.optimizer.variables), values(two.optimizer.variables), rtol=0)
    saved = [values(folders.load(folder).trainable_variables) for folder in (out, whole)]
    check_close(*saved, rtol=0)
