"""Averages of the weights, which Keras's optimizers keep beside them (`use_ema`).

Training goes on with the weights themselves; scores, pictures and the trained model are of the
averages. Keras begins an average with the weights after an optimizer's first step, not with zeros.
From then on average ← m · average + (1 − m) · weights at every step, m = 1 − batch_size /
averaging, so that these first weights still have a share of exp(−images / averaging): little
after a few times `averaging` images, much in the first checkpoints of a run from scratch. What no
optimizer moves, such as a VQ-VAE's vectors, has no average and stays as it is.
"""

import contextlib

import keras
import numpy as np


class KeepWeights(keras.callbacks.Callback):
    """Gives a model its weights back that `fit` replaces by their averages when it ends.

    `fit` does so after the last `on_epoch_end` and before `on_train_end`.
    """

    def on_epoch_end(self, epoch, logs=None):
        self.weights = _copies(self.model)

    def on_train_end(self, logs=None):
        _put(self.model, self.weights)


def take(model):
    """Gives a compiled model the averages for good, where its optimizer keeps any."""
    model.optimizer.finalize_variable_values(model.trainable_variables)


@contextlib.contextmanager
def averaged(model):
    """Gives a model the averages for as long as this lasts."""
    weights = _copies(model)
    take(model)
    try:
        yield model
    finally:
        _put(model, weights)


def _copies(model):
    """Copies of what `take` replaces; none where there are no averages."""
    optimizers = getattr(model.optimizer, "optimizers", [model.optimizer])
    if not any(optimizer.use_ema for optimizer in optimizers):
        return []
    return [np.array(keras.ops.convert_to_numpy(one)) for one in model.trainable_variables]


def _put(model, weights):
    for variable, value in zip(model.trainable_variables, weights):
        variable.assign(value)
