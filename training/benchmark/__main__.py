"""How fast a train step is, beside one written by hand and beside its convolutions alone.

    python -m training.benchmark                             # acai-lines, acai-mnist, baselines
    python -m training.benchmark acai-svhn --batch-size 256  # another model, another batch
    python -m training.benchmark --out docs/benchmark        # writes benchmark.md and .json

Contenders run in their own processes and take turns; a figure is the median over its turns. The
benchmark needs every backend that it times, PyTorch for the yardstick, and an otherwise idle
machine.
"""

import enum
import os
import sys
from typing import Annotated

import typer

from keras_acai import files
from keras_acai.cli.commands import check_preset
from keras_acai.registry import MODELS

from .. import commands
from . import measure, report

BASELINES = [f"{model}-lines" for model in MODELS if model != "acai"]
NAMES = ["acai-lines", "acai-mnist", *BASELINES]
Backend = enum.StrEnum("Backend", {name: name for name in measure.BACKENDS})


class Precision(enum.StrEnum):
    """What a model computes in."""

    float32 = "float32"
    mixed_bfloat16 = "mixed_bfloat16"


@commands.command("training.benchmark")
def main(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME", callback=check_preset, help="Presets to time.", show_default=False
        ),
    ] = NAMES,
    backends: Annotated[
        list[Backend],
        typer.Option(help="Backend to time; may be repeated. Default: all installed ones."),
    ] = (),
    batch_size: Annotated[int, typer.Option(min=1, help="Images in a step.")] = 64,
    rounds: Annotated[int, typer.Option(min=1, help="Number of turns of each contender.")] = 5,
    seconds: Annotated[float, typer.Option(min=0, help="Length of a turn.")] = 2.0,
    dtype: Annotated[
        Precision, typer.Option(help="Precision of the computation.")
    ] = Precision.float32,
    steps_per_execution: Annotated[
        int, typer.Option(min=1, help="Steps that `fit` runs at once, for JAX on a GPU.")
    ] = 1,
    no_inference: Annotated[
        bool, typer.Option("--no-inference", help="Time train steps only.")
    ] = False,
    no_rates: Annotated[
        bool,
        typer.Option(
            "--no-rates", help="Leave out images per second by batch, precision and processes."
        ),
    ] = False,
    out: commands.Tables = None,
):
    """Time train steps and inference, beside code written by hand.

    `--out` writes OUT.json and OUT.md.

    Example: `python -m training.benchmark acai-lines --no-inference`
    """
    options = measure.Options(
        names=list(names),
        backends=[backend.value for backend in backends] or measure.installed(),
        batch_size=batch_size,
        rounds=rounds,
        seconds=seconds,
        dtype=None if dtype == Precision.float32 else dtype.value,
        steps_per_execution=steps_per_execution,
        inference=not no_inference,
        rates=not no_rates,
    )
    results = measure.measure_all(options)
    print(report.markdown(results))
    if out:
        files.write_json(out.with_suffix(".json"), results)
        with files.atomic_write(out.with_suffix(".md")) as part:
            part.write_text(report.markdown(results) + "\n", "utf-8")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
