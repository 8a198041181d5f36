"""The demo trains, and writes the picture that its output names."""

import subprocess
import sys

import pytest
from PIL import Image


@pytest.mark.once
def test_demo(tmp_path, monkeypatch):
    """On the default backend, without network and data, and with a quiet stderr."""
    for name in ("TFDS_DATA_DIR", "KERAS_ACAI_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "strip.png"
    command = [sys.executable, "-m", "training.demo", "--seconds", "3", "--out", str(path)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    assert "mean distance, ·10⁻³" in result.stdout and "0.24±0.01" in result.stdout
    assert "grey levels away" in result.stdout and f"Wrote {path}" in result.stdout.splitlines()[-1]
    with Image.open(path) as picture:
        assert picture.width > picture.height > 300
    assert not (tmp_path / "none").exists()
