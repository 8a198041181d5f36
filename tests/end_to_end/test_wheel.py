"""The wheel of a clean checkout works without network and source tree."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

import keras_acai
from training import packages

pytestmark = pytest.mark.once  # tests/zoo/test_shipped.py loads the weights on every backend
ROOT = pathlib.Path(keras_acai.__file__).parents[1]
BROUGHT = {".py", ".json", ".jinja", ".typed"}  # what a module needs at run time
OFFLINE = """
import socket
def connect(*arguments):
    raise OSError("no network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = connect
"""
LOAD = """
import pathlib, sys, keras_acai
assert pathlib.Path(keras_acai.__file__).is_relative_to(sys.argv[1]), keras_acai.__file__
for name in keras_acai.list_models(trained=True):
    model = keras_acai.load(name)
    assert model.probe is None or model.num_classes
    print(name, model.count_params())
"""
DRAW = """
import pathlib, sys
import keras_acai
from PIL import Image
folder = pathlib.Path(sys.argv[1])
folder.mkdir()
for number, image in enumerate(keras_acai.datasets.samples("mnist")[0][:20]):
    Image.fromarray(image[..., 0]).save(folder / f"{number}.png")
"""
LEFT_OUT = """
import keras_acai
try:
    keras_acai.load("vqvae-lines")
except keras_acai.LoadError as error:
    print(error)
print(keras_acai.info("vqvae-lines"))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the files that git tracks."""
    folder = tmp_path_factory.mktemp("wheel")
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    packages.copy_tracked(folder / "source")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder]
    built = subprocess.run([*command, folder / "source"], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """A folder with the installed wheel alone, where Python has no network."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    subprocess.run([*command, "--target", folder, wheel], check=True, capture_output=True)
    (folder / "sitecustomize.py").write_text(OFFLINE)
    return folder


@pytest.fixture
def run(site, tmp_path):
    """Runs a command outside the source tree → its output."""

    def run(*command):
        environment = os.environ | {"PYTHONPATH": str(site), "HF_HOME": str(tmp_path / "hf")}
        done = subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_it_is_small_and_whole(wheel):
    assert wheel.stat().st_size < 20_000_000
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("acai-lines", "acai-mnist", "acai-svhn"):
        assert f"keras_acai/weights/{name}/model.safetensors" in names
    files = [path for path in (ROOT / "keras_acai").rglob("*") if path.suffix in BROUGHT]
    assert {path.relative_to(ROOT).as_posix() for path in files} <= set(names)
    assert not [name for name in names if name.startswith(("training", "tests"))]


def test_models_load(run, site):
    names = run("-c", LOAD, site).split()
    assert {"acai-lines", "acai-mnist", "acai-svhn"} <= set(names)


def test_a_model_that_the_wheel_leaves_out(run):
    text = run("-c", LEFT_OUT)
    assert "in weights/ of a checkout" in text
    assert "not among the models that pip installs" in text and "weights/vqvae-lines" in text


def test_it_trains(run, site, tmp_path):
    command = site / "bin" / "keras-acai"
    run("-c", DRAW, tmp_path / "own")
    sizes = ["--size", 16, "--depth", 2, "--latent-width", 4, "--latent-channels", 2]
    short = ["--batch-size", 8, "--images", 32, "--checkpoint-every", 16, "--n-init", 1]
    run(command, "train", "acai", "--data", "own", *sizes, *short)
    record = json.loads((tmp_path / "runs" / "acai-own-fast-0" / "run.json").read_text())
    assert record["status"] == "complete" and "git_commit" not in record["starts"][0]
    data = ["--data", "own", "--n-init", 1, "--write"]
    assert "rmse" in run(command, "evaluate", "runs/acai-own-fast-0", *data)
    assert "mean distance" in run(command, "table", site / "keras_acai" / "weights")


def test_the_command(run, site, tmp_path):
    assert "acai-mnist" in run(site / "bin" / "keras-acai", "list", "--trained")
    for name in ("a.png", "b.png"):
        Image.fromarray(np.eye(40, dtype="uint8") * 255).save(tmp_path / name)
    arguments = ["interpolate", "a.png", "b.png", "--model", "acai-mnist"]
    assert run(site / "bin" / "keras-acai", *arguments) == "interpolation.png\n"
    assert (tmp_path / "interpolation.png").read_bytes().startswith(b"\x89PNG")
