"""What the tests of runs look at."""

import csv
import json

import keras
import numpy as np
import pytest

from training import session, settings


def once(parameter):
    """A parameter for the first backend alone."""
    return pytest.param(parameter, marks=pytest.mark.once)


def rows(out):
    """The rows of a run's history."""
    with open(out / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def record(out):
    """The record of a run."""
    return json.loads((out / "run.json").read_text())


def restored(out, images):
    """The compiled model of a checkpoint."""
    model = session.build(settings.read(record(out)["settings"]))
    model.optimizer.build(model.trainable_variables)
    model.load_weights(out / "checkpoints" / f"{images:010}.weights.h5")
    return model


def weights(out, images=96):
    """Everything in a checkpoint: weights, optimizer, seed."""
    model = restored(out, images)
    return [keras.ops.convert_to_numpy(v) for v in (*model.variables, *model.optimizer.variables)]


def check_same(out, other, images=96):
    """Asserts that two runs have the same checkpoint, bit for bit."""
    for one, two in zip(weights(out, images), weights(other, images)):
        np.testing.assert_array_equal(one, two)
