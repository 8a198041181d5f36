"""One shape for the commands of this package: Typer functions, options, exit codes.

Exit codes: 0 done, 1 failure (the message says why), 2 usage error, 3 diverged, 130 interrupted.
"""

import functools
import pathlib
from typing import Annotated

import typer

from keras_acai.cli import commands
from keras_acai.cli.commands import DataDir as DataDir

Starts = Annotated[
    int,
    typer.Option("--n-init", min=1, help="Number of k-means restarts in the clustering score."),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed for choosing the images.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; write nothing.")]
Tables = Annotated[
    pathlib.Path | None,
    typer.Option(metavar="OUT", help="Path of the files to write, without a suffix."),
]


def command(program):
    """Turns a function with Typer's annotations into `main(arguments=None)` → exit code.

    Args:
        program: str. The module that `python -m` runs, such as "training.table".
    """

    def decorate(function):
        app = typer.Typer(add_completion=False, **commands.STYLE)
        app.command()(function)

        @functools.wraps(function, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
        def main(arguments=None):
            return run(app, arguments, program)

        main.app = app  # what `keras-acai` adds to its commands
        return main

    return decorate


def run(app, arguments, program):
    """Runs a command of this package; returns its exit code."""
    return commands.run(app, arguments, f"python -m {program}")
