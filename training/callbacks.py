"""What watches over a run: checkpoints with scores, a way to stop, a look at every loss."""

import math
import signal
import threading
import time

import keras
import numpy as np

from training.averaging import averaged
from training.run import RunError

FAR = 3.0  # root mean square of pictures farther from all images than these are from each other
GRACE = 1.0  # seconds in which a second signal is taken for an echo of the first


class DivergedError(RunError):
    """A loss is no number any more, or pictures are none."""


class Checkpoints(keras.callbacks.Callback):
    """At the end of every epoch: scores, a row of the history, a checkpoint, TensorBoard.

    Scores and pictures are of the averaged weights, where a model has any.

    Args:
        run: the `Run`.
        batch_size: int. Images a step.
        board: a `tensorboard.Board`.
        examples: a few images, whose reconstruction must be finite.
        scores: callable. Model → dict of numbers.
        pictures: callable. Model → dict of Matplotlib figures.
    """

    def __init__(self, run, batch_size, board, examples, scores, pictures):
        super().__init__()
        self.run = run
        self.batch_size = batch_size
        self.board = board
        self.examples = examples
        self.scores = scores
        self.pictures = pictures
        self.start = time.monotonic() - run.seconds

    def on_epoch_end(self, epoch, logs=None):
        images = int(_number(self.model.optimizer.iterations)) * self.batch_size
        self._check_weights(images)
        row = {"images": images, "seconds": round(time.monotonic() - self.start, 3)}
        row["learning_rate"] = _number(self.model.optimizer.learning_rate)
        row |= {name: float(value) for name, value in (logs or {}).items()}
        with averaged(self.model):
            row |= self.scores(self.model)
        self.run.checkpoint(self.model, row)
        with averaged(self.model):
            self.board.write(row, self.pictures(self.model))

    def _check_weights(self, images):
        """A last step may have broken what no loss has seen yet."""
        for player in self.model.players:
            for variable in self.model.player_variables(player.name):
                if not np.isfinite(variable.numpy()).all():
                    raise DivergedError(_divergence(f"{player.name}'s weights", "NaN", images))
        codes = self.model.encode(self.examples)
        pictures = self.model.decode(codes) if np.isfinite(codes).all() else codes
        if not np.isfinite(pictures).all():
            raise DivergedError(_divergence("the reconstruction", "NaN or infinite", images))
        if (far := np.sqrt(np.square(pictures, dtype="float64").mean())) > FAR:
            value = f"{far:.3g} times as strong as an image of extremes"
            raise DivergedError(_divergence("the reconstruction", value, images))


def _number(variable):
    """Its value, also where it is mirrored on several devices."""
    return float(variable.numpy() if hasattr(variable, "numpy") else variable)


def _divergence(what, value, images):
    return (
        f"{what} became {value} at image {images}. The last checkpoint is from before; try a lower "
        "--learning-rate or a longer --warmup, with another --out."
    )


class Adapt(keras.callbacks.Callback):
    """Takes a VQ-VAE's vectors from the next images when its head start without them ends.

    Args:
        recipe: the `Recipe`.
        source: the `Data`.
        seed: int. Of the order of the data.
    """

    def __init__(self, recipe, source, seed):
        super().__init__()
        self.recipe = recipe
        self.source = source
        self.seed = seed

    def on_epoch_end(self, epoch, logs=None):
        step = int(_number(self.model.optimizer.iterations))
        if step == self.recipe.phases[0] and hasattr(self.model, "adapt"):
            batch_size = self.recipe.batch_size
            stream = self.source.stream(batch_size, self.seed, step, labelled=False)
            batches = math.ceil(self.model.images_to_adapt / batch_size)
            self.model.adapt(np.concatenate([stream[index] for index in range(batches)]))


class Watch(keras.callbacks.Callback):
    """Ends the run at the first loss that is no finite number, and when it is asked to stop.

    Use it as a context, so that Ctrl-C and SIGTERM are such requests: the first ends the run after
    the step and a checkpoint, another, a second later or more, at once.

    Args:
        batch_size: int. Images a step.
        images: int. Those seen so far.
        team: the `Devices`, whose processes stop together.
    """

    def __init__(self, batch_size, images, team):
        super().__init__()
        self.batch_size = batch_size
        self.images = images
        self.team = team
        self.asked = False

    def __enter__(self):
        kinds = (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread():
            kinds = ()  # signals go to the main thread alone
        self._before = {kind: signal.getsignal(kind) for kind in kinds}
        for kind in self._before:
            signal.signal(kind, self._ask)
        return self

    def __exit__(self, *error):
        for kind, handler in self._before.items():
            signal.signal(kind, handler)

    def on_epoch_begin(self, epoch, logs=None):
        self._before_epoch = self.images

    def on_train_batch_end(self, batch, logs=None):
        self.images = self._before_epoch + (batch + 1) * self.batch_size
        bad = [name for name, value in (logs or {}).items() if not math.isfinite(value)]
        if bad:
            what = " and ".join(sorted(bad))
            raise DivergedError(_divergence(what, logs[bad[0]], self.images))
        self.asked = self.team.any(self.asked)
        if self.asked:
            self.model.stop_training = True

    def _ask(self, kind, frame):
        if self.asked and time.monotonic() - self.asked_at >= GRACE:
            raise KeyboardInterrupt
        if self.asked:
            return
        self.asked, self.asked_at = True, time.monotonic()
        print("\nStopping after this step, with a checkpoint; again to stop at once.", flush=True)
