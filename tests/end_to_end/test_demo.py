"""The demo trains, and writes the picture that its output names."""

import subprocess
import sys

import keras
import pytest
from PIL import Image

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="takes minutes to compile; the other backends cover it"
)


def test_demo(tmp_path, monkeypatch):
    """Without a network and without data, and with nothing on stderr but what we say."""
    for name in ("TFDS_DATA_DIR", "KERAS_ACAI_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    path = tmp_path / "strip.png"
    command = [sys.executable, "-m", "training.demo", "--seconds", "3", "--out", str(path)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    assert "mean distance, ·10⁻³" in result.stdout and "0.24±0.01" in result.stdout
    assert "grey levels away" in result.stdout and f"Wrote {path}" in result.stdout.splitlines()[-1]
    with Image.open(path) as picture:
        assert picture.width > picture.height > 300
    assert not (tmp_path / "none").exists()
