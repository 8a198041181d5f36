"""What the commands show: results on stdout, everything else on stderr."""

import contextlib
import os
import sys

import rich.console
import rich.progress
import typer

from keras_acai import files
from keras_acai.errors import LoadError


def say(text):
    """Prints a line to stderr."""
    _stderr().print(text, markup=False, highlight=False)


def working(text):
    """Returns a context manager that shows a spinner on stderr."""
    return _stderr().status(f"{text} …")


@contextlib.contextmanager
def progress(text):
    """Shows a progress bar on stderr; yields a function (images done, images in all)."""
    columns = (
        *rich.progress.Progress.get_default_columns(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TextColumn("images"),
    )
    with rich.progress.Progress(*columns, console=_stderr()) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show(table):
    """Prints a table to stdout, 160 columns wide where that is not a terminal."""
    width = None if sys.stdout.isatty() else 160
    rich.console.Console(width=width).print(table)


def show_json(content):
    """Prints JSON to stdout."""
    print(files.as_json(content))


def check_out(path):
    """Refuses a file that cannot be written, before any work is done."""
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if path.is_dir() or not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise typer.BadParameter(f"{path} cannot be written: choose another.", param_hint="--out")


def load(name, revision, token, players=False):
    """Loads a model, without its players by default, while a spinner turns."""
    from keras_acai import presets

    preset = presets.get(name) if presets.exists(name) else None
    if preset and not preset.is_trained:
        raise LoadError(preset.why_missing)  # before Keras is imported
    import keras_acai

    with working(f"Loading {name}"):
        return keras_acai.load(name, revision=revision, token=token, players=players)


def _stderr():
    return rich.console.Console(stderr=True)
