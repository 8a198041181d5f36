"""Contenders that take turns, so that whatever else the machine does meets all alike."""

import json
import os
import statistics
import subprocess
import sys


class Contender:
    """A worker process.

    Args:
        name: str. What the report calls it.
        backend: str. The Keras backend it runs on.
        options: dict. Arguments of `worker.make`.
        environment: dict. More of its environment.

    Attributes:
        seconds: dict. Measure → seconds of a call, one per round.
        peak_bytes: int. The most memory that it held.
    """

    def __init__(self, name, backend, options, environment=()):
        self.name = name
        self.backend = backend
        self.seconds = {}
        self.peak_bytes = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "training.benchmark.worker", json.dumps(options)],
            env={**os.environ, "KERAS_BACKEND": backend, **dict(environment)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if not os.environ.get("BENCHMARK_DEBUG") else None,
            text=True,
        )
        self.measures = self._answer()["measures"]
        self._counts = {}

    def take_turn(self, seconds):
        """Times every measure once, each for about so many seconds."""
        for measure in self.measures:
            if measure not in self._counts:
                self._counts[measure] = max(1, round(seconds / self._time(measure, 1)))
            taken = self._time(measure, self._counts[measure])
            self.seconds.setdefault(measure, []).append(taken)

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
            errors = self._process.stderr.read() if self._process.stderr else ""
            raise RuntimeError(f"{self.name} failed:\n{errors[-2000:]}")
        return json.loads(line)


def hold(plans, rounds, seconds):
    """Contenders after so many rounds, all ended.

    Args:
        plans: list of (name, backend, options).
        rounds: int. Turns of each contender.
        seconds: float. How long a turn takes for each of its measures, about.

    Raises:
        RuntimeError: with what it printed, when a contender fails.
    """
    contenders = [Contender(*plan) for plan in plans]
    try:
        for _ in range(rounds):
            for contender in contenders:
                contender.take_turn(seconds)
    finally:
        for contender in contenders:
            contender.close()
    return contenders


def median(contender, measure):
    """The median over rounds of a measure's seconds, or None where it was not taken."""
    values = contender.seconds.get(measure)
    return statistics.median(values) if values else None
