"""Trains several models at once: one process, one thread and one core for each.

    keras-acai sweep acai-lines ae-lines --seeds 3
    keras-acai sweep acai-mnist vae-mnist --options "--images 262144 --recipe paper"

Two runs with a core each see far more images together than one run with two cores (docs/speed.md).
The same command resumes runs that were stopped and skips complete ones. What a run prints goes to
its `log.txt`.

Exit codes: 0 all complete, 1 a run failed (the others went on), 2 usage error, 130 interrupted.
"""

import pathlib
import shlex
import sys
import time
from typing import Annotated

import rich.console
import rich.live
import rich.table
import rich.text
import typer

from . import commands, machine, options
from .workers import Worker, stopped_by_signals

LOOK_EVERY = 1.0  # seconds from one look at the processes to the next


@commands.command("training.sweep")
def main(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", help="Presets to train.", show_default=False)
    ],
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each model: seeds 0, 1, …")] = 1,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Runs at the same time. Default: one for each core."),
    ] = None,
    out: Annotated[
        pathlib.Path, typer.Option(metavar="FOLDER", help="Folder of the runs.")
    ] = pathlib.Path("runs"),
    given: Annotated[
        str,
        typer.Option(
            "--options", metavar="TEXT", help="Options of `train`, in quotes, for every run."
        ),
    ] = "",
):
    """Train several models at once, one process and one core for each.

    The same command resumes runs that were stopped and skips complete ones.

    Example: `keras-acai sweep acai-lines ae-lines --seeds 3`
    """
    workers = [worker_of(name, seed, out, given) for name in names for seed in range(seeds)]
    folders = [worker.folder for worker in workers]
    repeated = {str(folder) for folder in folders if folders.count(folder) > 1}
    if repeated:
        raise typer.BadParameter(f"named twice: {', '.join(sorted(repeated))}.")
    return train(workers, jobs or machine.cores())


def worker_of(name, seed, out, given=""):
    """Returns the `Worker` of one run.

    Args:
        name: str. A preset.
        seed: int.
        out: path. The folder of all runs.
        given: str. More options of `keras-acai train`.

    Raises:
        typer.TyperException: for a misspelt name or option.
    """
    try:
        others = shlex.split(given)
    except ValueError as error:
        raise typer.BadParameter(f"--options {given!r}: {error}; close it.") from None
    refused = {"--seed", "--out", "--help", "-h"} & {one.partition("=")[0] for one in others}
    if refused:
        raise typer.BadParameter(
            f"--options cannot hold {refused.pop()}: use --seeds and --out of the sweep, and "
            f"keras-acai train {name} --help."
        )
    arguments = [name, *others, "--seed", str(seed)]
    settings, _ = options.parse(arguments)
    folder = pathlib.Path(out, settings.run_name)
    return Worker([*arguments, "--out", str(folder)], folder, settings.recipe.images)


def train(workers, jobs):
    """Runs all workers, so many at once, and shows their progress; returns the exit code."""
    waiting = list(workers)
    console = rich.console.Console()
    with (
        stopped_by_signals(workers) as stop,
        rich.live.Live(console=console, auto_refresh=False) as live,
    ):
        while True:
            running = [worker for worker in workers if worker.is_running]
            while waiting and len(running) < jobs and not stop.is_set():
                running.append(waiting.pop(0))
                running[-1].start(freest_core(workers))
                if stop.is_set():  # it came too late for a signal
                    running[-1].stop()
            if console.is_terminal or not running:
                live.update(progress_table(workers), refresh=True)
            if not running:
                break
            time.sleep(LOOK_EVERY)
    if stop.is_set():
        return 130
    return int(any(worker.status != "complete" for worker in workers))


def progress_table(workers):
    """Returns a table with a row for each run: images, speed, time left and last scores."""
    table = rich.table.Table(rich.table.Column("run", no_wrap=True))
    for title in ("status", "images", "of", "images/s", "left", "last scores"):
        table.add_column(title)
    for worker in workers:
        progress = worker.progress()
        cells = (
            worker.folder.name,
            worker.status,
            f"{progress.images:,}",
            f"{worker.images:,}",
            f"{progress.rate:,.0f}" if progress.rate else "",
            _duration((worker.images - progress.images) / progress.rate) if progress.rate else "",
            ", ".join(f"{name} {value:.4g}" for name, value in progress.scores.items()),
        )
        table.add_row(*map(rich.text.Text, cells))  # names may look like Rich's markup
    return table


def freest_core(workers):
    """Returns the number of the core that the fewest workers run on."""
    taken = [worker.core for worker in workers if worker.is_running]
    return min(machine.core_numbers(), key=taken.count)


def _duration(seconds):
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


if __name__ == "__main__":
    sys.exit(main())
