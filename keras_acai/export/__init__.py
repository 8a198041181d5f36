"""A model's networks as files that run without Keras: ONNX, SavedModel and others."""

from keras_acai.export.formats import FORMATS, export
