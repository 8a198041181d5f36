"""Latent codes of any number of pictures: streamed in bounded memory, resumed after a kill."""

from keras_acai.bulk.jobs import encode, measure
from keras_acai.bulk.tables import check_suffix, write
