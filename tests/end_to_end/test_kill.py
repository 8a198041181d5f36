"""A run killed at random moments ends with the weights of an uninterrupted run."""

import os
import random
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
from PIL import Image

from keras_acai import files

COMMAND = (
    "training.train acai --recipe paper --size 16 --depth 2 --latent-width 4 --latent-channels 2 "
    "--batch-size 8 --learning-rate 1e-3 --images 1600 --seed 1"
).split()
CHECKPOINT = 80  # images
KILLS = 2


@pytest.fixture(scope="module", autouse=True)
def pictures(tmp_path_factory):
    """A folder of noise."""
    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 3)).astype("uint8")
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    COMMAND.extend(["--checkpoint-every", str(CHECKPOINT), "--data", str(folder)])


def start(out):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    command = [sys.executable, "-m", *COMMAND, "--out", str(out)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def newest(out):
    """The number of images of the newest checkpoint, or 0."""
    return max((int(path.name[:10]) for path in out.glob("checkpoints/*.weights.h5")), default=0)


def kill_at_random(out, generator):
    """Starts the run; kills it within five of its checkpoints, at any point of a step."""
    until = newest(out) + CHECKPOINT * generator.randint(1, 4)
    process = start(out)
    while process.poll() is None and newest(out) < until:
        time.sleep(0.01)
    time.sleep(generator.uniform(0, 0.2))
    process.send_signal(signal.SIGKILL)
    return process.wait()


def final_weights(out):
    (path,) = out.glob("checkpoints/0000001600.weights.h5")
    h5py = pytest.importorskip("h5py")
    values = {}

    def read(name, item):
        if isinstance(item, h5py.Dataset):
            values[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(read)
    return values


@pytest.mark.once  # it passes on each, and takes minutes
def test_killed_runs_end_with_the_same_weights(tmp_path):
    generator = random.Random(keras.backend.backend())
    codes = [kill_at_random(tmp_path / "killed", generator) for _ in range(KILLS)]
    assert codes == [-signal.SIGKILL] * KILLS
    assert start(tmp_path / "killed").wait() == 0
    assert start(tmp_path / "whole").wait() == 0
    killed, whole = final_weights(tmp_path / "killed"), final_weights(tmp_path / "whole")
    assert killed.keys() == whole.keys() and len(whole) > 50
    for name, value in whole.items():
        np.testing.assert_array_equal(killed[name], value, err_msg=name)
    record = files.read_json(tmp_path / "killed" / "run.json")
    assert record["status"] == "complete" and len(record["starts"]) == KILLS + 1
