"""Scores a trained model by the paper's protocols, beside the paper's figures.

    python -m training.evaluate runs/acai-lines-fast-0
    python -m training.evaluate runs/acai-mnist-fast-0 --n-init 10

It prints a table and writes the scores to `metrics.json` in the model's folder. k-means with the
paper's 1000 starts takes the longest.
"""

import pathlib
import sys
from typing import Annotated

import rich.console
import typer

from keras_acai.evaluation import scores
from keras_acai.zoo import folders, records, reports, tables
from training import averaging, commands, data, settings
from training.run import Run, RunError


@commands.command("training.evaluate")
def main(
    folder: Annotated[
        pathlib.Path, typer.Argument(help="A run, or a folder written by save_pretrained.")
    ],
    n_init: commands.Starts = 1000,
    data_dir: commands.DataDir = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the scores; write nothing.")
    ] = False,
):
    """Measure a trained model by the paper's protocols, beside the paper's figures.

    An unfinished run is scored at its last checkpoint.

    Example: `python -m training.evaluate runs/acai-lines-fast-0`
    """
    run = Run(folder)
    if not run.record:
        raise RunError(f"{run.folder} holds no run.json: give a run, or a trained model's folder.")
    asked = run.record["settings"]
    model = load(run, asked)
    source = data.load(asked, data_dir)
    if source.identity != run.record["data"]:
        print("The data differ from those in the run's record.", file=sys.stderr)
    write(run, model, source, n_init, dry_run)


def load(run, asked):
    """The trained model of a run, or that of its last checkpoint."""
    if (run.folder / records.CONFIG).exists():
        return folders.load(run.folder)
    model = settings.build(asked)
    settings.recipe(asked).compile(model)
    if not run.restore(model):
        raise RunError(f"{run.folder} holds no checkpoint yet: train for longer.")
    averaging.take(model)
    print(f"Not trained to its end: the model after {run.images:,} images.")
    return model


def write(run, model, source, n_init, dry_run=False):
    """Prints the scores of a run's model; writes them to `metrics.json`, with pictures and card."""
    preset = settings.preset(run.record["settings"])
    found = scores.metrics(model, source, preset, n_init, reports.say)
    rich.console.Console().print(tables.scores(run.folder.name, found["scores"], found["paper"]))
    if dry_run:
        return
    command = f"python -m training.evaluate {records.portable_name(run.folder)} --n-init {n_init}"
    more = {"images": run.record["images"], "command": command}
    reports.write(run.folder, model, source, found | more)


if __name__ == "__main__":
    sys.exit(main())
