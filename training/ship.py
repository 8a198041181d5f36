"""Puts a finished run into `weights/`, from where `keras_acai.load` takes it.

    python -m training.ship runs/acai-lines-fast-0
    python -m training.ship runs/acai-svhn-fast-0 --dtype float16

The weights are stored as asked, read back, and scored anew: what is shipped is what was measured.
All that ships computes in float32, whatever it was trained in.
"""

import enum
import pathlib
import sys
import tempfile
from typing import Annotated

import rich.console
import typer

from keras_acai import files, presets
from keras_acai.evaluation import scores
from keras_acai.zoo import folders, records, reports, tables
from training import commands, data
from training.run import Run, RunError

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
        RunError: for a run that is not finished, or of no cell of the paper's tables.
    """
    run = Run(folder)
    if run.status != "complete":
        raise RunError(f"{folder} is not finished: the command that began it goes on with it.")
    preset = presets.of_run(run.record)
    if preset is None:
        raise RunError(f"{folder} is no model of list_models(): its data or sizes are others.")
    source = data.load(run.record["settings"], data_dir)
    record = {key: value for key, value in run.record.items() if key != "sha256"}
    record = records.portable(record)
    if note or (note := _note(WEIGHTS / preset.name, record)):
        record["note"] = note
    with tempfile.TemporaryDirectory(dir=WEIGHTS, prefix=files.PART) as parts:
        new, to = pathlib.Path(parts, preset.name), WEIGHTS / preset.name
        folders.load(folder, dtype="float32").save_pretrained(new, run=record, dtype=dtype)
        model = folders.load(new)
        found = scores.metrics(model, source, preset, n_init, reports.say)
        command = f"keras-acai evaluate {preset.name} --n-init {n_init}"
        found |= {"images": run.record["images"], "command": command}
        reports.write(new, model, source, found, source=preset.name)
        if to.exists():
            to.rename(pathlib.Path(parts, "old"))
        new.rename(to)
    rich.console.Console().print(tables.scores(preset.name, found["scores"], found["paper"]))
    return to


def _note(shipped, record):
    """The note of a model that ships, if it is of the same run."""
    old = records.read_run(shipped) if shipped.exists() else None
    return old.get("note") if old and old.get("settings") == record["settings"] else None


if __name__ == "__main__":
    sys.exit(main())
