"""Failures of the commands of this package; every message says what to do next."""

from keras_acai.errors import KerasAcaiError


class RunError(KerasAcaiError):
    """A run cannot start or resume."""


class DivergedError(RunError):
    """A loss, a weight or a reconstruction is not finite, or far out of range."""
