"""The measurements of the benchmark, as one dict for the report."""

import dataclasses
import importlib.util
import sys

from keras_acai import presets

from ..machine import is_faster_in_bfloat16
from . import contest, machine, rates, report

BACKENDS = ("tensorflow", "jax", "torch")


@dataclasses.dataclass(frozen=True)
class Options:
    """What is measured.

    Args:
        names: list of str. Presets whose train step is timed; the first one for all else.
        backends: list of str. Backends to time.
        batch_size: int. Images in a step. Defaults to 64.
        rounds: int. Turns of each contender. Defaults to 5.
        seconds: float. Length of a turn. Defaults to 2.
        dtype: str or None. "mixed_bfloat16", or None for float32. Defaults to None.
        steps_per_execution: int. Steps that `fit` runs at once. Defaults to 1.
        inference: bool. Whether to time inference, import and load, too. Defaults to True.
        rates: bool. Whether to measure images per second by batch, precision and processes, too.
            Defaults to True.
    """

    names: list[str]
    backends: list[str]
    batch_size: int = 64
    rounds: int = 5
    seconds: float = 2.0
    dtype: str | None = None
    steps_per_execution: int = 1
    inference: bool = True
    rates: bool = True


def installed():
    """Returns the backends that are installed."""
    return [name for name in BACKENDS if importlib.util.find_spec(name)]


def measure_all(options):
    """Returns everything that the report shows, as one dict of JSON values.

    Raises:
        RunError: when a contender fails; the message holds what it printed.
    """
    results = {
        "machine": machine.facts() | {"matrix_gflops": machine.matrix_gflops(options.dtype)},
        "command": "python -m training.benchmark " + " ".join(sys.argv[1:]),
        "batch_size": options.batch_size,
        "rounds": options.rounds,
        "steps": {name: time_steps(name, options) for name in options.names},
    }
    if options.steps_per_execution == 1 and options.dtype is None:
        results["overhead"] = time_overhead(options)
    if options.rates:
        dtypes = ["float32", "mixed_bfloat16"] if is_faster_in_bfloat16() else ["float32"]
        results["rates"] = rates.measure(options.backends, dtypes, options.rounds, options.seconds)
    return results | time_inference(options) if options.inference else results


def time_steps(name, options):
    """Returns contender → figures for one model's train step."""
    print(f"{name} …", file=sys.stderr, flush=True)
    contenders = contest.hold(plans_for(name, options), options.rounds, options.seconds)
    summaries = {contender.name: contender.summary for contender in contenders}
    return summaries | {"gflop": report.gflop(name, options.batch_size)}


def plans_for(name, options):
    """Returns the contenders for one model: ours on each backend, and references in PyTorch."""
    common = {"cell": name, "batch_size": options.batch_size}
    ours = {"kind": "ours.training", **common, "dtype": options.dtype}
    ours["steps_per_execution"] = options.steps_per_execution
    plans = [(backend, backend, ours) for backend in options.backends]
    if "torch" in installed() and options.dtype is None:  # the references only support float32
        device = machine.device()
        for kind in references(name):
            plans.append((kind, "torch", {"kind": kind, "device": device, **common}))
    return plans


def references(name):
    """Returns what a model is compared with: not every model has a yardstick written by hand."""
    from . import yardstick

    is_written = presets.get(name).model in yardstick.STEPS
    return ("convolutions", "yardstick") if is_written else ("convolutions",)


def time_overhead(options):
    """Returns backend → seconds that `fit` adds to a step, whatever the model.

    A model with next to nothing to compute shows it best.
    """
    small = {
        "kind": "ours.training",
        "cell": options.names[0],
        "depth": 1,
        "batch_size": options.batch_size,
    }
    plans = [(backend, backend, small) for backend in options.backends]
    contenders = contest.hold(plans, options.rounds, options.seconds)
    return {
        contender.name: contest.median(contender, "fit") - contest.median(contender, "step")
        for contender in contenders
    }


def time_inference(options):
    """Returns the figures of inference, scoring, import and load."""
    name, turns = options.names[0], {"rounds": min(3, options.rounds), "seconds": options.seconds}
    encoding = {"kind": "ours.inference", "cell": name}
    scoring = ("lines.score", options.backends[0], {"kind": "ours.scoring"})
    return {
        "inference": {
            backend: contest.hold([(backend, backend, encoding)], **turns)[0].summary
            for backend in options.backends
        },
        "lines.score": contest.hold([scoring], **turns)[0].summary,
        "import": {backend: machine.import_seconds(backend) for backend in options.backends},
        "load": {backend: machine.load_seconds(backend, name) for backend in options.backends},
    }
