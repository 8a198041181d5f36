"""Scores a trained model by the paper's protocols, beside the paper's figures.

    python -m training.evaluate runs/acai-lines-fast-0
    python -m training.evaluate runs/acai-mnist-fast-0 --n-init 10

It prints a table and writes the scores to `metrics.json` in the model's folder. k-means with the
paper's 1000 starts takes the longest.
"""

import argparse
import pathlib
import sys

import rich.console

from keras_acai.datasets import DatasetError
from keras_acai.errors import LoadError
from keras_acai.evaluation import scores
from keras_acai.zoo import folders, records, reports, tables
from training import data, settings
from training.run import Run, RunError


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=pathlib.Path, help="a run, or a folder of save_pretrained")
    parser.add_argument(
        "--n-init", type=int, default=1000, help="starts of k-means (default: 1000)"
    )
    parser.add_argument("--data-dir", help="the folder of TensorFlow Datasets; or TFDS_DATA_DIR")
    parser.add_argument("--dry-run", action="store_true", help="print the scores, write nothing")
    options = parser.parse_args(arguments)
    try:
        return evaluate(options)
    except (RunError, DatasetError, LoadError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def evaluate(options):
    """Scores what is in a folder."""
    if options.n_init < 1:
        raise RunError(f"--n-init {options.n_init}: give 1 or more.")
    run = Run(options.folder)
    if not run.record:
        raise RunError(f"{run.folder} holds no run.json: give a run, or a trained model's folder.")
    asked = run.record["settings"]
    model = load(run, asked)
    source = data.load(asked, options.data_dir)
    if source.identity != run.record["data"]:
        print("The data are not those of the run's record.", file=sys.stderr)
    write(run, model, source, options.n_init, options.dry_run)
    return 0


def load(run, asked):
    """The trained model of a run, or that of its last checkpoint."""
    if (run.folder / records.CONFIG).exists():
        return folders.load(run.folder)
    model = settings.build(asked)
    settings.recipe(asked).compile(model)
    if not run.restore(model):
        raise RunError(f"{run.folder} holds no checkpoint yet: train for longer.")
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
