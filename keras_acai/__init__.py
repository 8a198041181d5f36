"""Autoencoders that interpolate: ACAI and its baselines (arXiv 1807.07543) in Keras 3."""

from keras_acai import datasets, evaluation, interpolation, lines, plotting
from keras_acai.errors import LoadError
from keras_acai.models import (
    AAE,
    ACAI,
    VAE,
    VQVAE,
    Autoencoder,
    DenoisingAutoencoder,
    DropoutAutoencoder,
)
from keras_acai.presets import list_models
from keras_acai.zoo.pretrained import info, load
from keras_acai.zoo.publishing import publish

__version__ = "0.1.0"

__all__ = [
    "AAE",
    "ACAI",
    "VAE",
    "VQVAE",
    "Autoencoder",
    "DenoisingAutoencoder",
    "DropoutAutoencoder",
    "LoadError",
    "datasets",
    "evaluation",
    "info",
    "interpolation",
    "lines",
    "list_models",
    "load",
    "plotting",
    "publish",
]
