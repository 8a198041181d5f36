"""Images a second through `fit`, by batch, precision and processes.

Small batches gain little from a second core, so one process for each core often sees more images.
Beside them stand two steps that others would write: in PyTorch (`yardstick`) and with the authors'
shape of loop (`authors`).
"""

import concurrent.futures
import sys

from .. import machine
from ..workers import ONE_THREAD
from . import contest
from .machine import device

CELLS = (("acai-lines", 16), ("acai-lines", 64), ("acai-svhn", 32))
REFERENCES = {"yardstick": "torch", "authors": "tensorflow"}
MEASURES = {"yardstick": "step", "authors": "step"}  # of all others: "fit"


def measure(backends, dtypes, rounds, seconds):
    """Returns a list of rows, dicts of JSON values.

    Args:
        backends: list of str. Backends to time.
        dtypes: list of str. "float32" and "mixed_bfloat16".
        rounds: int. Turns of each contender.
        seconds: float. Length of a turn, about.

    Returns:
        Each row has "cell", "batch_size" and "dtype"; "together" and "apart" have images per
        second, by backend, of one process on all cores and of one process for each core;
        "references" has those of the steps by hand.
    """
    rows = []
    for cell, batch_size in CELLS:
        for dtype in dtypes:
            print(f"{cell}, batches of {batch_size}, {dtype} …", file=sys.stderr, flush=True)
            options = {"cell": cell, "batch_size": batch_size, "dtype": dtype}
            rate = Rate(options, rounds, seconds)
            rows.append(
                {
                    **options,
                    "together": {name: rate.together(name) for name in backends},
                    "apart": {name: rate.apart(name) for name in backends},
                    "references": {
                        kind: rate.together(backend, kind, device=device())
                        for kind, backend in REFERENCES.items()
                        if backend in backends
                    },
                }
            )
    return rows


class Rate:
    """Measures images per second of a train step.

    Args:
        options: dict. "cell", "batch_size" and "dtype", arguments of `worker.make`.
        rounds, seconds: as for `measure`.
    """

    def __init__(self, options, rounds, seconds):
        self.options = options
        self.rounds = rounds
        self.seconds = seconds

    def together(self, backend, kind="ours.training", **options):
        """Returns images per second of one process on all cores."""
        return self._sum([(kind, backend, {"kind": kind, **self.options, **options})])

    def apart(self, backend):
        """Returns images per second of all processes, one for each core."""
        options = {"kind": "ours.training", **self.options}
        cores = machine.core_numbers()
        return self._sum([(f"core {core}", backend, options, ONE_THREAD, core) for core in cores])

    def _sum(self, plans):
        with (
            contest.started(plans) as contenders,
            concurrent.futures.ThreadPoolExecutor(len(plans)) as pool,
        ):
            list(pool.map(self._take_turns, contenders))
        taken = [contest.median(one, MEASURES.get(one.name, "fit")) for one in contenders]
        return sum(self.options["batch_size"] / seconds for seconds in taken)

    def _take_turns(self, contender):
        for _ in range(self.rounds):
            contender.take_turn(self.seconds)
