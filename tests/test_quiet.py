"""stderr is empty but for our own lines."""

import os
import subprocess
import sys

import keras
import pytest

FIT = """
import numpy as np, keras_acai
model = keras_acai.load("ae-lines")
model.compile()
x = keras_acai.lines.draw(np.arange(40.0))
model.fit(x, batch_size=16, verbose=0)
for size in (1, 2, 3):
    again = keras_acai.load("ae-lines")
    again.encode(x[:size])
    again.reconstruct(x[:size + 3])
"""
PROBED = """
import importlib.util, keras_acai
assert importlib.util.find_spec("tensorflow")
import tensorflow
"""
OTHER_LINES = """
import keras_acai, os, sys
class Noisy:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow.python":
            os.write(2, b"I0000 00:00:1 port.cc:1] noise\\na line of somebody else\\n")
sys.meta_path.insert(1, Noisy())
import tensorflow
"""


def run(*arguments):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_CPP")}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_a_fit_in_a_script():
    done = run("-W", "error::UserWarning:keras_acai", "-c", FIT)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.once
@pytest.mark.parametrize("arguments", [["list"], ["info", "acai-lines"]])
def test_commands_that_say_nothing(arguments):
    done = run("-m", "keras_acai.cli", *arguments)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout


@pytest.mark.once
def test_a_command_that_loads():
    done = run("-m", "keras_acai.cli", "load", "acai-lines")
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "ACAI with 1,569,579 weights: all hashes match."
    assert len(done.stderr.splitlines()) <= 2  # the other says what it is doing


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="needs TensorFlow")
def test_somebody_who_only_looks_for_tensorflow():
    assert run("-c", PROBED).stderr == ""


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="needs TensorFlow")
def test_other_lines_are_kept():
    assert run("-c", OTHER_LINES).stderr == "a line of somebody else\n"
