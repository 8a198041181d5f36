"""The demo trains, and writes the picture that it says it writes."""

import subprocess
import sys

import keras
import pytest

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="takes minutes to compile; the others run it"
)


@pytest.mark.parametrize("real", [False, True])
def test_demo(real, tmp_path, request, monkeypatch):
    if real:
        monkeypatch.setenv("TFDS_DATA_DIR", request.getfixturevalue("tfds_dir"))
    else:
        monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    code = "import training.demo as demo; demo.main()"
    if not real:  # as on a machine without the internet
        code = (
            "import keras_acai.datasets as d\n"
            "def fail(*_): raise d.DatasetError('no network')\n"
            f"d._prepare = fail\n{code}"
        )
    path = tmp_path / "strip.png"
    command = [sys.executable, "-c", code, "--seconds", "3", "--out", str(path)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert ("ACAI on MNIST" if real else "ACAI on lines") in result.stdout
    assert f"Wrote {path}" in result.stdout
    assert path.read_bytes().startswith(b"\x89PNG")
