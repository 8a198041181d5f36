"""How well a linear classifier learns from few labels, on codes, on pixels and on their PCA.

    python -m training.transfer mnist acai-mnist ae-mnist vae-mnist
    python -m training.transfer svhn acai-svhn ae-svhn --out docs/transfer-svhn

Each column is a number of labelled images of a class, or all of them; each row is what the
classifier sees: the codes of a trained model (a name, a folder or an address on the Hub), the
pixels themselves, or as many principal components of the pixels as the first model's code has
numbers. Figures are test accuracies in %, mean ± standard deviation over five choices of the
labelled images. With `--out` it writes OUT.md, OUT.csv and OUT.png, anew after each row.
"""

import argparse
import csv
import pathlib
import sys

import numpy as np

import keras_acai
from keras_acai import datasets, evaluation, files
from keras_acai.checks import check_size
from keras_acai.errors import LoadError

PER_CLASS = (10, 100, 1000)
ALL = "all"


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.transfer", description=__doc__.splitlines()[0]
    )
    parser.add_argument("data", help="mnist, svhn, cifar10 …")
    parser.add_argument("models", nargs="+", help="names, folders, hf://owner/name")
    parser.add_argument("--draws", type=int, default=5, help="choices of labels (default: 5)")
    parser.add_argument("--out", type=pathlib.Path, help="write OUT.md, OUT.csv and OUT.png")
    parser.add_argument("--data-dir", help="the folder of TensorFlow Datasets; or TFDS_DATA_DIR")
    options = parser.parse_args(arguments)
    try:
        check_size(options.draws, "draws")
        models = {name: keras_acai.load(name) for name in options.models}
        splits = [datasets.load(options.data, one, options.data_dir) for one in ("train", "test")]
        check(models, *splits[0])
        for curves in measure(models, *splits, options.draws):
            if options.out:
                write(options.out, curves)
        print(markdown(curves))
    except (LoadError, datasets.DatasetError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def check(models, x, y):
    """Whether labelled images are right for all models.

    Raises:
        ValueError: if not.
    """
    if y is None or y.ndim != 1 or y.dtype.kind not in "iu":
        raise ValueError("These data have no classes: a classifier has nothing to learn.")
    for name, model in models.items():
        if model.image_shape != x.shape[1:]:
            raise ValueError(f"{name} takes images of {model.image_shape}, not {x.shape[1:]}.")


def measure(models, train, test, draws):
    """Each view's curve, and those before it, view after view.

    Args:
        models: dict. Name → model.
        train, test: (x, y), uint8 images and integers.
        draws: int. Choices of labelled images.

    Yields:
        dict: view → labelled images a class, or "all" → shares, of each choice.
    """
    (x, y), (x_test, y_test) = train, test
    curves = {}
    for name, codes, test_codes in views(models, x, x_test):
        data = (codes, y, test_codes, y_test)
        curves[name] = evaluation.few_labels(*data, PER_CLASS, draws)
        curves[name][ALL] = np.array([evaluation.linear_probe(*data)])
        print(f"{name}: {', '.join(text(shares) for shares in curves[name].values())}", flush=True)
        yield curves


def views(models, x, x_test):
    """(name, train codes, test codes) of each model, of the pixels and of their PCA."""
    from sklearn.decomposition import PCA

    for name, model in models.items():
        yield name, *(model.features(images, verbose=0) for images in (x, x_test))
    x, x_test = (images.reshape(len(images), -1).astype("float32") for images in (x, x_test))
    yield "pixels", x, x_test
    size = min(next(iter(models.values())).code_size, *x.shape)
    components = PCA(size, random_state=0).fit(x)
    yield f"PCA ({size})", components.transform(x), components.transform(x_test)


def text(shares):
    """Mean ± standard deviation, in %."""
    mean = f"{shares.mean() * 100:.2f}"
    return f"{mean}±{deviation(shares) * 100:.2f}" if len(shares) > 1 else mean


def deviation(shares):
    """The standard deviation over choices; 0 of one alone."""
    return shares.std(ddof=1) if len(shares) > 1 else 0.0


def markdown(curves):
    """A row for each view."""
    columns = list(next(iter(curves.values())))
    lines = [f"| labels a class | {' | '.join(map(str, columns))} |", "|---" * (len(columns) + 1)]
    lines[1] += "|"
    for name, curve in curves.items():
        lines.append(f"| {name} | {' | '.join(map(text, curve.values()))} |")
    return "\n".join(lines)


def write(out, curves):
    """Writes OUT.md, OUT.csv and OUT.png."""
    paths = {suffix: out.with_name(out.name + suffix) for suffix in (".md", ".csv", ".png")}
    out.parent.mkdir(parents=True, exist_ok=True)
    with files.atomic_write(paths[".md"]) as part:
        part.write_text(markdown(curves) + "\n", "utf-8")
    with files.atomic_write(paths[".csv"]) as part, part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["view", "labels_per_class", "draw", "accuracy"])
        for name, curve in curves.items():
            for count, shares in curve.items():
                writer.writerows([name, count, draw, f"{s:.6f}"] for draw, s in enumerate(shares))
    with files.atomic_write(paths[".png"]) as part:
        figure(curves).savefig(part, format="png", bbox_inches="tight", dpi=150)


def figure(curves):
    """Accuracy against labels, a line for each view; all labels at the right end."""
    from matplotlib.figure import Figure

    panel = (result := Figure(figsize=(6, 4), layout="constrained")).subplots()
    for name, curve in curves.items():
        style = "-" if name in list(curves)[:-2] else "--"
        means = [shares.mean() * 100 for shares in curve.values()]
        errors = [deviation(shares) * 100 for shares in curve.values()]
        panel.errorbar(range(len(means)), means, errors, fmt=style, marker="o", ms=4, label=name)
    panel.set_xticks(range(len(means)), list(curve))
    panel.set_xlabel("labelled images of each class")
    panel.set_ylabel("test accuracy of a linear classifier, %")
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, fontsize=8)
    return result


if __name__ == "__main__":
    sys.exit(main())
