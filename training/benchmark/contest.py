"""Contenders that take turns, so that whatever else the machine does meets all alike."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile

from .. import machine
from ..errors import RunError
from ..workers import SHARED_GPU


class Contender:
    """A worker process.

    Args:
        name: str. What the report calls it.
        backend: str. The Keras backend it runs on.
        options: dict. Arguments of `worker.make`.
        environment: dict. More variables. Defaults to none.
        core: int. The only core that it may use. Defaults to None: all.

    Attributes:
        seconds: dict. Measure → seconds of a call, one per round.
        peak_bytes: int. The most memory that it held.
    """

    def __init__(self, name, backend, options, environment=None, core=None):
        self.name = name
        self.backend = backend
        self.seconds = {}
        self.peak_bytes = 0
        self._errors = tempfile.TemporaryFile("w+")  # a pipe would fill up
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker", json.dumps(options)],
            env={**os.environ, **SHARED_GPU, **(environment or {}), "KERAS_BACKEND": backend},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        machine.pin(self._process.pid, core)
        self.measures = self._answer()["measures"]
        self._counts = {}

    def take_turn(self, seconds):
        """Times every measure once, each for about so many seconds."""
        for measure in self.measures:
            count = self._counts.get(measure, 1)
            taken = self._time(measure, count)
            if measure not in self._counts:  # the first call says how many make a turn
                self._counts[measure] = max(1, round(seconds / taken))
                if self._counts[measure] > 1:
                    taken = self._time(measure, self._counts[measure])
            self.seconds.setdefault(measure, []).append(taken)

    @property
    def summary(self):
        """Medians, all rounds and the peak of memory, for the record."""
        return {
            "median_seconds": {name: median(self, name) for name in self.seconds},
            "rounds_seconds": self.seconds,
            "peak_bytes": self.peak_bytes,
        }

    def close(self):
        """Ends the process."""
        self._process.stdin.close()
        self._process.wait()

    def _time(self, measure, count):
        print(measure, count, file=self._process.stdin, flush=True)
        answer = self._answer()
        self.peak_bytes = answer["peak_bytes"]
        return answer["seconds"]

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            raise RunError(f"{self.name} failed:\n{self._errors.read()[-2000:]}")
        return json.loads(line)


@contextlib.contextmanager
def started(plans):
    """Starts contenders, one after the other; ends all of them.

    Args:
        plans: list of tuple. Arguments of `Contender`.
    """
    with contextlib.ExitStack() as stack:
        contenders = []
        for plan in plans:
            contenders.append(Contender(*plan))
            stack.callback(contenders[-1].close)
        yield contenders


def hold(plans, rounds, seconds):
    """Contenders after so many rounds, all ended.

    Args:
        plans: as for `started`.
        rounds: int. Turns of each contender.
        seconds: float. How long a turn takes for each of its measures, about.

    Raises:
        RunError: with what it printed, when a contender fails.
    """
    with started(plans) as contenders:
        for _ in range(rounds):
            for contender in contenders:
                contender.take_turn(seconds)
    return contenders


def median(contender, measure):
    """The median over rounds of a measure's seconds, or None where it was not taken."""
    values = contender.seconds.get(measure)
    return statistics.median(values) if values else None
