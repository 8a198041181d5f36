"""Initial weights, and a limit to their number."""

import contextlib
import contextvars
import math
import random

import keras
import numpy as np
from keras import ops

SLOPE = 0.2  # of every LeakyReLU

_room = contextvars.ContextVar("room", default=None)


class TooLargeError(ValueError):
    """A model needs more weights than there are to load."""


@contextlib.contextmanager
def at_most(numbers):
    """Models made inside may have kernels of so many numbers together.

    A file that claims to be a huge model so costs no memory.

    Args:
        numbers: int.

    Raises:
        TooLargeError: from within, before the kernel that is too much is made.
    """
    token = _room.set(_Room(numbers))
    try:
        yield
    finally:
        _room.reset(token)


class _Room:
    def __init__(self, numbers):
        self.left = numbers

    def take(self, shape):
        self.left -= math.prod(shape)
        if self.left < 0:
            raise TooLargeError(
                f"a kernel of shape {tuple(shape)} is more than the weights that there are"
            )


@keras.saving.register_keras_serializable("keras_acai")
class Initial(keras.initializers.Initializer):
    """Another initializer, within the limit of `at_most`. All kernels of the models use it.

    Args:
        initializer: Keras initializer, or its name.
    """

    def __init__(self, initializer):
        self.initializer = keras.initializers.get(initializer)

    def __call__(self, shape, dtype=None):
        if (room := _room.get()) is not None:
            room.take(shape)
        return self.initializer(shape, dtype)

    def get_config(self):
        return {"initializer": keras.initializers.serialize(self.initializer)}


class Drawn(keras.initializers.Initializer):
    """Numbers that NumPy draws.

    They are the same for a seed on every backend, and there at once, where JAX would compile the
    draw of every shape.

    Args:
        seed: int. Defaults to one that `keras.utils.set_random_seed` determines.
    """

    def __init__(self, seed=None):
        self.seed = random.randint(1, 10**9) if seed is None else seed

    def __call__(self, shape, dtype=None):
        numbers = self.draw(np.random.default_rng(self.seed), shape)
        return ops.convert_to_tensor(numbers.astype("float32"), dtype=dtype)

    def draw(self, generator, shape):
        """An array of this shape from a `numpy.random.Generator`."""
        raise NotImplementedError

    def get_config(self):
        return {"seed": self.seed}


@keras.saving.register_keras_serializable("keras_acai")
class FanInNormal(Drawn):
    """An untruncated N(0, 1 / ((1 + 0.2²)·fan_in)) (appendix A), of convolutions."""

    def draw(self, generator, shape):
        return generator.normal(0, 1 / np.sqrt((1 + SLOPE**2) * np.prod(shape[:-1])), shape)


@keras.saving.register_keras_serializable("keras_acai")
class GlorotUniform(Drawn):
    """Uniform within ±sqrt(6 / (fan_in + fan_out)), of dense layers, as in the authors' code."""

    def draw(self, generator, shape):
        limit = np.sqrt(6 / sum(shape))
        return generator.uniform(-limit, limit, shape)
