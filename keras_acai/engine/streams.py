"""Data that come batch by batch, each batch checked on its way.

tf.data datasets, `keras.utils.PyDataset`s, torch `DataLoader`s and generators keep their kind, so
that Keras treats them as it always does.
"""

import copy

import keras
import numpy as np


def is_stream(data):
    """Whether `data` comes batch by batch: tf.data, PyDataset, torch DataLoader, generator."""
    return (
        isinstance(data, keras.utils.PyDataset)
        or hasattr(data, "collate_fn")
        or hasattr(data, "element_spec")
        or hasattr(data, "__next__")
    )


def check_stream(stream, check):
    """A stream of the same batches, each passed through `check` on the host.

    Args:
        stream: what `is_stream` accepts.
        check: callable. Batch (images, or a tuple that begins with images and labels) → batch.

    Raises:
        ValueError: now or when the stream gets there, whatever `check` raises.
    """
    if isinstance(stream, keras.utils.PyDataset):
        return _CheckedDataset(stream, check)
    if hasattr(stream, "collate_fn"):
        checked = copy.copy(stream)
        checked._iterator = None  # of persistent workers, which would not know the check
        checked.collate_fn = _CheckedCollate(stream.collate_fn, check)
        return checked
    if hasattr(stream, "element_spec"):
        check(stream.element_spec)
        return stream.map(lambda *batch: _check_in_graph(batch, check))
    return (check(batch) for batch in stream)


class _CheckedDataset(keras.utils.PyDataset):
    def __init__(self, dataset, check):
        super().__init__(dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size)
        self.dataset = dataset
        self.check = check

    def __getitem__(self, index):
        return self.check(self.dataset[index])

    @property
    def num_batches(self):
        return self.dataset.num_batches

    def on_epoch_begin(self):
        self.dataset.on_epoch_begin()

    def on_epoch_end(self):
        self.dataset.on_epoch_end()


class _CheckedCollate:
    def __init__(self, collate, check):
        self.collate = collate
        self.check = check

    def __call__(self, samples):
        batch = self.collate(samples)
        self.check(batch)
        return batch


def _check_in_graph(batch, check):
    """tf.data: hands the values of a batch to `check` on their way."""
    import tensorflow as tf

    def values(*arrays):
        check(arrays if len(arrays) > 1 else arrays[0])
        return np.int64(0)

    done = tf.numpy_function(values, batch, tf.int64)
    with tf.control_dependencies([done]):
        batch = tf.nest.map_structure(tf.identity, batch)
    return batch if len(batch) > 1 else batch[0]
