"""The version of keras_acai."""

__version__ = "0.2.0"
