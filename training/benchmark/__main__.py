"""How fast a train step is, beside one written by hand and beside its convolutions alone.

    python -m training.benchmark                             # acai-lines, acai-mnist, baselines
    python -m training.benchmark acai-svhn --batch-size 256  # another cell, another batch
    python -m training.benchmark --out docs/benchmark        # writes benchmark.md and .json

Contenders run in processes of their own and take turns; a figure is the median of its turns. It
needs every backend that it is to time, PyTorch for the yardstick, and a machine that does nothing
else.
"""

import argparse
import importlib.util
import os
import pathlib
import sys

from keras_acai import files, presets
from keras_acai.registry import MODELS
from training.benchmark import contest, machine, report

BACKENDS = ("tensorflow", "jax", "torch")
BASELINES = [f"{model}-lines" for model in MODELS if model != "acai"]
CELLS = ["acai-lines", "acai-mnist", *BASELINES]


def main(arguments=None):
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        results = measure(options)
    except (RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(report.markdown(results))
    if options.out:
        files.write_json(options.out.with_suffix(".json"), results)
        with files.atomic_write(options.out.with_suffix(".md")) as part:
            part.write_text(report.markdown(results) + "\n", "utf-8")
    return 0


def parser():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.benchmark", description=__doc__.splitlines()[0]
    )
    parser.add_argument("cells", nargs="*", default=CELLS, help="acai-lines vae-mnist … (default)")
    parser.add_argument("--backends", nargs="+", default=installed(), choices=BACKENDS)
    parser.add_argument("--batch-size", type=int, default=64, help="images a step (default: 64)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default: 5)")
    parser.add_argument("--seconds", type=float, default=2, help="of each turn (default: 2)")
    parser.add_argument("--dtype", help="mixed_bfloat16 … (default: float32)")
    at_once = "of fit; more than 1 for JAX on a GPU (default: 1)"
    parser.add_argument("--steps-per-execution", type=int, default=1, help=at_once)
    parser.add_argument("--no-inference", action="store_true", help="time train steps alone")
    parser.add_argument("--out", type=pathlib.Path, help="write OUT.json and OUT.md")
    return parser


def installed():
    """The backends that this environment has."""
    return [name for name in BACKENDS if importlib.util.find_spec(name)]


def measure(options):
    """All that the report says, as one dict."""
    options.cells = [presets.get(cell).name for cell in options.cells]
    results = {
        "machine": machine.facts() | {"matrix_gflops": machine.matrix_gflops(options.dtype)},
        "command": "python -m training.benchmark " + " ".join(sys.argv[1:]),
        "batch_size": options.batch_size,
        "rounds": options.rounds,
        "steps": {cell: steps_of(cell, options) for cell in options.cells},
    }
    if options.steps_per_execution == 1 and options.dtype is None:
        results["overhead"] = overhead(options)
    if not options.no_inference:
        turns = {"rounds": min(3, options.rounds), "seconds": options.seconds}
        results["inference"] = {
            backend: contest.hold([inference_of(backend, options.cells[0])], **turns)[0].summary
            for backend in options.backends
        }
        scoring = ("lines.score", options.backends[0], {"kind": "ours.scoring"})
        results["lines.score"] = contest.hold([scoring], **turns)[0].summary
        results["import"] = {name: machine.import_seconds(name) for name in options.backends}
        results["load"] = {
            name: machine.load_seconds(name, options.cells[0]) for name in options.backends
        }
    return results


def steps_of(cell, options):
    """Contender → its figures for one cell's train step."""
    print(f"{cell} …", file=sys.stderr, flush=True)
    contenders = contest.hold(plans_for(cell, options), options.rounds, options.seconds)
    return {one.name: one.summary for one in contenders} | {"gflop": report.gflop(cell, options)}


def plans_for(cell, options):
    """The contenders for one cell: ours on each backend, and those in PyTorch that know it."""
    common = {"cell": cell, "batch_size": options.batch_size}
    ours = {"kind": "ours.training", **common, "dtype": options.dtype}
    ours["steps_per_execution"] = options.steps_per_execution
    plans = [(name, name, ours) for name in options.backends]
    if "torch" in installed() and options.dtype is None:  # the others only support float32
        device = machine.device()
        for kind in references(cell):
            plans.append((kind, "torch", {"kind": kind, "device": device, **common}))
    return plans


def references(cell):
    """What a cell is compared with: not every model has a yardstick written by hand."""
    from training.benchmark import yardstick

    is_written = presets.get(cell).model in yardstick.STEPS
    return ("convolutions", "yardstick") if is_written else ("convolutions",)


def overhead(options):
    """Backend → seconds that `fit` adds to a step, whatever the model.

    Of a model with next to nothing to compute, where that is more than what the turns differ by.
    """
    small = {"kind": "ours.training", "cell": options.cells[0], "depth": 1}
    small["batch_size"] = options.batch_size
    plans = [(name, name, small) for name in options.backends]
    contenders = contest.hold(plans, options.rounds, options.seconds)
    return {
        one.name: contest.median(one, "fit") - contest.median(one, "step") for one in contenders
    }


def inference_of(backend, cell):
    return (backend, backend, {"kind": "ours.inference", "cell": cell})


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
