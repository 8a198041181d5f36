"""Trains a small ACAI for about two minutes and shows how it interpolates.

    make demo        # or: python -m training.demo [--seconds 120] [--out interpolation.png]

It learns MNIST, or lines where MNIST cannot be had.
"""

import argparse
import math
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

import keras_acai

LEARNING_RATE = 1e-3


class TimeBudget(keras.callbacks.Callback):
    """Ends training after so many seconds, with a learning rate that falls to 0 by then.

    Args:
        seconds: float.
        learning_rate: float. The rate at the start, of a cosine's half period.
    """

    def __init__(self, seconds, learning_rate):
        super().__init__()
        self.seconds = seconds
        self.learning_rate = learning_rate

    def on_train_begin(self, logs=None):
        self.start = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        spent = (time.monotonic() - self.start) / self.seconds
        self.model.stop_training = spent >= 1
        cosine = (1 + math.cos(math.pi * min(spent, 1))) / 2
        self.model.optimizer.learning_rate = self.learning_rate * cosine


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120, help="how long to train")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("interpolation.png"))
    arguments = parser.parse_args()
    keras.utils.set_random_seed(0)
    name, (x, y), (x_test, _) = load()
    model = keras_acai.ACAI(depth=8, latent_width=4 if name == "MNIST" else 2, num_classes=10)
    model.compile(keras.optimizers.Adam(LEARNING_RATE, epsilon=1e-8))
    print(f"Training a small ACAI on {name} for {arguments.seconds:.0f} seconds …", flush=True)
    budget = TimeBudget(arguments.seconds, LEARNING_RATE)
    model.fit(*repeat(x, y), batch_size=64, callbacks=[budget])
    draw(model, x_test, name, arguments.out)


def load():
    """(name, train, test) of MNIST, or of lines."""
    try:
        data = [keras_acai.datasets.load("mnist", split) for split in ("train", "test")]
        return "MNIST", *data
    except keras_acai.datasets.DatasetError as error:
        print(f"No MNIST, so lines instead. {error}")
        data = [keras_acai.datasets.load("lines", split) for split in ("train", "test")]
        return "lines", *data


def repeat(x, y, times=8):
    """One epoch long enough: between epochs tf.data may pause for as long as one took."""
    return np.concatenate([x] * times), np.concatenate([y] * times)


def draw(model, images, name, path, rows=6):
    """Writes a grid of interpolations between test images, and says so."""
    a, b = images[:rows], images[rows : 2 * rows]
    strips = model.interpolate(a, b, steps=12)
    title = f"ACAI on {name}: test images a and b, and what the model decodes between them"
    keras_acai.plotting.interpolations(strips, a, b, title=title, path=path)
    print(
        f"Wrote {path.resolve()}: each row goes from test image a to test image b; the framed "
        "pictures are their reconstructions, those between decode mixes of the two latent codes."
    )


if __name__ == "__main__":
    main()
