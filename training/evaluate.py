"""Scores a trained model by the paper's protocols, beside the paper's figures.

    python -m training.evaluate runs/acai-lines-fast-0
    python -m training.evaluate runs/acai-mnist-fast-0 --n-init 10

An unfinished run is scored at its last checkpoint. The scores are printed as a table and written to
`metrics.json` in the run's folder. k-means with the paper's 1000 restarts takes most of the time.
"""

import pathlib
import sys
from typing import Annotated

import rich.console
import typer

from keras_acai import datasets
from keras_acai.cli.options import Pictures
from keras_acai.errors import printable
from keras_acai.zoo import folders, records, reports, schema, tables
from training import averaging, commands, data, settings
from training.run import Run, RunError


@commands.command("training.evaluate")
def main(
    folder: Annotated[
        pathlib.Path, typer.Argument(help="A run, or a folder written by save_pretrained.")
    ],
    n_init: commands.Starts = 1000,
    pictures: Annotated[
        pathlib.Path | None,
        typer.Option("--data", exists=True, file_okay=False, help="Folder of pictures of the run."),
    ] = None,
    data_dir: commands.DataDir = None,
    draw: Pictures = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the scores; write nothing.")
    ] = False,
):
    """Measure a trained model by the paper's protocols, beside the paper's figures.

    An unfinished run is scored at its last checkpoint.

    Example: `python -m training.evaluate runs/acai-lines-fast-0`
    """
    run = Run(folder)
    record = records.read_record(records.Run, run.folder / records.RUN)
    if record is None:
        raise RunError(f"{run.folder} has no run.json: pass a run, or a trained model's folder.")
    chosen = _with_data(settings.read(record.settings), pictures)
    model = load(run, chosen)
    source = data.load(chosen, data_dir)
    if schema.Data.from_json(source.identity) != record.data:
        print("The data differ from those in the run's record.", file=sys.stderr)
    report = reports.Report(
        run.folder,
        model,
        source,
        record,
        preset=chosen.preset,
        command="python -m training.evaluate",
    )
    metrics = report.measure(n_init, reports.say)
    rich.console.Console().print(tables.score_table(run.folder.name, metrics.scores, metrics.paper))
    if not dry_run:
        report.write(metrics, pictures=draw)


def _with_data(chosen, pictures):
    """Settings with the data to score on: a data set, or the folder that was typed.

    A record may come from anywhere, so a folder that it names is not read.
    """
    if pictures is not None:
        return chosen.replace(data=str(pictures))
    if chosen.data in datasets.DATASETS:
        return chosen
    raise RunError(f"The run was trained on pictures of {printable(chosen.data)}: pass --data.")


def load(run, chosen):
    """Returns the trained model of a run with these settings, or that of its last checkpoint."""
    if (run.folder / records.CONFIG).exists():
        return folders.load(run.folder)
    model = chosen.build()
    chosen.recipe.compile(model)
    if not run.restore(model):
        raise RunError(f"{run.folder} has no checkpoint yet: train for longer.")
    averaging.take(model)
    print(f"Unfinished run: scoring the model after {run.images:,} images.")
    return model


if __name__ == "__main__":
    sys.exit(main())
