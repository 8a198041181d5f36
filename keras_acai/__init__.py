"""Autoencoders that interpolate: ACAI and its baselines (arXiv 1807.07543) in Keras 3."""

from keras_acai import interpolation
from keras_acai.models import *  # noqa: F403
