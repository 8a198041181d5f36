"""Training on data of SVHN's size makes no second copy of them.

The model has depth 16, because one of depth 64 needs about 0.9 GB for a batch of 64 on any data.
"""

import os
import resource
import subprocess
import sys

import keras
import pytest

BACKEND = keras.backend.backend()
LIMIT = 1.8e9 if BACKEND == "jax" else 1.5e9  # XLA's compiler takes its share
IMAGES = 73_257 + 531_131  # SVHN's train and extra
TRAIN = f"""
import os, resource, sys
import numpy as np
import keras_acai
from keras_acai import datasets

path = datasets.cache_path("svhn", "train")
path.parent.mkdir(parents=True)
x = np.zeros(({IMAGES}, 32, 32, 3), "uint8")
x[:, ::2] = np.arange({IMAGES})[:, None, None, None] % 251
datasets.cache.cached(path, lambda: (x, np.arange({IMAGES}) % 10))
small = datasets.cache_path("svhn", "test")
datasets.cache.cached(small, lambda: (x[:100].copy(), np.arange(100) % 10))
"""
RUN = """
import resource, sys
from keras_acai.evaluation import scores
from training import train
scores.ALL = ()
code = train.main(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
sys.exit(code)
"""


@pytest.mark.long
@pytest.mark.skipif(not hasattr(resource, "RUSAGE_SELF"), reason="needs getrusage")
def test_peak_memory_is_the_data_and_a_little(tmp_path):
    environment = {**os.environ, "KERAS_ACAI_HOME": str(tmp_path / "home")}
    subprocess.run([sys.executable, "-c", TRAIN], env=environment, check=True)
    command = [sys.executable, "-c", RUN, "acai-svhn", "--recipe", "paper", "--depth", "16"]
    command += ["--images", "320", "--checkpoint-every", "128", "--out", str(tmp_path / "run")]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    peak = int(result.stdout.split("peak ")[1])
    print(f"{BACKEND}: {peak / 1e9:.2f} GB")
    assert peak < IMAGES * 32 * 32 * 3 + LIMIT
