"""The operations that a step's time goes into, as each backend computes them fastest.

Images are (n, height, width, channels), kernels (height, width, inputs, outputs), as in Keras. Each
module has

- `convolve(x, kernel, bias, slope=None)`: a 'same' convolution of stride 1, then LeakyReLU where
  there is a slope;
- `convolve_doubled(x, kernel, bias, slope=None)`: the same of `x` with every pixel made 2×2;
- `halve(x)`: the means of 2×2 pixels.

They agree with each other to rounding (`tests/test_kernels.py`).
"""

import importlib

import keras

backend = importlib.import_module(f"keras_acai.kernels.{keras.backend.backend()}")
convolve = backend.convolve
convolve_doubled = backend.convolve_doubled
halve = backend.halve
