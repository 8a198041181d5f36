"""How well a linear classifier learns from few labels, on codes, on pixels and on their PCA.

    keras-acai transfer mnist acai-mnist ae-mnist vae-mnist
    keras-acai transfer svhn acai-svhn ae-svhn --out docs/transfer-svhn

Each column is a number of labelled images per class, or all of them. Each row is a representation:
the codes of a trained model, the pixels, or as many principal components of the pixels as the first
model's code has numbers. Figures are test accuracies in %, mean ± standard deviation over draws of
the labelled images. `--out` writes OUT.md, OUT.csv and OUT.png, again after each row.
"""

import csv
import sys
from typing import Annotated

import numpy as np
import typer

import keras_acai
from keras_acai import evaluation, files

from . import commands, markdown

PER_CLASS = (10, 100, 1000)
ALL = "all"


@commands.command("training.transfer")
def main(
    data: Annotated[
        str, typer.Argument(help="A data set, a folder with a subfolder a class, or a .npz file.")
    ],
    models: Annotated[
        list[str], typer.Argument(help="Trained models: names, folders or hf://owner/name.")
    ],
    draws: Annotated[
        int, typer.Option(min=1, help="Number of random draws of the labelled images.")
    ] = 5,
    out: commands.Tables = None,
    data_dir: commands.DataDir = None,
):
    """Compare how well linear classifiers learn from few labels, on codes and on pixels.

    `--out` writes OUT.md, OUT.csv and OUT.png.

    Example: `keras-acai transfer mnist acai-mnist ae-mnist`
    """
    from .data import both_splits

    loaded = {name: keras_acai.load(name) for name in models}
    shape = next(iter(loaded.values())).image_shape
    train, test = both_splits(data, shape, data_dir)
    check(loaded, *train)
    for curves in measure(loaded, train, test, draws):
        if out:
            write(out, curves, models)
    print(table(curves))


def check(models, x, y):
    """Checks that labelled images fit all models.

    Raises:
        ValueError: if not.
    """
    if y is None or y.ndim != 1 or y.dtype.kind not in "iu":
        raise ValueError("These data have no classes: choose data with one class per image.")
    for name, model in models.items():
        if model.image_shape != x.shape[1:]:
            raise ValueError(f"{name} takes images of {model.image_shape}, not {x.shape[1:]}.")


def measure(models, train, test, draws):
    """Yields the curves measured so far, after each representation.

    Args:
        models: dict. Name → model.
        train, test: (x, y), uint8 images and integers.
        draws: int. Random draws of the labelled images.

    Yields:
        dict: representation → labelled images per class, or "all" → accuracies in [0, 1], one for
        each draw.
    """
    (x, y), (x_test, y_test) = train, test
    curves = {}
    for name, codes, test_codes in representations(models, x, x_test):
        data = (codes, y, test_codes, y_test)
        curves[name] = evaluation.few_labels(*data, PER_CLASS, draws)
        curves[name][ALL] = np.array([evaluation.linear_probe(*data)])
        print(f"{name}: {', '.join(map(text, curves[name].values()))}", flush=True)
        yield curves


def representations(models, x, x_test):
    """Yields (name, train codes, test codes) of each model, of the pixels and of their PCA."""
    from sklearn.decomposition import PCA

    for name, model in models.items():
        yield name, *(model.features(images, verbose=0) for images in (x, x_test))
    x, x_test = (images.reshape(len(images), -1).astype("float32") for images in (x, x_test))
    yield "pixels", x, x_test
    size = min(next(iter(models.values())).code_size, *x.shape)
    components = PCA(size, random_state=0).fit(x)
    yield f"PCA ({size})", components.transform(x), components.transform(x_test)


def text(accuracies):
    """Returns mean ± standard deviation, in %."""
    mean = f"{accuracies.mean() * 100:.2f}"
    return f"{mean}±{deviation(accuracies) * 100:.2f}" if len(accuracies) > 1 else mean


def deviation(accuracies):
    """Returns the standard deviation over draws; 0 for a single one."""
    return accuracies.std(ddof=1) if len(accuracies) > 1 else 0.0


def table(curves):
    """Returns a Markdown table with a row for each representation."""
    titles = ["labels per class", *next(iter(curves.values()))]
    rows = [[name, *map(text, curve.values())] for name, curve in curves.items()]
    return "\n".join(markdown.table(titles, rows))


def write(out, curves, models):
    """Writes OUT.md, OUT.csv and OUT.png."""
    paths = {suffix: out.with_name(out.name + suffix) for suffix in (".md", ".csv", ".png")}
    with files.atomic_write(paths[".md"]) as part:
        part.write_text(table(curves) + "\n", "utf-8")
    with files.atomic_write(paths[".csv"]) as part, part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["representation", "labels_per_class", "draw", "accuracy"])
        writer.writerows(_csv_rows(curves))
    with files.atomic_write(paths[".png"]) as part:
        figure(curves, models).savefig(part, format="png", bbox_inches="tight", dpi=150)


def figure(curves, models):
    """Returns a figure of accuracy against labels: a line for each representation.

    Args:
        curves: dict, as from `measure`.
        models: names of models. Their lines are solid, those of pixels and PCA dashed.
    """
    from matplotlib.figure import Figure

    result = Figure(figsize=(6, 4), layout="constrained")
    panel = result.subplots()
    for name, curve in curves.items():
        style = "-" if name in models else "--"
        means = [accuracies.mean() * 100 for accuracies in curve.values()]
        errors = [deviation(accuracies) * 100 for accuracies in curve.values()]
        panel.errorbar(range(len(means)), means, errors, fmt=style, marker="o", ms=4, label=name)
    panel.set_xticks(range(len(means)), list(curve))
    panel.set_xlabel("labelled images per class")
    panel.set_ylabel("test accuracy of a linear classifier, %")
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, fontsize=8)
    return result


def _csv_rows(curves):
    for name, curve in curves.items():
        for count, accuracies in curve.items():
            for draw, accuracy in enumerate(accuracies):
                yield name, count, draw, f"{accuracy:.6f}"


if __name__ == "__main__":
    sys.exit(main())
