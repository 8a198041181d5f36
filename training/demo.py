"""Shows what pretrained models do, and how one is trained.

    make demo        # or: python -m training.demo [--seconds 15] [--out interpolation.png]

It trains a small ACAI on lines for a moment, measures two of the shipped models beside the paper's
figures, and draws interpolations between test images. Nothing is downloaded.
"""

import pathlib
import sys
import time
from typing import Annotated

import keras
import numpy as np
import rich.console
import typer

import keras_acai
from keras_acai import evaluation, plotting, presets
from keras_acai.evaluation import paper
from keras_acai.zoo import tables

from . import commands

ROWS, STEPS = 3, 12
NAMES = ("ae-lines", "acai-lines", "acai-mnist", "acai-svhn")


class TimeBudget(keras.callbacks.Callback):
    """Ends training when its time is up.

    Args:
        seconds: float.
    """

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs=None):
        self.start = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = time.monotonic() - self.start >= self.seconds


@commands.command("training.demo")
def main(
    seconds: Annotated[float, typer.Option(min=0, help="How long to train.")] = 15.0,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Picture to write: .png, .pdf or .svg.")
    ] = pathlib.Path("interpolation.png"),
):
    """Show what pretrained models do, and train a small one for a moment.

    Example: `python -m training.demo --seconds 30`
    """
    plotting.check_suffix(out)
    keras.utils.set_random_seed(0)
    train(seconds)
    for name in NAMES[:2]:
        measure(name)
    draw(out)


def measure(name):
    """Prints a model's scores on lines beside the paper's."""
    print(f'\nkeras_acai.load("{name}")', flush=True)
    found = evaluation.lines_score(keras_acai.load(name))
    scores = {"mean_distance": found.mean_distance, "smoothness": found.smoothness}
    published = paper.figures(presets.get(name))
    rich.console.Console().print(tables.score_table(name, scores, published))


def draw(path):
    """Writes a grid of interpolations by ACAI, a row for each pair of images, and says so."""
    strips, a, b = map(np.concatenate, zip(*map(interpolations, NAMES[1:])))
    plotting.interpolations(strips, a, b, path=path)
    print(
        f"Wrote {path.resolve()}: each row goes from test image a to test image b. The framed "
        "pictures are their reconstructions. Those between decode mixtures of the two codes."
    )


def interpolations(name):
    """Returns (strips, a, b) of a few test images, all in RGB."""
    model = keras_acai.load(name, players=False)
    x, _ = keras_acai.datasets.samples(presets.get(name).dataset)
    a, b = x[:ROWS], x[ROWS : 2 * ROWS]
    pictures = map(keras_acai.to_images, (model.interpolate(a, b, STEPS), a, b))
    return [np.broadcast_to(each, (*each.shape[:-1], 3)) for each in pictures]


def train(seconds):
    """Trains a small ACAI on lines from scratch."""
    print(f"Training a small ACAI on lines for {seconds:.0f} seconds …", flush=True)
    model = keras_acai.ACAI(depth=8, latent_width=2, num_classes=10)
    model.compile(keras.optimizers.Adam(1e-3, epsilon=1e-8))
    stream = keras_acai.datasets.EndlessLines(batch_size=64)
    budget = TimeBudget(seconds)
    history = model.fit(stream, steps_per_epoch=10**6, shuffle=False, callbacks=[budget], verbose=0)
    images, error = 64 * int(model.optimizer.iterations), history.history["rmse"][-1]
    print(
        f"After {images:,} images, reconstructions are {error:.0f} of 255 grey levels away. The "
        "shipped models were trained for hours:"
    )


if __name__ == "__main__":
    sys.exit(main())
