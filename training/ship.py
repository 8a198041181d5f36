"""Puts the model of a finished run into `weights/`, from where `keras_acai.load` takes it.

    python -m training.ship runs/acai-lines-fast-0
    python -m training.ship runs/acai-svhn-fast-0 --dtype float16

The weights are stored, read back and scored again: the model that ships is the one measured. All
shipped models compute in float32, whatever they were trained in.
"""

import dataclasses
import enum
import pathlib
import sys
import tempfile
from typing import Annotated

import rich.console
import typer

from keras_acai import files
from keras_acai.datasets import Splits
from keras_acai.zoo import folders, records, reports, tables

from . import commands
from .run import RunError

WEIGHTS = pathlib.Path(__file__).parents[1] / "weights"


class Precision(enum.StrEnum):
    """How weights are stored."""

    float32 = "float32"
    float16 = "float16"


@commands.command("training.ship")
def main(
    folder: Annotated[
        pathlib.Path, typer.Argument(metavar="RUN", help="A finished run of a preset.")
    ],
    dtype: Annotated[
        Precision, typer.Option(help="Precision of the stored weights.")
    ] = Precision.float32,
    note: Annotated[
        str | None,
        typer.Option(help="A sentence for the first paragraph of the model card."),
    ] = None,
    n_init: commands.Starts = 1000,
    data_dir: commands.DataDir = None,
):
    """Copy a finished run's model into weights/, scored anew from the stored weights.

    Example: `python -m training.ship runs/acai-lines-fast-0`
    """
    ship(folder, dtype.value, n_init, data_dir, note)


def ship(folder, dtype="float32", n_init=1000, data_dir=None, note=None):
    """Stores, reads back and scores the model of a run; returns its folder in `weights/`.

    Raises:
        RunError: for an unfinished run, and for one that matches no preset.
    """
    run, preset = _finished(folder)
    data = Splits.load(preset.dataset, preset.image_shape, data_dir)
    record = dataclasses.replace(records.portable(run), sha256=None)
    record = dataclasses.replace(record, note=note or _note(WEIGHTS / preset.name, record))
    with tempfile.TemporaryDirectory(dir=WEIGHTS, prefix=files.PART) as parts:
        new, to = pathlib.Path(parts, preset.name), WEIGHTS / preset.name
        folders.save(folders.load(folder, dtype="float32"), new, run=record, dtype=dtype)
        report = reports.Report(new, folders.load(new), data, record, preset.name)
        metrics = report.measure(n_init, reports.say)
        report.write(metrics, source=preset.name)
        if to.exists():
            to.rename(pathlib.Path(parts, "old"))
        new.rename(to)
    rich.console.Console().print(tables.score_table(preset.name, metrics.scores, metrics.paper))
    return to


def _finished(folder):
    """(`Run`, `Preset`) of a finished run."""
    run = records.read_record(records.Run, pathlib.Path(folder, records.RUN))
    if run is None or run.status is None:
        raise RunError(f"{folder} is not the folder of a training run, or does not exist.")
    if run.status != "complete":
        raise RunError(f"{folder} is an unfinished run: rerun the same command to resume it.")
    preset = records.preset_of(run)
    if preset is None:
        raise RunError(f"{folder} does not match any preset: its data or sizes differ.")
    return run, preset


def _note(shipped, record):
    """The note of the shipped model, if it is of the same run."""
    old = records.read_run(shipped) if shipped.exists() else None
    return old.note if old and old.settings == record.settings else None


if __name__ == "__main__":
    sys.exit(main())
