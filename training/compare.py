"""Draws how every model interpolates between the same pairs of test images.

    keras-acai compare lines --out docs/lines.png
    keras-acai compare mnist-32 --pairs 2 --out docs/mnist-32.png

Each pair has a row for each trained model of that data set and code size, in the order of the
paper's tables.
"""

import pathlib
import sys
from typing import Annotated

import numpy as np
import typer

import keras_acai
from keras_acai import datasets, plotting, presets
from keras_acai.registry import MODELS

from . import commands

STEPS = 12


@commands.command("training.compare")
def main(
    cell: Annotated[
        str,
        typer.Argument(metavar="DATA[-SIZE]", help="A data set and code size: lines, mnist-32 …"),
    ],
    pairs: Annotated[int, typer.Option(min=1, help="Number of image pairs.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed for choosing the images.")] = 0,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Picture to write: .png, .pdf or .svg.")
    ] = pathlib.Path("comparison.png"),
    data_dir: commands.DataDir = None,
):
    """Draw how every trained model interpolates between the same pairs of test images.

    Example: `keras-acai compare mnist-32 --pairs 2 --out docs/mnist-32.png`
    """
    plotting.check_suffix(out)
    names = trained(cell)
    dataset = presets.get(names["ACAI"]).dataset
    a, b = choose_pairs(dataset, pairs, seed, data_dir)
    draw(out, {title: keras_acai.load(name) for title, name in names.items()}, a, b)
    print(f"Wrote {out}: {', '.join(names.values())}.")


def trained(cell):
    """Returns title → name of the trained models of a data set and code size.

    Raises:
        ValueError: when ACAI is not among them.
    """
    names = {model.title: f"{model.name}-{cell}" for model in MODELS.values()}
    found = {title: name for title, name in names.items() if _is_trained(name)}
    if "ACAI" not in found:
        raise ValueError(f"acai-{cell} is not trained: see `keras-acai list --trained`.")
    return found


def choose_pairs(dataset, count, seed, data_dir=None):
    """Returns (a, b): test images, each pair of two classes where there are classes.

    Raises:
        ValueError: for more pairs than the test images allow.
    """
    x, y = datasets.load(dataset, "test", data_dir)
    classes = y if y is not None and y.ndim == 1 else np.arange(len(x))
    remaining = list(np.random.default_rng(seed).permutation(len(x)))
    pairs = []
    while len(pairs) < count:
        pair = _take_pair(remaining, classes)
        if pair is None:
            raise ValueError(f"pairs={count}: the test images of {dataset} allow {len(pairs)}.")
        pairs.append(pair)
    a, b = np.array(pairs).T
    return x[a], x[b]


def draw(path, models, a, b):
    """Writes a grid: for each pair a row for each model.

    Args:
        path: the file to write.
        models: dict. Title → model.
        a, b: images, (n, *image_shape).
    """
    strips = [model.interpolate(a, b, STEPS) for model in models.values()]
    rows = np.stack(strips, axis=1).reshape(-1, *strips[0].shape[1:])
    a, b = (np.repeat(images, len(models), axis=0) for images in (a, b))
    labels = [*models] * (len(rows) // len(models))
    plotting.interpolations(rows, a, b, path=path, labels=labels)


def _is_trained(name):
    return presets.exists(name) and presets.get(name).is_trained


def _take_pair(remaining, classes):
    """Removes and returns the last index and the first one of another class, None without."""
    first = remaining.pop() if remaining else None
    for index in remaining:
        if classes[index] != classes[first]:
            remaining.remove(index)
            return first, index
    return None


if __name__ == "__main__":
    sys.exit(main())
