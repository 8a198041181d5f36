"""What this package does, as functions to be timed: a step, `fit`, `encode`, `interpolate`.

Each measure is a function `run(count)` that does a thing so often and returns the seconds it took.
"""

import time

import keras
import numpy as np

import keras_acai
from keras_acai import backend, lines, presets

from .. import machine


def training(cell, batch_size, dtype=None, steps_per_execution=1, **sizes):
    """`step`: the compiled train step on a batch that is there; `fit`: the same through Keras.

    `fit` is timed from the end of its first step to the end of its last, as an epoch is long.
    Threads are those of `training.train`.
    """
    machine.run_operations_side_by_side()
    model = build(cell, dtype, **sizes)
    model.compile(steps_per_execution=steps_per_execution)
    x = np.random.default_rng(0).integers(0, 256, (batch_size, *model.image_shape), "uint8")
    model.fit(_Same(x), steps_per_epoch=2 * steps_per_execution, verbose=0)

    def fit(count):
        clock = _Clock()
        executions = -(-count // steps_per_execution)
        steps = (executions + 1) * steps_per_execution
        model.fit(_Same(x), steps_per_epoch=steps, verbose=0, callbacks=[clock])
        return (clock.ends[-1] - clock.ends[0]) * count / (executions * steps_per_execution)

    if steps_per_execution > 1:
        return {"fit": fit}
    return {"step": _bare_step(model, x), "fit": fit}


def inference(cell, batch_size=256, **sizes):
    """`encode` of 10 and of 100,000 images beside the encoder in a loop of the backend's own."""
    model = build(cell, **sizes)
    few, many = (
        np.random.default_rng(0).integers(0, 256, (count, *model.image_shape), "uint8")
        for count in (10, 100_000)
    )
    bare = _bare_encoder(model, batch_size)
    return {
        "encode 10": _repeat(lambda: model.encode(few, batch_size)),
        "bare 10": _repeat(lambda: bare(few)),
        "encode 100000": _repeat(lambda: model.encode(many, batch_size)),
        "bare 100000": _repeat(lambda: bare(many)),
        "interpolate 10": _repeat(lambda: model.interpolate(few, few[::-1], 16)),
    }


def scoring():
    """`lines.score` of 256 interpolations of 16 pictures."""
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 256 * 16)
    pictures = lines.draw(angles).reshape(256, 16, lines.SIZE, lines.SIZE, 1)
    return {"lines.score": _repeat(lambda: lines.score(pictures))}


def build(cell, dtype=None, **sizes):
    """The model of a cell's name, with other sizes where they are given, without a probe."""
    preset = presets.get(cell)
    arguments = {**preset.arguments, "num_classes": None, "dtype": dtype, **sizes}
    keras.utils.set_random_seed(0)
    return getattr(keras_acai, preset.class_name)(**arguments)


def _repeat(function):
    def run(count):
        start = time.perf_counter()
        for _ in range(count):
            function()
        return time.perf_counter() - start

    return run


class _Same(keras.utils.PyDataset):
    """The same batch for ever."""

    def __init__(self, x):
        super().__init__()
        self.x = x

    num_batches = None

    def __getitem__(self, index):
        return (self.x,)


class _Clock(keras.callbacks.Callback):
    """When each execution ended; its logs are read, so that it has ended."""

    def __init__(self):
        super().__init__()
        self.ends = []

    def on_train_batch_end(self, batch, logs=None):
        float(logs["loss"])
        self.ends.append(time.perf_counter())


def _bare_step(model, x):
    """The compiled train step alone, on a batch that is on the device."""

    def run(count):
        with backend.bare_step(model, x) as step:
            start = time.perf_counter()
            for _ in range(count):
                loss = step()
            float(loss)
            return time.perf_counter() - start

    return run


def _bare_encoder(model, batch_size):
    """The encoder alone, compiled as the backend does it, over batches of an array."""
    encoder = backend.compiled(model, lambda x: model.encoder(model.scale(x)))

    def run(images):
        for start in range(0, len(images), batch_size):
            codes = encoder(images[start : start + batch_size])
        keras.ops.convert_to_numpy(codes)

    return run
