"""Initial weights, and a limit on their number."""

import contextlib
import contextvars
import math
import random

import keras
import numpy as np
from keras import ops

SLOPE = 0.2  # of every LeakyReLU

_budget = contextvars.ContextVar("budget", default=None)


class TooLargeError(ValueError):
    """A model needs more parameters than the limit allows."""


@contextlib.contextmanager
def limit_parameters(count):
    """Limits the kernels of all models created in a `with` block.

    This keeps a file that claims a huge model from exhausting memory.

    Args:
        count: int. The number of values that all kernels together may have.

    Raises:
        TooLargeError: in the block, before the first kernel beyond the limit is created.
    """
    token = _budget.set(_Budget(count))
    try:
        yield
    finally:
        _budget.reset(token)


class _Budget:
    """The number of values that kernels may still have."""

    def __init__(self, count):
        self.left = count

    def spend(self, shape):
        self.left -= math.prod(shape)
        if self.left < 0:
            raise TooLargeError(
                f"a kernel of shape {tuple(shape)} needs more values than the weight file holds"
            )


@keras.saving.register_keras_serializable("keras_acai", name="Initial")
class Limited(keras.initializers.Initializer):
    """Wraps an initializer, to obey `limit_parameters`. All kernels of the models use it.

    Args:
        initializer: Keras initializer, or its name.
    """

    def __init__(self, initializer):
        self.initializer = keras.initializers.get(initializer)

    def __call__(self, shape, dtype=None):
        if (budget := _budget.get()) is not None:
            budget.spend(shape)
        return self.initializer(shape, dtype)

    def get_config(self):
        return {"initializer": keras.initializers.serialize(self.initializer)}


class NumpyInitializer(keras.initializers.Initializer):
    """Random weights drawn by NumPy.

    A seed gives the same weights on every backend, and JAX need not compile a draw of each shape.

    Args:
        seed: int. Defaults to a random one, which `keras.utils.set_random_seed` determines.
    """

    def __init__(self, seed=None):
        self.seed = random.randint(1, 10**9) if seed is None else seed

    def __call__(self, shape, dtype=None):
        values = self.draw(np.random.default_rng(self.seed), shape)
        return ops.convert_to_tensor(values.astype("float32"), dtype=dtype)

    def draw(self, generator, shape):
        """Draw an array of this shape with a `numpy.random.Generator`."""
        raise NotImplementedError

    def get_config(self):
        return {"seed": self.seed}


@keras.saving.register_keras_serializable("keras_acai")
class FanInNormal(NumpyInitializer):
    """An untruncated N(0, 1 / ((1 + 0.2²)·fan_in)), for convolutions (appendix A)."""

    def draw(self, generator, shape):
        return generator.normal(0, 1 / np.sqrt((1 + SLOPE**2) * np.prod(shape[:-1])), shape)


@keras.saving.register_keras_serializable("keras_acai")
class GlorotUniform(NumpyInitializer):
    """Uniform in ±sqrt(6 / (fan_in + fan_out)), for dense layers, as in the authors' code."""

    def draw(self, generator, shape):
        limit = np.sqrt(6 / sum(shape))
        return generator.uniform(-limit, limit, shape)
