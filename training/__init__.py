"""Commands of a source checkout, which are not part of the wheel.

train       trains a model, or resumes its run
sweep       trains several models at once
evaluate    scores a run or a trained model
ship        copies a finished run's model into weights/
publish     uploads shipped models to the Hugging Face Hub
table       prints the paper's tables, with our scores
compare     draws interpolations of all models between the same images
transfer    compares linear classifiers on few labels
curves      draws scores against the images seen in training
benchmark   times train steps and inference
demo        shows what pretrained models do

Each one runs as `python -m training.NAME`; `--help` explains its options.
"""

import os

import keras_acai as keras_acai  # before Keras: it silences the import of TensorFlow

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # off by default on CPUs without AVX-512
