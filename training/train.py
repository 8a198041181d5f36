"""Trains one model of the paper's tables, or a model of your own pictures.

    python -m training.train acai-lines
    python -m training.train acai-mnist-32 --recipe paper --seed 1 --out runs/acai-mnist-32-1
    python -m training.train acai --data my_pictures/ --size 64
    python -m training.train acai-mnist --start acai-mnist --images 100000 --seed 1

The same command resumes a run that was stopped, in whatever way. KERAS_BACKEND chooses the
backend. `python -m training.train acai-lines --help` shows every setting of that model.

Exit codes: 0 complete, 1 failure (the message says why), 2 usage error, 3 diverged,
130 interrupted.
"""

import sys

import typer

from training import commands, machine, options
from training.errors import DivergedError


def main(arguments=None):
    """Runs the command; returns its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)

    def action(settings, chosen):
        from training import devices

        devices.relaunch("training.train", arguments, chosen.devices)
        return train(settings, chosen)

    return commands.run(lambda: options.app(arguments, action), arguments, "training.train")


def train(settings, chosen):
    """Trains, or resumes, the run of these settings; returns the exit code.

    Args:
        settings: `Settings`.
        chosen: `options.Options`.
    """
    from training.devices import Devices
    from training.run import Run

    machine.run_operations_side_by_side()
    devices = Devices(chosen.devices, chosen.steps_per_execution)
    with Run(chosen.out, writes=devices.is_first).locked() as run, devices.scope():
        session = prepare(run, settings, chosen.data_dir, devices)
        if run.status == "complete":
            print(
                f"{run.folder} is complete: python -m training.evaluate {run.folder} rescores it."
            )
            return 0
        return attempt(session)


def prepare(run, settings, data_dir, devices):
    """Returns the `Session`, with the run's record begun.

    Raises:
        typer.BadParameter: for sizes of the model that do not fit each other.
    """
    from training import data
    from training.session import Session, build, resolve

    settings = resolve(settings, run.record)
    try:
        model = build(settings)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    source = data.load(settings, data_dir)
    run.start(settings, source.identity)
    return Session(run, settings, source, devices, model)


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
