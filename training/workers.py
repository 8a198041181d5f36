"""Processes of `train`, each with one thread on one core."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import threading

from keras_acai.zoo import records

from . import machine
from .errors import RunError
from .run import history, record

ONE_THREAD = {
    name: "1" for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
}
SHARED_GPU = {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
RECORDED = (0, 3)  # exit codes of which `run.json` knows more: complete, diverged


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
        arguments: list of str. The command line of `train`.
        folder: path. The folder of the run.
        images: int. Images of the whole run.

    Attributes:
        core: int. The number of its core; None before the start.
        process: `subprocess.Popen`; None before the start.
        error: str. Why it could not be started; None if it could.
    """

    arguments: list[str]
    folder: pathlib.Path
    images: int
    core: int | None = None
    process: subprocess.Popen | None = None
    error: str | None = None

    def start(self, core):
        """Starts the process; what it prints is added to `log.txt` in the folder of the run."""
        self.core = core
        try:
            self.process = self._start()
            machine.pin(self.process.pid, core)
        except OSError as error:
            self.error = str(error)

    def _start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "log.txt", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.train", *self.arguments],
                env={**os.environ, **ONE_THREAD, **SHARED_GPU},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the sweep alone, which passes it on
            )

    def stop(self):
        """Asks the process to stop; a second request, a second later, ends it at once."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)

    def wait(self):
        """Waits for the end of the process."""
        if self.process is not None:
            self.process.wait()

    @property
    def is_running(self):
        """Whether the process has been started and has not ended."""
        return self.process is not None and self.process.poll() is None

    @property
    def status(self):
        """Whether it waits, runs, has failed, or else the status of the run's record."""
        if self.error:
            return f"failed: {self.error}"
        if self.process is None:
            return "complete" if self._recorded == "complete" else "waiting"
        if self.is_running:
            return "running"
        if self.process.returncode in (-signal.SIGTERM, 130):  # also outside of the training itself
            return "interrupted"
        is_recorded = self.process.returncode in RECORDED
        return self._recorded if is_recorded else "failed: see log.txt"

    def progress(self):
        """Returns the `Progress` by the last checkpoint."""
        rows = self._history()
        if not rows:
            return Progress()
        last = rows[-1]
        scores = {
            name.removeprefix("test_").replace("_", " "): value
            for name, value in last.items()
            if name.startswith("test_")
        }
        return Progress(int(last["images"]), _rate(rows), scores)

    @property
    def _recorded(self):
        try:
            found = record.read(self.folder / records.RUN)
        except RunError:
            return "corrupt run.json"
        return found.status if found else "waiting"

    def _history(self):
        try:
            return history.read(self.folder / "history.csv")
        except RunError:  # the run itself says so in its log.txt
            return []


@contextlib.contextmanager
def stopped_by_signals(workers):
    """Passes Ctrl-C, SIGTERM and SIGHUP on to all workers: one that trains writes a checkpoint.

    A signal that is ignored, as SIGHUP under `nohup`, stays so.

    At the end, after an error too, no worker is left running.

    Yields:
        `threading.Event`, which is set by the first signal.
    """
    stop = threading.Event()

    def pass_on(number, frame):
        stop.set()
        for worker in workers:
            worker.stop()

    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in heard}
    try:
        yield stop
    finally:
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.wait()
        for number, handler in before.items():
            signal.signal(number, handler)


def _rate(rows):
    """Images per second between the last two checkpoints; 0 where that is unknown."""
    before, last = [{"images": 0, "seconds": 0}, *rows][-2:]
    seconds = last["seconds"] - before["seconds"]
    return (last["images"] - before["images"]) / seconds if seconds > 0 else 0.0
