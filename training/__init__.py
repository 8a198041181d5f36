"""How the models of keras_acai are trained, and how the paper's tables are filled in.

Commands of `keras-acai`, which finds them by the entry points in setup.cfg:

train       trains a model, or resumes its run
sweep       trains several models at once
table       prints the paper's tables, with our scores
compare     draws interpolations of all models between the same images
transfer    compares linear classifiers on few labels
curves      draws scores against the images seen in training

Commands of a source checkout alone, as `python -m training.NAME`:

ship        copies a finished run's model into weights/
publish     uploads shipped models to the Hugging Face Hub
benchmark   times train steps and inference
demo        shows what pretrained models do
notebooks   runs the notebooks of the documentation
packages    builds the archives for the package index
site        writes the documentation as a web site

The wheel brings this package as `keras_acai_training`, so its modules import each other relatively.
"""

import os

import keras_acai as keras_acai  # before Keras: it silences the import of TensorFlow

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # off by default on CPUs without AVX-512
