"""Trains one model of the paper's tables, or a model of your own pictures.

    keras-acai train acai-lines
    keras-acai train acai-mnist-32 --recipe paper --seed 1 --out runs/acai-mnist-32-1
    keras-acai train acai --data my_pictures/ --size 64
    keras-acai train acai-mnist --start acai-mnist --images 100000 --seed 1

The same command resumes a run that was stopped, in whatever way. KERAS_BACKEND chooses the
backend. `keras-acai train acai-lines --help` shows every setting of that model.

Exit codes: 0 complete, 1 failure (the message says why), 2 usage error, 3 diverged,
130 interrupted.
"""

import sys

import typer

from keras_acai.cli import commands as cli

from . import machine, options
from .errors import DivergedError

app = typer.Typer(add_completion=False, **cli.STYLE)


@app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],  # the help depends on the model
    }
)
def train_model(context: typer.Context):
    """Train a model of the paper's tables, or a model of your own pictures."""
    return main(context.args)


def main(arguments=None):
    """Runs the command; returns its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)

    def action(settings, chosen):
        from . import devices

        devices.relaunch(f"{__package__}.train", arguments, chosen.devices)
        return train(settings, chosen)

    return cli.run(lambda: options.app(arguments, action), arguments, options.PROGRAM)


def train(settings, chosen):
    """Trains, or resumes, the run of these settings; returns the exit code.

    Args:
        settings: `Settings`.
        chosen: `options.Options`.
    """
    from .devices import Devices
    from .run import Run

    machine.run_operations_side_by_side()
    devices = Devices(chosen.devices, chosen.steps_per_execution)
    with Run(chosen.out, writes=devices.is_first).locked() as run, devices.scope():
        session = prepare(run, settings, chosen.data_dir, devices, chosen.callbacks)
        if run.status == "complete":
            print(
                f"{run.folder} is complete: keras-acai evaluate {run.folder} --write rescores it."
            )
            return 0
        return attempt(session)


def prepare(run, settings, data_dir, devices, callbacks=()):
    """Returns the `Session`, with the run's record begun.

    Raises:
        typer.BadParameter: for sizes of the model that do not fit each other.
    """
    from . import data, trackers
    from .session import Session, build, resolve

    settings = resolve(settings, run.record)
    try:
        model = build(settings)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    source = data.load(settings, data_dir)
    own = trackers.load(callbacks if devices.is_first else (), run)
    run.start(settings, source.identity)
    return Session(run, settings, source, devices, model, own)


def attempt(session):
    """Trains and records how it failed; returns the exit code."""
    run = session.run
    try:
        if session.train():
            return 0
        print(f"Stopped after {run.images:,} images: rerun the same command to resume.")
    except DivergedError as error:
        run.save(status="diverged", reason=str(error))
        print(error, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print(f"Stopped at once: {run.folder} resumes after {run.images:,} images.")
    return 130


if __name__ == "__main__":
    sys.exit(main())
