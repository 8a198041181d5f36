"""Streams: data read batch by batch, with a check of each batch.

tf.data datasets, `keras.utils.PyDataset`s, torch `DataLoader`s and generators keep their type, so
Keras treats them as it always does.
"""

import keras

ENDLESS = "the stream has no end: pass a part of it, such as dataset.take(10)"


def is_stream(data):
    """Whether `data` is read in batches: tf.data, PyDataset, torch DataLoader or generator."""
    return (
        isinstance(data, keras.utils.PyDataset)
        or hasattr(data, "collate_fn")
        or hasattr(data, "element_spec")
        or hasattr(data, "__next__")
    )


def without_names(batch):
    """Returns a batch as images or (images, labels); a dict of TensorFlow Datasets has names.

    Raises:
        ValueError: for a dict without "image".
    """
    if not isinstance(batch, dict):
        return batch
    if "image" not in batch:
        raise ValueError(
            f"batches are dicts of {sorted(map(str, batch))}: pass images, (images, labels), or "
            'dicts of "image" and "label".'
        )
    return (batch["image"], batch["label"]) if "label" in batch else (batch["image"],)


def check_stream(stream, check):
    """Return a stream of the same kind, whose batches are what `check` returns, on the host.

    Args:
        stream: data for which `is_stream` is true.
        check: callable. Batch (images, or a tuple that begins with images and labels) → a tuple of
            the same, (images,) or (images, labels).

    Raises:
        ValueError: if `check` does, now or when the bad batch is read.
    """
    if isinstance(stream, keras.utils.PyDataset):
        return _CheckedDataset(stream, check)
    if hasattr(stream, "collate_fn"):
        from keras_acai.backend import torch

        return torch.checked_loader(stream, check)
    if hasattr(stream, "element_spec"):
        from keras_acai.backend import tensorflow

        return tensorflow.checked_dataset(stream, check)
    return (check(batch) for batch in stream)


def batches(stream):
    """Yields all batches of a stream.

    Raises:
        ValueError: for a stream without end.
    """
    if _is_endless(stream):
        raise ValueError(f"{ENDLESS}.")
    if isinstance(stream, keras.utils.PyDataset):
        stream = (stream[index] for index in range(stream.num_batches))
    yield from stream


def check_end(data, name, steps):
    """Refuses a stream without end, where no number of steps says when to stop.

    Args:
        data: a stream, or any other data.
        name: str. The argument that gives the number of steps.
        steps: int, or None for all there are.

    Raises:
        ValueError: for a stream without end.
    """
    if steps is None and is_stream(data) and _is_endless(data):
        raise ValueError(f"{ENDLESS}, or {name}=10.")


def can_be_shuffled(data):
    """Whether Keras shuffles data: arrays, and PyDatasets that end. It warns of all others."""
    if isinstance(data, keras.utils.PyDataset):
        return data.num_batches is not None
    return not is_stream(data)


def _is_endless(stream):
    if isinstance(stream, keras.utils.PyDataset):
        return stream.num_batches is None
    return hasattr(stream, "cardinality") and int(stream.cardinality()) == -1


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
