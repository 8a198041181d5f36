"""One contender in a process of its own: makes its measures, then times them as it is asked.

    python -m training.benchmark.worker '{"kind": "ours.training", "cell": "acai-lines", …}'

It answers every line that it reads, "MEASURE COUNT", with the seconds of a call, as JSON.
"""

import importlib
import json
import os
import resource
import sys
import time

WARM_UP = 1  # calls of each measure that do not count


def main():
    """Reads measures from stdin until it ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a backend prints is no answer
    measures = make(**json.loads(sys.argv[1]))
    for run in measures.values():
        run(WARM_UP)
    print(json.dumps({"measures": list(measures)}), file=answers)
    for line in sys.stdin:
        name, _, count = line.strip().rpartition(" ")
        seconds = measures[name](int(count)) / int(count)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "peak_bytes": peak}), file=answers)


def make(kind, cell=None, batch_size=None, device="cpu", **options):
    """Measures by name, each a function of a count that returns the seconds it took."""
    if kind.startswith("ours."):
        from . import ours

        given = {"cell": cell, "batch_size": batch_size, **options}
        given = {name: value for name, value in given.items() if value is not None}
        return getattr(ours, kind.removeprefix("ours."))(**given)
    from keras_acai import presets

    module = importlib.import_module(f"{__package__}.{kind}")
    step = module.step(presets.get(cell), batch_size, device, **options)

    def run(count):
        start = time.perf_counter()
        for _ in range(count):
            step()
        if device != "cpu":
            importlib.import_module("torch").cuda.synchronize()
        return time.perf_counter() - start

    return {"step": run}


if __name__ == "__main__":
    main()
