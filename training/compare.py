"""Draws how models interpolate between the same pairs of test images.

    keras-acai compare lines --out docs/lines.png
    keras-acai compare mnist-32 --pairs 2 --out docs/mnist-32.png

Each pair has a row for each trained model of that data set and code size, in the order of the
paper's tables, or for each model that is named:

    keras-acai compare acai-mnist runs/mine --data my_pictures/
"""

import pathlib
import sys
from typing import Annotated

import numpy as np
import typer

import keras_acai
from keras_acai import presets
from keras_acai.cli.options import Data
from keras_acai.datasets.catalogue import may_be_shown
from keras_acai.registry import MODELS

from . import commands

STEPS = 12


@commands.command("training.compare")
def main(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="DATA[-SIZE] | MODEL…",
            help="A data set and code size (lines, mnist-32 …), or models: names or folders.",
        ),
    ],
    data: Data = None,
    pairs: Annotated[int, typer.Option(min=1, help="Number of image pairs.")] = 1,
    seed: commands.Seed = 0,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Picture to write: .png, .pdf or .svg.")
    ] = pathlib.Path("comparison.png"),
    data_dir: commands.DataDir = None,
):
    """Draw how models interpolate between the same pairs of test images.

    Example: `keras-acai compare mnist-32 --pairs 2 --out docs/mnist-32.png`
    """
    keras_acai.plotting.check_suffix(out)
    chosen = trained(names[0]) if len(names) == 1 and is_cell(names[0]) else titled(names)
    models = {title: keras_acai.load(name) for title, name in chosen.items()}
    check(models)
    data = data or dataset_of(next(iter(chosen.values())))
    a, b = choose_pairs(data, pairs, seed, data_dir, next(iter(models.values())).image_shape)
    draw(out, models, a, b, with_ends=may_be_shown(data))
    print(f"Wrote {out}: {', '.join(chosen.values())}.")


def is_cell(name):
    """Whether a name is a data set, or a data set and a code size, of the paper's tables."""
    return presets.exists(f"acai-{name}")


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


def titled(names):
    """Returns title → name of models that were named: their names, without their paths."""
    found = {pathlib.PurePath(name).name: name for name in names}
    return found if len(found) == len(names) else {name: name for name in names}


def check(models):
    """Checks that all models take the same images.

    Raises:
        ValueError: if not.
    """
    shapes = {title: model.image_shape for title, model in models.items()}
    if len(set(shapes.values())) > 1:
        raise ValueError(f"The models take images of different shapes, {shapes}: choose others.")


def dataset_of(name):
    """Returns the data set that a model was trained on.

    Raises:
        LoadError: when nothing says so.
    """
    from keras_acai.zoo import pretrained, records, reports

    folder = pretrained.find(name, with_records=True)
    return reports.data_of(folder, name, records.read_run(folder))


def choose_pairs(data, count, seed, data_dir=None, image_shape=None):
    """Returns (a, b): test images, each pair of two classes where there are classes.

    Args:
        data: str. A data set, a folder of pictures, or a NumPy file.
        count: int. Number of pairs.
        seed: int.
        data_dir: str. TensorFlow Datasets directory. Defaults to None: TFDS_DATA_DIR.
        image_shape: (height, width, colours) to give the pictures of a folder. Defaults to None.

    Raises:
        ValueError: for more pairs than the test images allow.
    """
    from .data import test_images

    x, y = test_images(data, image_shape, data_dir)
    classes = y if y is not None and y.ndim == 1 else np.arange(len(x))
    remaining = list(np.random.default_rng(seed).permutation(len(x)))
    pairs = []
    while len(pairs) < count:
        pair = _take_pair(remaining, classes)
        if pair is None:
            raise ValueError(f"pairs={count}: the test images of {data} allow {len(pairs)}.")
        pairs.append(pair)
    a, b = np.array(pairs).T
    return x[a], x[b]


def draw(path, models, a, b, with_ends=True):
    """Writes a grid: for each pair a row for each model.

    Args:
        path: the file to write.
        models: dict. Title → model.
        a, b: images, (n, *image_shape).
        with_ends: bool. Whether to draw a and b, too: not those of a data set that may not be
            redistributed. Defaults to True.
    """
    strips = [model.interpolate(a, b, STEPS) for model in models.values()]
    rows = np.stack(strips, axis=1).reshape(-1, *strips[0].shape[1:])
    ends = [np.repeat(images, len(models), axis=0) for images in (a, b)] if with_ends else []
    labels = [*models] * (len(rows) // len(models))
    keras_acai.plotting.interpolations(rows, *ends, path=path, labels=labels)


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
