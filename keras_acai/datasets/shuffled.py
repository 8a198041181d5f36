"""Batches that depend only on the seed and their index, so that a run can resume anywhere."""

import functools

import keras
import numpy as np
from keras import ops

from keras_acai.checks import check_size


class Shuffled(keras.utils.PyDataset):
    """Endless batches of arrays, which are shuffled again for each epoch.

    Batch `i` is the same whatever `start` is, on every backend.

    Args:
        x: uint8 (n, …). It is never copied as a whole.
        y: int64 (n,) or None. Defaults to None.
        batch_size: int. Images in a batch, at most n. Defaults to 64.
        seed: int. Seed of the order. Defaults to 0.
        start: int. Index of the first batch. Defaults to 0.

    Raises:
        ValueError: for a `batch_size` below 1 or above n, and for another number of labels.
    """

    def __init__(self, x, y=None, batch_size=64, seed=0, start=0):
        super().__init__()
        batch_size = check_size(batch_size, "batch_size")
        if y is not None and len(y) != len(x):
            raise ValueError(f"{len(x)} images and {len(y)} labels: give one label for each image.")
        if batch_size > len(x):
            raise ValueError(
                f"batch_size={batch_size}, but there are {len(x)} images: use a smaller one."
            )
        self.x = x
        self.y = y
        self.batch_size = batch_size
        self.seed = seed
        self.start = start
        self._orders = {}

    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        indices = self.indices(index)
        return self.x[indices] if self.y is None else (self.x[indices], self.y[indices])

    def indices(self, index):
        """Returns the indices of a batch's images, which may span the end of an epoch."""
        first = (self.start + index) * self.batch_size
        stop = first + self.batch_size
        epoch, offset = divmod(first, len(self.x))
        head = self._order(epoch)[offset : offset + stop - first]
        missing = stop - first - len(head)
        return np.concatenate([head, self._order(epoch + 1)[:missing]]) if missing else head

    def _order(self, epoch):
        if epoch not in self._orders:
            order = np.random.default_rng((self.seed, epoch)).permutation(len(self.x))
            self._orders = {key: self._orders[key] for key in self._orders if key == epoch - 1}
            self._orders[epoch] = order
        return self._orders[epoch]


class Resident(Shuffled):
    """The same batches as `Shuffled`, of images that stay on the GPU.

    `fit` of this package's models sends the arrays to the device once, and then only the indices of
    each batch. This works on JAX and PyTorch, on one device; elsewhere `fit` sends batches, as for
    any `Shuffled`. With `steps_per_execution`, JAX runs several steps in one call:

    ```python
    model.compile(steps_per_execution=32)
    model.fit(datasets.Resident(x, y, batch_size=64), steps_per_epoch=4096, epochs=64)
    ```

    The first `fit` after `compile(metrics=…)` also sends batches. The arrays and the model must fit
    in the device's memory together.

    Args:
        x, y, batch_size, seed, start: as for `Shuffled`; `x` and `y` are copied to the device.
    """

    @functools.cached_property
    def arrays(self):
        """Images, and labels if any, as tensors on the device."""
        return tuple(ops.convert_to_tensor(a) for a in (self.x, self.y) if a is not None)

    def of(self, x, y):
        """Returns the same batches of other arrays."""
        return type(self)(x, y, self.batch_size, self.seed, self.start)

    @staticmethod
    def batch(arrays, indices):
        """Returns the batch at `indices`: images, or (images, labels)."""
        chosen = tuple(ops.take(array, indices, axis=0) for array in arrays)
        return chosen if len(chosen) > 1 else chosen[0]


class Indices(keras.utils.PyDataset):
    """The indices of the images in each batch of a `Shuffled`, int32 (batch_size,)."""

    def __init__(self, shuffled):
        super().__init__()
        self.shuffled = shuffled

    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        return (self.shuffled.indices(index).astype("int32"),)
