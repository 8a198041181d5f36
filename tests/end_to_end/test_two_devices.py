"""Two devices log the losses of one device for the same global batches."""

import csv
import os
import socket
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from keras_acai import files

BACKEND = keras.backend.backend()
ARGUMENTS = (
    "--recipe paper --size 16 --depth 2 --latent-width 4 --latent-channels 2 --num-classes 2 "
    "--batch-size 8 --images 48 --checkpoint-every 24"
).split()
SMALL = {"vqvae": "--num-codes 8 --num-latents 2 --head-start 8".split()}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two classes of noise."""
    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3)).astype("uint8")
    for number, pixels in enumerate(noise):
        path = folder / str(number % 2) / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


def start(name, pictures, out, *arguments, **environment):
    command = [sys.executable, "-m", "training.train", name, "--data", str(pictures), *ARGUMENTS]
    command += [*SMALL.get(name, []), "--out", str(out), *arguments]
    environment = {**os.environ, **environment}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def check(*processes):
    for process in processes:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output


def losses(out):
    with open(out / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["images"] for row in rows][-2:] == ["24", "48"]
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "seconds"}


def check_same(one, two):
    one, two = losses(one), losses(two)
    assert one.keys() == two.keys() and {"loss", "probe_accuracy", "rmse"} <= one.keys()
    for name, values in one.items():
        np.testing.assert_allclose(two[name], values, rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("name", ["acai", pytest.param("vqvae", marks=pytest.mark.long)])
def test_two_devices(name, pictures, tmp_path):
    check(start(name, pictures, tmp_path / "one"))
    check(start(name, pictures, tmp_path / "two", "--devices", "2"))
    check_same(tmp_path / "one", tmp_path / "two")
    assert files.read_json(tmp_path / "two" / "run.json")["status"] == "complete"


@pytest.mark.long
@pytest.mark.skipif(BACKEND != "jax", reason="only JAX joins processes this way")
def test_two_processes(pictures, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    together = {
        "KERAS_DISTRIBUTION_JOB_ADDRESSES": address,
        "KERAS_DISTRIBUTION_NUM_PROCESSES": "2",
        "JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo",
    }
    check(start("acai", pictures, tmp_path / "one"))
    check(
        *[
            start(
                "acai", pictures, tmp_path / "two", **together, KERAS_DISTRIBUTION_PROCESS_ID=str(k)
            )
            for k in range(2)
        ]
    )
    check_same(tmp_path / "one", tmp_path / "two")


FIT_OUTSIDE_THE_SCOPE = """
import contextlib
import numpy as np
import tensorflow as tf

(cpu,) = tf.config.list_physical_devices("CPU")
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
import keras
import keras_acai

x = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 1)).astype("uint8")

def trained(scope):
    keras.utils.set_random_seed(0)
    with scope:
        model = keras_acai.Autoencoder(image_shape=(8, 8, 1), latent_width=2, depth=4)
        model.compile(keras.optimizers.Adam(1e-3, epsilon=1e-3, use_ema=True))
    model.fit(x, batch_size=16, epochs=3, shuffle=False, verbose=0)
    return model.get_weights()

mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
for one, two in zip(trained(contextlib.nullcontext()), trained(mirrored.scope())):
    np.testing.assert_allclose(two, one, atol=2e-5)
"""


@pytest.mark.skipif(BACKEND != "tensorflow", reason="only TensorFlow has a scope")
def test_fit_outside_the_scope_of_a_strategy():
    command = [sys.executable, "-c", FIT_OUTSIDE_THE_SCOPE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
