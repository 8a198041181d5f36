"""One run on several devices, through what each backend ships for that.

- JAX: `keras.distribution.DataParallel` over the devices of this process, and of all processes
  that `keras.distribution.initialize` joins (KERAS_DISTRIBUTION_… in the environment).
- TensorFlow: `tf.distribute.MirroredStrategy`.
- PyTorch: `torch.distributed`, one process a device, started by `torchrun` or, for the devices of
  this machine, by this command.

The batch size is the global one, and the global batch is the same however many devices there are;
`keras_acai.backend` has the models treat it as one.
"""

import contextlib
import math

import keras

from keras_acai import backend

from .errors import RunError


class Devices:
    """How many devices and processes a run has, and which process this is.

    Args:
        count: int. Devices of this machine to use; 1 leaves the choice to the backend.
        at_once: int or None. Steps that the backend is asked for at once, at most; None for 64
            where JAX has a GPU and 1 elsewhere.

    Attributes:
        processes, index: int. How many processes train together, and which of them this is.

    Raises:
        RunError: when the machine has fewer devices.
    """

    def __init__(self, count=1, at_once=None):
        if count < 1:
            raise RunError(f"--devices {count}: give 1 or more.")
        self.count = count
        with _run_errors(count):
            self.scope = backend.use_devices(count)
        self.processes, self.index = backend.process_count(), backend.process_index()
        if at_once is not None and at_once < 1:
            raise RunError(f"--steps-per-execution {at_once}: give 1 or more.")
        default = backend.default_steps_per_execution()
        if default is None and at_once not in (None, 1):
            raise RunError("--steps-per-execution is for JAX alone: leave it out.")
        self.at_once = at_once or default or 1

    @property
    def is_first(self):
        """Whether this process is the one that writes and reports."""
        return self.index == 0

    def share(self, stream, batch_size):
        """The part of every batch of a stream that this process is to read.

        Raises:
            RunError: when a batch cannot be shared evenly.
        """
        parts = self.processes * (1 if backend.ONE_PROCESS_PER_DEVICE else self.count)
        if batch_size % parts:
            raise RunError(f"--batch-size {batch_size} cannot be shared by {parts} devices evenly.")
        return stream if self.processes == 1 else _Part(stream, self.index, self.processes)

    def steps_per_execution(self, steps):
        """How many of an epoch's steps the backend is asked for at once, a divisor of them."""
        return math.gcd(steps, self.at_once)

    def alone(self, model, build, restore):
        """The trained model for this process alone: on JAX it belongs to all processes.

        Args:
            model: the trained model.
            build: callable. () → the same model, not trained.
            restore: callable. Loads the last checkpoint into a model.
        """
        if self.processes == 1 or not backend.end_joint_training():
            return model
        if self.is_first:
            model = build()
            restore(model)
        return model

    def any(self, flag):
        """Whether the flag is set in any process."""
        return backend.any_process(flag)


def relaunch(module, arguments, count):
    """On PyTorch, replaces this process by `torchrun` with `count` processes, unless in one."""
    with _run_errors(count):
        backend.relaunch(module, arguments, count)


@contextlib.contextmanager
def _run_errors(count):
    """Raises a `RunError` when the machine has fewer devices."""
    try:
        yield
    except ValueError as error:
        raise RunError(f"--devices {count}: {error}") from None


class _Part(keras.utils.PyDataset):
    """Yields the rows of every batch that one of several processes reads."""

    def __init__(self, stream, index, count):
        super().__init__()
        self.stream = stream
        self.index = index
        self.count = count

    @property
    def num_batches(self):
        return None

    def __getitem__(self, number):
        batch = self.stream[number]
        if isinstance(batch, tuple):
            return tuple(map(self._rows, batch))
        return self._rows(batch)

    def _rows(self, array):
        size = len(array) // self.count
        return array[self.index * size : (self.index + 1) * size]
