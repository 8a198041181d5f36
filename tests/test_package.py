"""The package imports quickly, and works without what it does not need."""

import os
import subprocess
import sys

import keras
import pytest

import keras_acai
from keras_acai import registry

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
    keras_acai.datasets.load("celeba")
except keras_acai.datasets.DatasetError as error:
    print(error)
"""
IMPORT = """
import time
start = time.process_time()
import keras_acai
print(time.process_time() - start)
"""
LIGHT = """
import sys
import keras_acai
keras_acai.list_models("acai-*")
print(*sys.modules)
"""


COMMAND = """
import sys
from keras_acai.cli.app import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def run(code):
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.skipif(keras.backend.backend() == "tensorflow", reason="needs TensorFlow")
def test_trains_without_tensorflow():
    assert "pip install tensorflow tensorflow-datasets" in run(TRAIN)


@pytest.mark.once
def test_import_takes_less_than_a_tenth_of_a_second():
    assert min(float(run(IMPORT)) for _ in range(3)) < 0.1


@pytest.mark.once
def test_names_need_neither_keras_nor_a_backend():
    heavy = {"keras", "tensorflow", "jax", "torch", "matplotlib", "scipy", "sklearn"}
    heavy |= {"tensorflow_datasets", "huggingface_hub"}
    assert not heavy & set(run(LIGHT).split())


@pytest.mark.once
@pytest.mark.parametrize("arguments", ["--help", "list", "info acai-mnist", "info acai-mnits"])
def test_commands_about_names_need_no_keras(arguments):
    command = [sys.executable, "-c", COMMAND, *arguments.split()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 or "acai-mnist" in done.stdout + done.stderr
    assert not {"keras", "tensorflow", "jax", "torch", "matplotlib"} & set(done.stderr.split())


@pytest.mark.once
@pytest.mark.parametrize("arguments", ["--help", "info acai-mnits"])
def test_commands_about_names_answer_at_once(arguments):
    assert min(cpu_seconds(arguments) for _ in range(3)) < 1  # 0.4 on an idle machine


def cpu_seconds(arguments):
    """Processor time of a command: unlike the wall's, it does not depend on other processes."""
    before = os.times()
    subprocess.run(
        [sys.executable, "-m", "keras_acai.cli", *arguments.split()], capture_output=True
    )
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


@pytest.mark.once
def test_every_public_name_is_there():
    code = "import keras_acai; print(*(getattr(keras_acai, name) for name in dir(keras_acai)))"
    assert "ACAI" in run(code)


@pytest.mark.once
def test_editors_see_every_registered_class():
    built_in = {model.class_name for model in registry.MODELS.values()}
    assert built_in == set(keras_acai.models.__all__) <= set(dir(keras_acai))


def test_backend_is_the_one_asked_for():
    assert keras.backend.backend() == os.environ.get("KERAS_BACKEND", "tensorflow")
