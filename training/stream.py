"""Batches that depend on the seed and their number alone, so that a run can go on where it was."""

import keras
import numpy as np


class Shuffled(keras.utils.PyDataset):
    """Batches of an array, in a new order each time it has been gone through, without end.

    Batch i of all is the same whichever batch is the first, on every backend.

    Args:
        x: uint8 (n, …), never copied as a whole.
        y: int64 (n,), or None.
        batch_size: int. Images a batch, at most n.
        seed: int. Of the order.
        start: int. The first batch. Defaults to 0.
    """

    def __init__(self, x, y, batch_size, seed, start=0):
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
        first = (self.start + index) * self.batch_size
        indices = self._indices(first, first + self.batch_size)
        return self.x[indices] if self.y is None else (self.x[indices], self.y[indices])

    def _indices(self, first, stop):
        """Places first…stop of one order after the other."""
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
