"""Batches that depend on the seed and their number alone, so that a run can go on where it was."""

import functools

import keras
import numpy as np
from keras import ops


class Shuffled(keras.utils.PyDataset):
    """Batches of an array, in a new order each time it has been gone through, without end.

    Batch i of all is the same whichever batch is the first, on every backend.

    Args:
        x: uint8 (n, …), never copied as a whole.
        y: int64 (n,), or None. Defaults to None.
        batch_size: int. Images a batch, at most n. Defaults to 64.
        seed: int. Of the order. Defaults to 0.
        start: int. The first batch. Defaults to 0.
    """

    def __init__(self, x, y=None, batch_size=64, seed=0, start=0):
        super().__init__()
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
        """Which images make a batch: places `batch_size`·index … of one order after the other."""
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
    """The same batches of images that stay on the device, for GPUs.

    `fit` of this package's models sends the array there once and then the numbers of each batch's
    images, no images (on JAX and PyTorch and on one device; elsewhere it sends batches, as of any
    `Shuffled`). With `steps_per_execution`, JAX runs so many steps in one call:

    ```python
    model.compile(steps_per_execution=32)
    model.fit(datasets.Resident(x, y, batch_size=64), steps_per_epoch=4096, epochs=64)
    ```

    The first `fit` after `compile(metrics=…)` sends batches too. The array must fit beside the
    model.

    Args:
        x, y, batch_size, seed, start: as in `Shuffled`; `x` is copied to the device.
    """

    @functools.cached_property
    def arrays(self):
        """Images and labels, if any, as tensors on the device."""
        return tuple(ops.convert_to_tensor(a) for a in (self.x, self.y) if a is not None)

    @staticmethod
    def batch(arrays, indices):
        """The batch of these numbers: images, or images and labels."""
        chosen = tuple(ops.take(array, indices, axis=0) for array in arrays)
        return chosen if len(chosen) > 1 else chosen[0]


class Indices(keras.utils.PyDataset):
    """The numbers of the images of each batch of a `Shuffled`, int32 (batch_size,)."""

    def __init__(self, shuffled):
        super().__init__()
        self.shuffled = shuffled

    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        return (self.shuffled.indices(index).astype("int32"),)
