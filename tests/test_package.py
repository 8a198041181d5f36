"""The package imports quickly, and works without what it does not need."""

import os
import subprocess
import sys

import keras
import pytest

TRAIN = """
import sys
for name in ("tensorflow", "tensorflow_datasets", "matplotlib"):
    sys.modules[name] = None  # makes its import fail
import numpy as np
import keras_acai
model = keras_acai.ACAI(image_shape=(8, 8, 1), latent_width=2, depth=2, num_classes=10)
model.compile()
x, y = keras_acai.datasets.load("lines", "test")
history = model.fit(x[:8, :8, :8], y[:8], batch_size=4, verbose=0).history
assert np.isfinite(history["loss"]).all()
assert model.features(x[:3, :8, :8], verbose=0).shape == (3, 64)
try:
    keras_acai.datasets.load("mnist")
except keras_acai.datasets.DatasetError as error:
    print(error)
"""
IMPORT = """
import time
import keras
start = time.perf_counter()
import keras_acai
print(time.perf_counter() - start)
"""


def run(code):
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.skipif(keras.backend.backend() == "tensorflow", reason="needs TensorFlow")
def test_trains_without_tensorflow():
    assert "pip install tensorflow tensorflow-datasets" in run(TRAIN)


def test_import_adds_little_to_that_of_keras():
    assert min(float(run(IMPORT)) for _ in range(3)) < 0.1


def test_nothing_heavy_is_imported():
    heavy = {"matplotlib", "scipy", "sklearn", "tensorflow_datasets", "huggingface_hub"}
    code = "import sys, keras; before = set(sys.modules); import keras_acai; "
    assert not heavy & set(run(code + "print(*(set(sys.modules) - before))").split())


def test_backend_is_the_one_asked_for():
    assert keras.backend.backend() == os.environ.get("KERAS_BACKEND", "tensorflow")
