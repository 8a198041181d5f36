"""The demo trains, and writes the picture that its output names."""

import subprocess
import sys

import keras
import pytest

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="takes minutes to compile; the other backends cover it"
)
NO_NETWORK = """
import keras_acai
from keras_acai.datasets import tfds
def prepare(*arguments):
    raise keras_acai.datasets.DatasetError("no network")
tfds.prepare = prepare
"""


@pytest.mark.parametrize("real", [pytest.param(False, marks=pytest.mark.once), True])
def test_demo(real, tmp_path, request, monkeypatch):
    if real:
        monkeypatch.setenv("TFDS_DATA_DIR", request.getfixturevalue("tfds_dir"))
    code = ("" if real else NO_NETWORK) + "import sys, training.demo as demo; sys.exit(demo.main())"
    path = tmp_path / "strip.png"
    command = [sys.executable, "-c", code, "--seconds", "3", "--out", str(path)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "mean distance, ·10⁻³" in result.stdout and "0.24±0.01" in result.stdout
    assert ("joint probe" if real else "No digits: no network") in result.stdout
    assert f"Wrote {path}" in result.stdout and "grey levels of error so far" in result.stdout
    assert path.read_bytes().startswith(b"\x89PNG")
