"""Two distributions of one setup.cfg: the core needs no TensorFlow, the whole brings it."""

import configparser
import os
import subprocess
import sys
import tarfile
import zipfile

import pytest

from keras_acai.version import __version__
from training import packages

pytestmark = pytest.mark.once
HOME = "https://example.org/keras_acai/blob/v1"
WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = sys.modules["tensorflow_datasets"] = None
import keras_acai
model = keras_acai.load("acai-mnist")
print(model.encode(keras_acai.datasets.samples("mnist")[0][:2]).shape)
"""


def setup_of(folder):
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(folder / "setup.cfg")
    return setup


def names(requirements):
    return {packages._name(line) for line in requirements.split("\n") if line}


@pytest.fixture
def tracked(monkeypatch):
    """Few files of the checkout."""
    few = ["setup.cfg", "README.md", "keras_acai/version.py"]
    monkeypatch.setattr(packages, "_tracked", lambda: few)


def test_the_core_requires_no_tensorflow(tracked, tmp_path):
    packages.prepare_core(tmp_path / "core", HOME)
    setup = setup_of(tmp_path / "core")
    assert setup["metadata"]["name"] == "keras-acai-core"
    assert "keras" in names(setup["options"]["install_requires"])
    assert not set(packages.TENSORFLOW) & names(setup["options"]["install_requires"])
    assert "keras_acai.models" in setup["options"]["packages"]


def test_the_whole_requires_the_core_and_tensorflow(tmp_path):
    packages.prepare_whole(tmp_path / "whole")
    setup = setup_of(tmp_path / "whole")
    required = names(setup["options"]["install_requires"])
    assert required == {packages.CORE, *packages.TENSORFLOW}
    ours = setup_of(packages.ROOT)
    extras = setup["options.extras_require"]
    assert set(extras) == set(ours["options.extras_require"])
    assert extras["onnx"].strip() == f"keras-acai-core[onnx]=={__version__}"
    both = names(setup["options"]["install_requires"]) - {packages.CORE}
    assert both < names(ours["options"]["install_requires"])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("![A](docs/a.png)", "![A](https://example.org/keras_acai/raw/v1/docs/a.png)"),
        ("[b](docs/b.md#c)", f"[b]({HOME}/docs/b.md#c)"),
        ("[c](#c), [d](https://d.org)", "[c](#c), [d](https://d.org)"),
    ],
)
def test_links_for_the_index(text, expected):
    assert packages.absolute_links(text, HOME) == expected


def test_the_readme_has_no_relative_link_left(tracked, tmp_path):
    packages.prepare_core(tmp_path / "core", HOME)
    assert not packages.RELATIVE.findall((tmp_path / "core" / "README.md").read_text())


@pytest.mark.long
def test_the_archives(tmp_path, capsys):
    assert packages.main(["--out", str(tmp_path / "dist"), "--home", HOME]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    core = tmp_path / "dist" / f"keras_acai_core-{__version__}"
    files = tarfile.open(f"{core}.tar.gz").getnames()
    inside = {name.partition("/")[2] for name in files}
    assert {"training/train.py", "docs/own.md", "tests/conftest.py", "Makefile"} <= inside
    wheel = f"{core}-py3-none-any.whl"
    assert "keras_acai_training/train.py" in zipfile.ZipFile(wheel).namelist()
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target"]
    subprocess.run([*install, tmp_path / "site", wheel], check=True, capture_output=True)
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == "(2, 4, 4, 16)\n", done.stderr
