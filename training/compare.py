"""Draws what every model makes of the same pairs of test images, as in the paper's figures.

    python -m training.compare lines --out docs/lines.png
    python -m training.compare mnist-32 --pairs 2 --out docs/mnist-32.png

For each pair a row for each model of that data set and code size; models that nobody has trained
are left out.
"""

import argparse
import pathlib
import sys

import numpy as np

import keras_acai
from keras_acai import datasets, plotting, presets
from keras_acai.checks import check_size
from keras_acai.errors import LoadError
from training.table import TITLES

STEPS = 12


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.compare", description=__doc__.splitlines()[0]
    )
    parser.add_argument("cell", help="lines, mnist, mnist-32 …")
    parser.add_argument("--pairs", type=int, default=1, help="of images (default: 1)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of images (default: 0)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("comparison.png"))
    parser.add_argument("--data-dir", help="the folder of TensorFlow Datasets; or TFDS_DATA_DIR")
    options = parser.parse_args(arguments)
    try:
        plotting.check_suffix(options.out)
        names = trained(options.cell)
        dataset = presets.get(names["ACAI"]).dataset
        a, b = pairs(dataset, options.pairs, options.seed, options.data_dir)
        draw(options.out, {title: keras_acai.load(name) for title, name in names.items()}, a, b)
    except (LoadError, datasets.DatasetError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(f"Wrote {options.out}: {', '.join(names.values())}.")
    return 0


def trained(cell):
    """Title → name of the models of a data set and code size that load, in the tables' order.

    Raises:
        ValueError: for a cell whose ACAI is not among them.
    """
    names = {title: f"{model}-{cell}" for model, title in TITLES.items()}
    found = {
        title: name
        for title, name in names.items()
        if presets.exists(name) and presets.get(name).is_trained
    }
    if "ACAI" not in found:
        raise ValueError(f"acai-{cell} is no trained model: keras-acai list --trained names them.")
    return found


def pairs(dataset, count, seed, data_dir=None):
    """(a, b): test images, those of a pair of unlike classes where there are classes.

    Raises:
        ValueError: for more pairs than there are.
    """
    x, y = datasets.load(dataset, "test", data_dir)
    classes = y if y is not None and y.ndim == 1 else np.arange(len(x))
    order = list(np.random.default_rng(seed).permutation(len(x)))
    a, b = [], []
    for _ in range(check_size(count, "pairs")):
        one = order.pop() if order else None
        other = next((other for other in order if classes[other] != classes[one]), None)
        if other is None:
            raise ValueError(f"pairs={count}: {dataset} has test images for {len(a)} alone.")
        order.remove(other)
        a.append(one)
        b.append(other)
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
    plotting.interpolations(rows, a, b, path=path, labels=[*models] * (len(rows) // len(models)))


if __name__ == "__main__":
    sys.exit(main())
