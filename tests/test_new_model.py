"""A model of your own takes three steps; this file takes them.

1. Write a subclass of `keras_acai.Autoencoder` under `@keras_acai.register("mine", title="Mine")`.
   It declares `players`, computes their losses in `objective`, and adds its own arguments in
   `__init__` and `get_config`. If its codes or images differ from the networks' outputs, it also
   overrides `to_code` or `to_image`.
2. A model of this package goes into `keras_acai/models/`, with a line in `registry.MODELS` and one
   in `models/__init__.py`. A model of another package is known once its module is imported.
3. Add small arguments for it to `ARGUMENTS` in `tests/conftest.py`. Every generic test then runs on
   it.

From then on it has presets, recipes, folders, commands and a column in the tables.
"""

import json

import keras
import numpy as np
import pytest
from keras import ops

import keras_acai
from keras_acai import presets, registry
from keras_acai.cli import app
from training import table

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="takes minutes to compile; the other backends cover it"
)


@pytest.fixture
def mine(registrations):
    """A registered model."""

    @keras_acai.register("mine", title="Mine")
    class Mine(keras_acai.Autoencoder):
        """Minimises mse(x, x̂) + pull·mean(z²): its codes stay near zero."""

        players = (
            keras_acai.Player(
                "autoencoder", ("encoder", "decoder"), ("reconstruction_loss", "pull_loss")
            ),
        )

        def __init__(self, *args, pull=0.1, **kwargs):
            super().__init__(*args, **kwargs)
            self.pull = pull

        def objective(self, x, training):
            losses, z, x_hat = super().objective(x, training)
            return losses | {"pull_loss": self.pull * ops.mean(z**2)}, z, x_hat

        def get_config(self):
            return {**super().get_config(), "pull": self.pull}

    return Mine


@pytest.fixture
def tiny_lines(monkeypatch):
    """Presets of lines whose models are small enough to train here."""
    tiny = presets.Sizes(depth=1, latent_channels=(2,), latent_width=2)
    monkeypatch.setitem(presets.SIZES, "lines", tiny)


def test_it_is_trained_saved_and_loaded(mine, x, y, tmp_path):
    model = mine(
        image_shape=(8, 8, 1), latent_width=2, latent_channels=3, depth=2, num_classes=4, pull=0.5
    )
    model.compile()
    history = model.fit(x, y, batch_size=6, epochs=2, verbose=0).history
    assert {"loss", "reconstruction_loss", "pull_loss", "probe_accuracy"} <= set(history)
    model.save_pretrained(tmp_path / "folder")
    model.save(tmp_path / "model.keras")
    for loaded in (
        keras_acai.load(tmp_path / "folder"),
        keras.saving.load_model(tmp_path / "model.keras"),
    ):
        assert type(loaded) is mine and loaded.pull == 0.5
        np.testing.assert_allclose(loaded.encode(x), model.encode(x), atol=1e-6)


@pytest.mark.once
def test_it_goes_through_the_commands_into_the_tables(mine, tiny_lines, go, out, capsys):
    assert keras_acai.list_models("mine-lines") == ["mine-lines"]
    assert go("--pull", "0.1", name="mine-lines") == 0
    assert json.loads((out / "run.json").read_text())["settings"]["pull"] == 0.1
    assert app.main(["evaluate", str(out), "--n-init", "1", "--write"]) == 0
    scores = json.loads((out / "metrics.json").read_text())["scores"]
    assert {"mean_distance", "smoothness", "rmse"} <= set(scores)
    capsys.readouterr()
    assert table.main([str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = next(line for line in lines if "| Baseline |" in line)
    ours = next(line for line in lines if line.startswith("| mean distance, ·10⁻³, here"))
    cells = dict(zip(heads.split(" | "), ours.split(" | "), strict=True))
    assert heads.rstrip("| ").endswith("| ACAI | Mine")
    assert float(cells["Mine |"].rstrip(" |")) == pytest.approx(
        1000 * scores["mean_distance"], abs=0.01
    )


def test_the_registry_is_clean_afterwards():
    assert "mine" not in registry.MODELS and registry.class_named("Mine") is None
    assert keras_acai.list_models("mine-*") == []
