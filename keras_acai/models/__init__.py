"""The models: one file each, on the base class `Autoencoder`."""

from keras_acai.models.aae import AAE
from keras_acai.models.acai import ACAI
from keras_acai.models.autoencoder import Autoencoder
from keras_acai.models.denoising import DenoisingAutoencoder
from keras_acai.models.dropout import DropoutAutoencoder
from keras_acai.models.vae import VAE
from keras_acai.models.vqvae import VQVAE

__all__ = [
    "AAE",
    "ACAI",
    "VAE",
    "VQVAE",
    "Autoencoder",
    "DenoisingAutoencoder",
    "DropoutAutoencoder",
]
