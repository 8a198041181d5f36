"""Shows what pretrained models do, and how one is trained.

    make demo        # or: python -m training.demo [--seconds 15] [--out interpolation.png]

It draws interpolations between test images, prints scores beside the paper's, and then trains a
small ACAI for a moment. Digits need MNIST, which is downloaded; without a network, only lines are
shown.
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
from keras_acai import evaluation, lines, plotting, presets
from keras_acai.evaluation import paper
from keras_acai.zoo import tables
from training import commands

ROWS, STEPS = 4, 12


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
    draw(out, show("acai-lines", *some_lines()), show("acai-mnist", *some_digits()))
    train(seconds)


def some_lines():
    """Returns lines at random angles, and None: their scores need no labels."""
    return lines.draw(np.random.default_rng(0).uniform(0, 2 * np.pi, 2 * ROWS)), None


def some_digits():
    """Returns MNIST's test images and labels, (None, None) where they cannot be had."""
    try:
        return keras_acai.datasets.load("mnist", "test")
    except keras_acai.datasets.DatasetError as error:
        print(f"No digits: {error}")
        return None, None


def show(name, x, y):
    """Loads a model and prints its scores; returns (strips, a, b), None without images."""
    if x is None:
        return None
    print(f'\nkeras_acai.load("{name}")', flush=True)
    model = keras_acai.load(name)
    preset = presets.get(name)
    rich.console.Console().print(tables.score_table(name, scores(model, x, y), paper_of(preset)))
    a, b = (keras.ops.convert_to_tensor(part) for part in (x[:ROWS], x[ROWS : 2 * ROWS]))
    a, b = (keras.ops.convert_to_numpy(model.scale(images)) for images in (a, b))
    return model.interpolate(a, b, STEPS), a, b


def scores(model, x, y):
    """Returns the scores that can be measured in seconds."""
    if y is None:
        found = evaluation.lines_score(model)
        return {"mean_distance": found.mean_distance, "smoothness": found.smoothness}
    return {"joint_probe": evaluation.joint_probe(model, x, y)}


def paper_of(preset):
    """Returns the paper's figures for `scores`."""
    published = paper.figures(preset)
    return {name: figure for name, figure in published.items() if name != "clustering"}


def draw(path, *shown):
    """Writes a grid of interpolations, a row for each pair of images, and says so."""
    columns = zip(*[images for images in shown if images is not None])
    strips, a, b = map(np.concatenate, columns)
    plotting.interpolations(strips, a, b, path=path)
    print(
        f"Wrote {path.resolve()}: each row goes from test image a to test image b; the framed "
        "pictures are their reconstructions, those between decode mixes of the two latent codes."
    )


def train(seconds):
    """Trains a small ACAI on lines from scratch."""
    print(f"\nTraining a small ACAI on lines for {seconds:.0f} seconds …", flush=True)
    model = keras_acai.ACAI(depth=8, latent_width=2, num_classes=10)
    model.compile(keras.optimizers.Adam(1e-3, epsilon=1e-8))
    stream = keras_acai.datasets.EndlessLines(batch_size=64)
    budget = TimeBudget(seconds)
    history = model.fit(stream, steps_per_epoch=10**6, shuffle=False, callbacks=[budget], verbose=0)
    found = evaluation.lines_score(model)
    print(
        f"{history.history['rmse'][-1]:.0f} grey levels of error so far, mean distance "
        f"{found.mean_distance * 1000:.1f}·10⁻³. To train for longer: "
        "python -m training.train acai-lines"
    )


if __name__ == "__main__":
    sys.exit(main())
