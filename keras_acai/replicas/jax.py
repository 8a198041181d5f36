"""Replicas on JAX: arrays are global, and the compiler splits them."""


def count():
    return 1


def gather(x):
    return x


def part(x, size):
    return x


def total(x):
    return x


def mean(tensors):
    return tensors


def log(values):
    return values
