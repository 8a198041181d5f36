"""One run on several devices, through what each backend ships for that.

- JAX: `keras.distribution.DataParallel` over the devices of this process, and of all processes
  that `keras.distribution.initialize` joins (KERAS_DISTRIBUTION_… in the environment).
- TensorFlow: `tf.distribute.MirroredStrategy`.
- PyTorch: `torch.distributed`, one process a device, started by `torchrun` or, for the devices of
  this machine, by this command.

The batch size is the global one, and the global batch is the same however many devices there are;
`keras_acai.replicas` has the models treat it as one.
"""

import contextlib
import math
import os
import sys

import keras
import numpy as np

from training.run import RunError

BACKEND = keras.backend.backend()


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
        self.scope = contextlib.nullcontext
        self.processes, self.index = 1, 0
        {"jax": self._jax, "tensorflow": self._tensorflow, "torch": self._torch}[BACKEND]()
        if at_once is not None and at_once < 1:
            raise RunError(f"--steps-per-execution {at_once}: give 1 or more.")
        if BACKEND != "jax" and at_once not in (None, 1):
            raise RunError("--steps-per-execution is for JAX alone: leave it out.")
        self.at_once = at_once or (64 if BACKEND == "jax" and has_accelerator() else 1)

    @property
    def is_first(self):
        """Whether this process is the one that writes and reports."""
        return self.index == 0

    def share(self, stream, batch_size):
        """The part of every batch of a stream that this process is to read.

        Raises:
            RunError: when a batch cannot be shared evenly.
        """
        parts = max(self.processes, 1) * (1 if BACKEND == "torch" else self.count)
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
        if BACKEND != "jax" or self.processes == 1:
            return model
        import jax

        jax.distributed.shutdown()  # or the others' end would be taken for a failure
        keras.distribution.set_distribution(None)
        if self.is_first:
            model = build()
            restore(model)
        return model

    def any(self, flag):
        """Whether the flag is up in any process."""
        if self.processes == 1:
            return flag
        if BACKEND == "torch":
            import torch

            from keras_acai import replicas

            return bool(replicas.total(torch.tensor(float(flag), device=keras.ops.ones(()).device)))
        from jax.experimental import multihost_utils

        return bool(np.any(multihost_utils.process_allgather(np.array(flag))))

    def _jax(self):
        import jax

        if self.count > 1:
            jax.config.update("jax_num_cpu_devices", self.count)  # where there is no GPU
        if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
            keras.distribution.initialize()
        self.processes, self.index = jax.process_count(), jax.process_index()
        if self.processes * self.count == 1:
            return
        local = [device for device in jax.devices() if device.process_index == self.index]
        self._check(len(local))
        names = keras.distribution.list_devices()
        chosen = names if self.processes > 1 else names[: self.count]
        parallel = keras.distribution.DataParallel(devices=chosen, auto_shard_dataset=False)
        keras.distribution.set_distribution(parallel)

    def _tensorflow(self):
        if self.count == 1:
            return
        import tensorflow as tf

        cards = tf.config.list_physical_devices("GPU")
        if not cards:
            (cpu,) = tf.config.list_physical_devices("CPU")
            virtual = [tf.config.LogicalDeviceConfiguration() for _ in range(self.count)]
            tf.config.set_logical_device_configuration(cpu, virtual)
        kind = "GPU" if cards else "CPU"
        self._check(len(tf.config.list_logical_devices(kind)))
        names = [f"{kind}:{index}" for index in range(self.count)]
        self.scope = tf.distribute.MirroredStrategy(names).scope

    def _torch(self):
        if "WORLD_SIZE" not in os.environ:
            return
        import torch

        cuda = torch.cuda.is_available()
        if cuda:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        if not torch.distributed.is_initialized():
            torch.distributed.init_process_group("nccl" if cuda else "gloo")
        self.processes = torch.distributed.get_world_size()
        self.index = torch.distributed.get_rank()

    def _check(self, there):
        if there < self.count:
            raise RunError(f"--devices {self.count}, but this machine has {there}.")


def has_accelerator():
    """Whether the backend computes on something else than a CPU."""
    if BACKEND == "torch":
        return keras.ops.ones(()).device.type != "cpu"
    return not keras.distribution.list_devices()[0].startswith("cpu")


def relaunch(module, arguments, count):
    """On PyTorch, becomes `torchrun` with `count` processes, unless it is one of these."""
    if BACKEND != "torch" or count <= 1 or "WORLD_SIZE" in os.environ:
        return
    import torch

    if torch.cuda.is_available() and torch.cuda.device_count() < count:
        raise RunError(f"--devices {count}, but this machine has {torch.cuda.device_count()}.")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(count), "-m", module, *arguments]
    os.execv(sys.executable, command)


class _Part(keras.utils.PyDataset):
    """The rows of every batch that one of several processes reads."""

    def __init__(self, stream, index, count):
        super().__init__()
        self.stream = stream
        self.index = index
        if count < 1:
            raise RunError(f"--devices {count}: give 1 or more.")
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
