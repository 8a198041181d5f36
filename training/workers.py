"""Processes of `training.train`, each with one thread on one core."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import threading

from keras_acai.zoo import records
from training.errors import RunError
from training.run import history, record

ONE_THREAD = {
    name: "1" for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
}


@dataclasses.dataclass
class Progress:
    """How far a run is.

    Args:
        images: int. Images seen by the last checkpoint.
        rate: float. Images per second until then; 0 before the first checkpoint.
        scores: dict. Name → score of that checkpoint.
    """

    images: int = 0
    rate: float = 0.0
    scores: dict[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Worker:
    """One run of a sweep.

    Args:
        arguments: list of str. The command line of `training.train`.
        folder: path. The folder of the run.
        images: int. Images of the whole run.

    Attributes:
        core: int. The number of its core; None before the start.
    """

    arguments: list[str]
    folder: pathlib.Path
    images: int
    core: int | None = None
    process: subprocess.Popen | None = None

    def start(self, core):
        """Starts the process; what it prints is added to `log.txt` in the folder of the run."""
        self.core = core
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "log.txt", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "training.train", *self.arguments],
                env={**os.environ, **ONE_THREAD},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the sweep alone, which passes it on
            )
        if hasattr(os, "sched_setaffinity"):
            with contextlib.suppress(ProcessLookupError):  # it has ended
                os.sched_setaffinity(self.process.pid, {core})

    def stop(self):
        """Asks the process to stop; a second request, a second later, ends it at once."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)

    @property
    def is_running(self):
        """Whether the process has been started and has not ended."""
        return self.process is not None and self.process.poll() is None

    @property
    def status(self):
        """The status of the run's record, or "running", "waiting" or "failed: see log.txt"."""
        if self.is_running:
            return "running"
        if self.process is not None and self.process.returncode not in (0, 3, 130):
            return "failed: see log.txt"
        try:
            found = record.read(self.folder / records.RUN)
        except RunError:
            return "corrupt run.json"
        return found.status if found else "waiting"

    def progress(self):
        """Returns the `Progress` by the last checkpoint."""
        rows = history.read(self.folder / "history.csv")
        if not rows:
            return Progress()
        last = rows[-1]
        scores = {
            name.removeprefix("test_").replace("_", " "): value
            for name, value in last.items()
            if name.startswith("test_")
        }
        return Progress(int(last["images"]), _rate(rows), scores)


@contextlib.contextmanager
def stopped_by_signals(workers):
    """Passes Ctrl-C and SIGTERM on to all workers, each of which writes a checkpoint.

    Yields:
        `threading.Event`, which is set by the first signal.
    """
    stop = threading.Event()

    def pass_on(number, frame):
        stop.set()
        for worker in workers:
            worker.stop()

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, pass_on) for number in signals}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _rate(rows):
    """Images per second over the last checkpoint interval, which other work may slow down."""
    images, seconds = ([0, *(row[name] for row in rows)] for name in ("images", "seconds"))
    taken = seconds[-1] - seconds[-2]
    return (images[-1] - images[-2]) / taken if taken > 0 else 0.0
