"""Trains one cell of the paper's tables, or a model of your own pictures.

    python -m training.train acai-lines
    python -m training.train acai-mnist-32 --recipe paper --seed 1 --out runs/acai-mnist-32-1
    python -m training.train acai --data my_pictures/ --size 64
    python -m training.train acai-mnist --start acai-mnist --images 100000 --seed 1

The same command goes on with a run that was stopped, however it was. KERAS_BACKEND chooses the
backend. `python -m training.train acai-lines --help` shows every setting of that cell.
"""

import contextlib
import itertools
import sys

import keras
import rich.console

from keras_acai import backend
from keras_acai.datasets import DatasetError
from keras_acai.errors import LoadError
from keras_acai.evaluation import scores
from keras_acai.zoo import folders, pretrained, records, reports, tables
from training import averaging, data, devices, settings
from training.callbacks import Adapt, Checkpoints, DivergedError, Watch
from training.run import Run, RunError
from training.tensorboard import Board

LEFT_OUT = {  # in each phase of a recipe
    "head_start": {"adversarial_weight": 0.0, "quantises": False},
    "between": {},
    "cooldown": {"adversarial_weight": 0.0},
}


def main(arguments=None):
    """The command; returns its exit code: 0 complete, 1 cannot, 3 diverged, 130 interrupted."""
    arguments = sys.argv[1:] if arguments is None else arguments
    asked, options = settings.parse(arguments)
    try:
        devices.relaunch("training.train", arguments, options.devices)
        team = devices.Devices(options.devices, options.steps_per_execution)
        with Run(options.out, writes=team.is_first).locked() as run, team.scope():
            return attempt(run, asked, options.data_dir, team)
    except (RunError, DatasetError, LoadError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def attempt(run, asked, data_dir, team):
    """`train`, with a record of how it failed."""
    try:
        return train(run, asked, data_dir, team)
    except DivergedError as error:
        run.save(status="diverged", reason=str(error))
        print(error, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print(f"Stopped at once: {run.folder} goes on after {run.images:,} images.")
        return 130


def train(run, asked, data_dir, team):
    """Trains from where the run is to its end, and scores the model."""
    model = build(asked)
    source = data.load(asked, data_dir)
    run.start(asked, source.identity)
    if run.status == "complete":
        print(f"{run.folder} is complete: python -m training.evaluate {run.folder} scores it anew.")
        return 0
    run.save(status="running")
    recipe = settings.recipe(asked)
    images = run.restore(model)
    if asked["start"] and not images:
        begin(run, model, asked["start"])
    if images:
        print(f"Going on with {run.folder} after {images:,} of {recipe.images:,} images.")
    with Watch(recipe.batch_size, images, team) as watch, Board(run, images) as board:
        fit(run, model, recipe, source, asked, team, watch, board)
    if watch.asked:
        run.save(status="interrupted")
        print(f"Stopped after {run.images:,} images: the same command goes on.")
        return 130
    model = team.alone(model, lambda: build(asked), run.restore)
    if team.is_first:
        averaging.take(model)
        model.save_pretrained(run.folder)
        run.save(weights=records.read_config(run.folder).sha256)
        score(run, model, source, asked)
    run.save(status="complete")
    return 0


def score(run, model, source, asked):
    """Prints the scores of the trained model and writes them into the run's folder."""
    record = records.read_record(records.Run, run.folder / records.RUN)
    preset = settings.preset(asked)
    report = reports.Report(run.folder, model, source, record, preset=preset)
    metrics = report.measure(asked["n_init"], reports.say)
    rich.console.Console().print(tables.scores(run.folder.name, metrics.scores, metrics.paper))
    report.write(metrics)


def build(asked):
    """The model of these settings, compiled, reproducible where the backend is."""
    keras.utils.set_random_seed(asked["seed"])
    backend.make_deterministic()
    model = settings.build(asked)
    settings.recipe(asked).compile(model)
    return model


def begin(run, model, start):
    """Gives a model the weights of a trained one, and says so in the run's record.

    Raises:
        LoadError, ValueError: for a start that is no trained model.
        RunError: for one of another class or size.
    """
    folder = pretrained.find(start)
    trained = folders.load(folder)
    shapes = [[weight.shape for weight in one.weights] for one in (model, trained)]
    if type(trained) is not type(model) or shapes[0] != shapes[1]:
        raise RunError(f"--start {start} is a model of another class or size: train that one.")
    model.set_weights(trained.get_weights())
    run.save(before=records.leg_of(folder, start).to_json())


def fit(run, model, recipe, source, asked, team, watch, board):
    """Keras's `fit`, an epoch from each checkpoint to the next."""
    checkpoints = Checkpoints(
        run,
        recipe.batch_size,
        board,
        examples=source.test[0][:8],
        scores=lambda model: scores.quick(model, source),
        pictures=lambda model: scores.pictures(model, source),
    )
    adapt = Adapt(recipe, source, asked["seed"])
    for steps, epochs in plan(run.images // recipe.batch_size, recipe):
        if watch.asked:
            break
        start = run.images // recipe.batch_size
        labelled = bool(asked["num_classes"])
        stream = source.stream(recipe.batch_size, asked["seed"], start, labelled)
        model.steps_per_execution = team.steps_per_execution(steps)
        with without(model, LEFT_OUT[recipe.phase(start)]):
            model.fit(
                team.share(stream, recipe.batch_size),
                steps_per_epoch=steps,
                epochs=epochs,
                shuffle=False,
                callbacks=[watch, adapt, checkpoints, averaging.KeepWeights()],
                verbose=(1 if sys.stdout.isatty() else 2) if team.is_first else 0,
            )


@contextlib.contextmanager
def without(model, left_out):
    """Gives a model these values, for what it has of their names, for as long as this lasts."""
    changed = [name for name, value in left_out.items() if getattr(model, name, value) != value]
    kept = {name: getattr(model, name) for name in changed}
    for name in kept:
        setattr(model, name, left_out[name])
    if kept:
        model.train_function = None  # it was traced with the others
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(model, name, value)
        if kept:
            model.train_function = None


def plan(step, recipe):
    """(steps of an epoch, epochs) from a step to the last.

    An epoch ends at each multiple of `steps_per_checkpoint` and where a phase of the recipe does.
    """
    every = recipe.steps_per_checkpoint
    ends = {*range(every, recipe.steps, every), *recipe.phases}
    ends = [step, *sorted(end for end in ends if end > step)]
    epochs = [(end - start, recipe.phase(start)) for start, end in itertools.pairwise(ends)]
    return [(size, len(list(group))) for (size, _), group in itertools.groupby(epochs)]


if __name__ == "__main__":
    sys.exit(main())
