"""Draws how scores change with the images seen in training, from the histories of runs.

    keras-acai curves runs/acai-lines-* runs/ae-lines-* --out docs/curves.png

There is a panel for each score of each cell, and a line for each model: the mean over its runs,
with their range. Settings other than length, seed and precision must be the same. Dashes are the
paper's figures. Scores are the quick ones of every checkpoint: probes are tested on 1,000 images,
Lines as always.
"""

import pathlib
import sys
from typing import Annotated, NamedTuple

import numpy as np
import typer

import keras_acai
from keras_acai import files
from keras_acai.evaluation import paper
from keras_acai.registry import MODELS
from keras_acai.zoo import records

from . import commands, settings
from .errors import RunError
from .run import history

SCORES = ("mean_distance", "smoothness", "joint_probe")
FREE = {"seed", "images", "cooldown", "checkpoint_every", "n_init", "start", "dtype"}
COLOURS = dict(zip(MODELS, ("C7", "C0", "C4", "C2", "C1", "C5", "C3"), strict=False))


@commands.command("training.curves")
def main(
    runs: Annotated[
        list[pathlib.Path],
        typer.Argument(metavar="RUN", exists=True, file_okay=False, help="Folders of runs."),
    ],
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Picture to write: .png, .pdf or .svg.")
    ] = pathlib.Path("curves.png"),
):
    """Draw scores against images seen, for the runs of presets.

    Example: `keras-acai curves runs/acai-lines-* runs/ae-lines-* --out docs/curves.png`
    """
    keras_acai.plotting.check_suffix(out)
    panels = read(runs)
    with files.atomic_write(out) as part:
        draw(panels).savefig(part, format=out.suffix[1:], bbox_inches="tight", dpi=150)
    print(f"Wrote {out}: {', '.join(f'{score} of {cell}' for cell, score in panels)}.")


class Curve(NamedTuple):
    """A score of one run.

    Attributes:
        images, values: float (checkpoints,). Images of earlier runs of the model count.
        compares: bool. Whether it compares with the paper's: the run saw the whole data set, or
            has not been scored yet.
    """

    images: np.ndarray
    values: np.ndarray
    compares: bool


def read(runs):
    """Reads the histories of runs.

    Args:
        runs: list of path. The folders of runs, finished or not.

    Returns:
        dict: (cell, score) → `Preset` → list of `Curve`, one for each run. A cell is a data set
        with its code size, such as "mnist-32".

    Raises:
        RunError: for a folder that is not the run of a preset, without any score, and for runs of
            one model with different settings.
    """
    panels, recipes = {}, {}
    for folder in {path.resolve(): path for path in map(pathlib.Path, runs)}.values():
        run, preset = _run_of(folder)
        recipe = settings.completed(run.settings)
        if preset in recipes:
            _check_alike(folder, recipe, *recipes[preset])
        recipes[preset] = folder, recipe
        rows = history.read(folder / "history.csv")
        for score in SCORES:
            points = [
                (run.images_before + row["images"], row[f"test_{score}"])
                for row in rows
                if f"test_{score}" in row
            ]
            if points:
                key = preset.name.partition("-")[2], score
                curve = Curve(*np.array(points).T, _compares(folder, preset))
                panels.setdefault(key, {}).setdefault(preset, []).append(curve)
    if not panels:
        raise RunError(f"These runs have no {', '.join(SCORES)}: train longer, or name other runs.")
    return panels


def draw(panels):
    """Returns a figure with a panel for each score of each cell.

    Args:
        panels: dict. As from `read`.
    """
    count = len(panels)
    figure = keras_acai.plotting.Figure(figsize=(4.2 * count, 3.4), layout="constrained")
    all_axes = figure.subplots(1, count, squeeze=False)[0]
    for axes, ((cell, score), curves) in zip(all_axes, panels.items(), strict=True):
        for preset, runs in curves.items():
            _draw_model(axes, preset, score, runs)
        axes.set(title=cell, xlabel="images seen, thousands", ylabel=paper.label_of(score))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
        if score != "joint_probe":
            axes.set_yscale("log")
    return figure


def _draw_model(axes, preset, score, runs):
    """Draws the mean of a model's runs, their range, and the paper's figure."""
    _, scale = paper.UNITS[score]
    model, colour = MODELS[preset.model], COLOURS.get(preset.model)
    images, values = _on_common_checkpoints(runs)
    images, values = images / 1000, values * scale
    label = f"{model.title}, {len(runs)} runs" if len(runs) > 1 else model.title
    axes.plot(images, values.mean(axis=0), color=colour, marker=".", label=label)
    axes.fill_between(images, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, lw=0)
    if score in paper.figures(preset) and all(run.compares for run in runs):
        axes.axhline(paper.figures(preset)[score][0] * scale, color=colour, ls="--", lw=1)


def _on_common_checkpoints(runs):
    """Returns (images, values), (n,) and (runs, n), at the checkpoints that all runs have."""
    images = sorted(set.intersection(*(set(run.images) for run in runs)))
    if not images:
        raise RunError("Runs of one model have no checkpoint in common: draw them apart.")
    found = [dict(zip(run.images, run.values, strict=True)) for run in runs]
    values = [[each[count] for count in images] for each in found]
    return np.array(images), np.array(values).reshape(len(runs), len(images))


def _check_alike(folder, recipe, other_folder, other_recipe):
    """Refuses two runs of a model whose mean would be of different recipes."""
    for name in sorted((set(recipe) | set(other_recipe)) - FREE):
        one, other = recipe.get(name), other_recipe.get(name)
        if one != other:
            raise RunError(
                f"{folder} has {name}={one}, {other_folder} has {other}: draw them apart."
            )


def _compares(folder, preset):
    path = folder / records.METRICS
    metrics = records.read_record(records.Metrics, path) if path.exists() else None
    return metrics is None or bool(records.comparable_figures(metrics, preset))


def _run_of(folder):
    """The `Run` in a folder, and the `Preset` that it trains."""
    run = records.read_record(records.Run, folder / records.RUN)
    preset = records.preset_of(run)
    if preset is None:
        raise RunError(f"{folder} is not the run of a preset: name folders of `keras-acai train`.")
    return run, preset


if __name__ == "__main__":
    sys.exit(main())
