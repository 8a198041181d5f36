"""Puts a finished run into `weights/`, from where `keras_acai.load` takes it.

    python -m training.ship runs/acai-lines-fast-0
    python -m training.ship runs/acai-svhn-fast-0 --dtype float16

The weights are stored as asked, read back, and scored anew: what is shipped is what was measured.
All that ships computes in float32, whatever it was trained in.
"""

import argparse
import pathlib
import sys
import tempfile

import rich.console

from keras_acai import files, presets
from keras_acai.datasets import DatasetError
from keras_acai.errors import LoadError
from keras_acai.evaluation import scores
from keras_acai.zoo import folders, records, reports, tables
from training import data
from training.run import Run, RunError

WEIGHTS = pathlib.Path(__file__).parents[1] / "weights"


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.ship", description=__doc__.splitlines()[0]
    )
    parser.add_argument("run", type=pathlib.Path, help="the folder of a finished run of a cell")
    parser.add_argument("--dtype", default="float32", help="float32 or float16 (default: float32)")
    parser.add_argument("--note", help="a sentence for the card's first paragraph")
    parser.add_argument("--n-init", type=int, default=1000, help="starts of k-means")
    parser.add_argument("--data-dir", help="the folder of TensorFlow Datasets; or TFDS_DATA_DIR")
    options = parser.parse_args(arguments)
    try:
        ship(options.run, options.dtype, options.n_init, options.data_dir, options.note)
    except (RunError, LoadError, DatasetError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


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
