"""A model saved on one backend gives the same codes on the next and resumes training there."""

import importlib.util
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from conftest import make

NEXT = {"torch": "tensorflow", "tensorflow": "jax", "jax": "torch"}  # each saves, each loads
RESUME = """
import sys
import keras
import numpy as np
import keras_acai
folder, names = sys.argv[1], sys.argv[2:]
for name in names:
    data = np.load(f"{folder}/{name}.npz")
    model = keras.saving.load_model(f"{folder}/{name}.keras")
    np.testing.assert_allclose(model.encode(data["x"]), data["codes"], atol=1e-5)
    np.testing.assert_allclose(model.decode(data["codes"]), data["images"], atol=1e-5)
    for index, variable in enumerate(model.optimizer.variables):
        value = keras.ops.convert_to_numpy(variable)
        np.testing.assert_array_equal(value, data[f"optimizer{index}"])
    model.fit(data["x"], data["y"], batch_size=6, verbose=0)
    bare = type(model).from_config(model.get_config())
    bare.load_weights(f"{folder}/{name}.weights.h5")
    np.testing.assert_allclose(bare.encode(data["x"]), data["codes"], atol=1e-5)
"""


def test_saved_models_give_the_same_codes_and_resume(tmp_path, x, y):
    other = NEXT[keras.backend.backend()]
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed")
    names = ["Autoencoder", "VAE", "AAE", "VQVAE", "ACAI"]
    for name in names:
        model = make(name)
        model.compile(probe_optimizer=keras.optimizers.Adam(1e-3) if name == "ACAI" else None)
        model.fit(x, y, batch_size=6, verbose=0)
        model.save(tmp_path / f"{name}.keras")
        model.save_weights(tmp_path / f"{name}.weights.h5")
        codes = model.encode(x)
        state = map(keras.ops.convert_to_numpy, model.optimizer.variables)
        np.savez(
            tmp_path / f"{name}.npz",
            x=x,
            y=y,
            codes=codes,
            images=model.decode(codes),
            **{f"optimizer{index}": value for index, value in enumerate(state)},
        )
    result = subprocess.run(
        [sys.executable, "-c", RESUME, str(tmp_path), *names],
        env={**os.environ, "KERAS_BACKEND": other},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
