"""Replicas on TensorFlow: those of the current `tf.distribute` strategy."""

import tensorflow as tf


def count():
    return tf.distribute.get_strategy().num_replicas_in_sync if _context() else 1


def gather(x):
    return _context().all_gather(x, axis=0) if count() > 1 else x


def part(x, size):
    if count() == 1:
        return x
    start = _context().replica_id_in_sync_group * size
    return x[start : start + size]


def total(x):
    return _context().all_reduce(tf.distribute.ReduceOp.SUM, x) if count() > 1 else x


def mean(tensors):
    """Keras's optimizers sum gradients over replicas: what is left is the division."""
    return tensors if count() == 1 else [x if x is None else x / count() for x in tensors]


def log(values):
    """Keras's metrics sum over replicas."""
    return values


def _context():
    """The context of a replica's step; None outside."""
    return tf.distribute.get_replica_context()
