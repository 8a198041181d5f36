"""A web page of models that mix pictures in the browser, without a server of its own."""

from keras_acai.page.build import build
