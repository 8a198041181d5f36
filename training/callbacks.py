"""Keras callbacks of a run: checkpoints with scores, a way to stop, a check of every loss."""

import math
import signal
import threading
import time

import keras
import numpy as np

from keras_acai.evaluation import scores

from .averaging import averaged
from .errors import DivergedError

TOO_FAR = 3.0  # root mean square of a reconstruction: no image in [-1, 1] exceeds 1
GRACE = 1.0  # seconds during which a second signal counts as an echo of the first
EXAMPLES = 8  # test images whose reconstruction must be finite


class CheckpointWriter(keras.callbacks.Callback):
    """Writes scores, a row of the history, a checkpoint and TensorBoard logs after each epoch.

    Scores and pictures are of the averaged weights, if there are any; the checkpoint holds both.
    Callbacks after it find the row in their `logs`.

    Args:
        session: `Session`.
        board: `tensorboard.Board`.
    """

    def __init__(self, session, board):
        super().__init__()
        self.session = session
        self.board = board
        self.start = time.monotonic() - session.run.seconds

    def on_epoch_end(self, epoch, logs=None):
        data = self.session.data
        images = _steps(self.model) * self.session.recipe.batch_size
        check_finite(self.model, data.test[0][:EXAMPLES], images)
        row = {
            "images": images,
            "seconds": round(time.monotonic() - self.start, 3),
            "learning_rate": _number(self.model.optimizer.learning_rate),
            **{name: float(value) for name, value in (logs or {}).items()},
        }
        with averaged(self.model):
            row |= scores.score_quickly(self.model, data)
            pictures = scores.draw_pictures(self.model, data)
        self.session.run.checkpoint(self.model, row)
        self.board.write(row, pictures)
        if logs is not None:
            logs.update(row)


class Adapt(keras.callbacks.Callback):
    """Takes a VQ-VAE's vectors from the next images when its head start without them ends.

    Args:
        session: `Session`.
    """

    def __init__(self, session):
        super().__init__()
        self.session = session

    def on_epoch_end(self, epoch, logs=None):
        step = _steps(self.model)
        if step == self.session.recipe.phases[0] and hasattr(self.model, "adapt"):
            stream = self.session.stream(step)
            count = math.ceil(self.model.images_to_adapt / self.session.recipe.batch_size)
            self.model.adapt(np.concatenate([_images(stream[index]) for index in range(count)]))


class Watch(keras.callbacks.Callback):
    """Ends the run at the first loss that is not finite, and on request.

    As a context manager, it takes Ctrl-C and SIGTERM for requests: the first signal ends the run
    after the current step, with a checkpoint; another one, a second later or more, ends it at once.

    Args:
        session: `Session`. Its processes stop together.

    Attributes:
        is_stopping: bool. Whether a request has come.
        images: int. Images seen so far.
    """

    def __init__(self, session):
        super().__init__()
        self.batch_size = session.recipe.batch_size
        self.devices = session.devices
        self.images = session.run.images
        self.is_stopping = False

    def __enter__(self):
        signals = (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread():
            signals = ()  # only the main thread receives them
        self._handlers = {number: signal.signal(number, self._stop) for number in signals}
        return self

    def __exit__(self, *error):
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def on_epoch_begin(self, epoch, logs=None):
        self._images_before = self.images

    def on_train_batch_end(self, batch, logs=None):
        self.images = self._images_before + (batch + 1) * self.batch_size
        bad = sorted(name for name, value in (logs or {}).items() if not math.isfinite(value))
        if bad:
            raise diverged(" and ".join(bad), logs[bad[0]], self.images)
        self.is_stopping = self.devices.any(self.is_stopping)
        if self.is_stopping:
            self.model.stop_training = True

    def _stop(self, number, frame):
        if self.is_stopping:
            if time.monotonic() - self._asked_at >= GRACE:
                raise KeyboardInterrupt
            return
        self.is_stopping, self._asked_at = True, time.monotonic()
        print("\nStopping after this step, with a checkpoint; again to stop at once.", flush=True)


def check_finite(model, examples, images):
    """Checks weights and reconstructions: the last step may have broken what no loss shows yet.

    Args:
        model: the model.
        examples: a few images.
        images: int. Images seen so far, for the message.

    Raises:
        DivergedError: for weights or reconstructions that are not finite or far out of range.
    """
    for player in model.players:
        for variable in model.player_variables(player.name):
            if not np.isfinite(variable.numpy()).all():
                raise diverged(f"{player.name}'s weights", "NaN", images)
    codes = model.encode(examples)
    pictures = model.decode(codes) if np.isfinite(codes).all() else codes
    if not np.isfinite(pictures).all():
        raise diverged("the reconstruction", "NaN or infinite", images)
    strength = np.sqrt(np.square(pictures, dtype="float64").mean())
    if strength > TOO_FAR:
        raise diverged(
            "the reconstruction", f"{strength:.3g} times as strong as an image can be", images
        )


def diverged(subject, value, images):
    """Returns the error that says what became of a value, and what to do."""
    return DivergedError(
        f"{subject} became {value} at image {images}. The last checkpoint is from before: try a "
        "lower --learning-rate or a longer --warmup, with another --out."
    )


def _steps(model):
    """Steps that the model has been trained for."""
    return int(_number(model.optimizer.iterations))


def _number(variable):
    """The value of a variable, also where it is mirrored on several devices."""
    return float(variable.numpy() if hasattr(variable, "numpy") else variable)


def _images(batch):
    return batch[0] if isinstance(batch, tuple) else batch
