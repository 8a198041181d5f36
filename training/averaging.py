"""Averages of the weights, kept by Keras's optimizers (`use_ema`).

Training continues with the weights themselves. Scores, pictures and the trained model use the
averages. Keras starts each average with the weights after the optimizer's first step. Then, at
every step, average ← m·average + (1 − m)·weights with m = 1 − batch_size / averaging. The first
weights keep a share of exp(−images / averaging): much in the first checkpoints of a run from
scratch, little after a few times `averaging` images. Variables that no optimizer moves, such as
the vectors of a VQ-VAE, have no average.
"""

import contextlib

import keras
import numpy as np


class KeepWeights(keras.callbacks.Callback):
    """Restores the weights, which `fit` replaces by their averages when it ends.

    `fit` does so after the last `on_epoch_end` and before `on_train_end`.
    """

    def on_epoch_end(self, epoch, logs=None):
        self.weights = _copies(self.model)

    def on_train_end(self, logs=None):
        _put(self.model, self.weights)


def take(model):
    """Sets the weights of a compiled model to their averages, if its optimizers keep any."""
    model.optimizer.finalize_variable_values(model.trainable_variables)


@contextlib.contextmanager
def averaged(model):
    """Sets the weights to their averages within a `with` block."""
    weights = _copies(model)
    take(model)
    try:
        yield model
    finally:
        _put(model, weights)


def _copies(model):
    """Copies of the weights that `take` replaces; empty if there are no averages."""
    optimizers = getattr(model.optimizer, "optimizers", [model.optimizer])
    if not any(optimizer.use_ema for optimizer in optimizers):
        return []
    return [np.array(keras.ops.convert_to_numpy(one)) for one in model.trainable_variables]


def _put(model, weights):
    for variable, value in zip(model.trainable_variables, weights):
        variable.assign(value)
