"""One start of a run: from its last checkpoint to the next interruption, or to the end."""

import dataclasses
import sys
from typing import Any

import keras
import rich.console

from keras_acai import backend
from keras_acai.zoo import folders, pretrained, records, reports, tables

from . import averaging, data, machine, phases
from .callbacks import Adapt, CheckpointWriter, Watch
from .devices import Devices
from .errors import RunError
from .run import Run
from .settings import Settings, completed
from .tensorboard import Board


@dataclasses.dataclass
class Session:
    """All that takes part in training.

    Args:
        run: `Run`. Its folder is locked.
        settings: `Settings`.
        data: `Data`. What is trained and scored on.
        devices: `Devices`.
        model: the compiled model.
        trackers: list of `keras.callbacks.Callback`. The user's own. Defaults to none.
    """

    run: Run
    settings: Settings
    data: data.Data
    devices: Devices
    model: Any
    trackers: list[Any] = dataclasses.field(default_factory=list)

    @property
    def recipe(self):
        """How the model is trained."""
        return self.settings.recipe

    @property
    def step(self) -> int:
        """Steps up to the last checkpoint."""
        return self.run.images // self.recipe.batch_size

    def train(self):
        """Trains from the last checkpoint to the end of the recipe, and scores the model.

        Returns:
            bool. Whether the end was reached; False after an interruption.
        """
        self.run.save(status="running", reason=None)
        self._restore()
        with Watch(self) as watch, Board(self.run, self.run.images) as board:
            self._fit(watch, board)
        if watch.is_stopping:
            self.run.save(status="interrupted")
            return False
        self._finish()
        self.run.save(status="complete")
        return True

    def _restore(self):
        images = self.run.restore(self.model)
        if images:
            print(f"Resuming {self.run.folder} after {images:,} of {self.recipe.images:,} images.")
            return
        print(f"Training {self.settings.name} in {self.run.folder}: {self.recipe.images:,} images.")
        if self.settings.start:
            start_from(self.settings.start, self.model, self.run)

    def _fit(self, watch, board):
        """Calls Keras's `fit`, with an epoch from each checkpoint to the next."""
        callbacks = [
            watch,
            Adapt(self),
            CheckpointWriter(self, board),
            averaging.KeepWeights(),
            *self.trackers,
        ]
        for steps, epochs in phases.plan(self.step, self.recipe):
            if watch.is_stopping:
                break
            self.model.steps_per_execution = self.devices.steps_per_execution(steps)
            with phases.without(self.model, phases.LEFT_OUT[self.recipe.phase(self.step)]):
                self.model.fit(
                    self.devices.share(self.stream(self.step), self.recipe.batch_size),
                    steps_per_epoch=steps,
                    epochs=epochs,
                    shuffle=False,
                    callbacks=callbacks,
                    verbose=self._verbose,
                )

    def stream(self, step):
        """Returns the batches from a step on, with labels if the model has a probe."""
        labelled = bool(self.settings.arguments["num_classes"])
        return self.data.stream(self.recipe, self.settings.seed, step, labelled)

    def _finish(self):
        """Writes the trained model and its scores."""
        model = self.devices.alone(self.model, lambda: build(self.settings), self.run.restore)
        if self.devices.is_first:
            averaging.take(model)
            model.save_pretrained(self.run.folder)
            self.run.save(weights=records.read_config(self.run.folder).sha256)
            self._score(model)

    def _score(self, model):
        """Prints the scores of the trained model and writes them into the run's folder."""
        folder = self.run.folder
        report = reports.Report(folder, model, self.data, self.run.record)
        metrics = report.measure(self.recipe.n_init, reports.say)
        rich.console.Console().print(tables.score_table(folder.name, metrics.scores, metrics.paper))
        report.write(metrics)
        print(f"The model is in {folder}: keras-acai interpolate a.png b.png --model {folder}")

    @property
    def _verbose(self):
        if not self.devices.is_first:
            return 0
        return 1 if sys.stdout.isatty() else 2


def resolve(settings, record):
    """Returns the settings with a dtype instead of "auto".

    That is bfloat16 on a CPU that is faster in it (docs/speed.md), else float32.

    Args:
        settings: `Settings`.
        record: `keras_acai.zoo.schema.Run`. The run to resume, whose dtype stays; None for a new
            one.
    """
    if settings.dtype != "auto":
        return settings
    is_on_cpu = not backend.has_accelerator()
    gains = backend.GAINS_BY_BFLOAT16 and is_on_cpu and machine.is_faster_in_bfloat16()
    dtype = "mixed_bfloat16" if gains else "float32"
    recorded = completed(record.settings)["dtype"] if record else dtype
    return dataclasses.replace(settings, dtype=recorded)


def build(settings):
    """Returns the compiled model, seeded, and deterministic if the backend is.

    Raises:
        ValueError: for sizes that do not fit each other.
    """
    keras.utils.set_random_seed(settings.seed)
    backend.make_deterministic()
    model = settings.build()
    settings.recipe.compile(model)
    return model


def start_from(name, model, run):
    """Copies the weights of a trained model, and records where they came from.

    Args:
        name: str. A name, a folder or hf://owner/name.
        model: the compiled model that receives the weights.
        run: `Run`.

    Raises:
        LoadError, ValueError: when there is no such trained model.
        RunError: when it is of another class or size.
    """
    folder = pretrained.find(name, with_records=True)
    trained = folders.load(folder)
    if type(trained) is not type(model) or _shapes(trained) != _shapes(model):
        raise RunError(
            f"--start {name} is a model of another class or size: train with its settings."
        )
    model.set_weights(trained.get_weights())
    run.save(before=records.leg_of(folder, name))


def _shapes(model):
    return [weight.shape for weight in model.weights]
