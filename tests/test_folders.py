"""A model's folder brings back the same model, or says why not."""

import json

import keras
import numpy as np
import pytest
from conftest import make, weights_of

from keras_acai import folders


@pytest.fixture
def saved(tmp_path):
    make("ACAI").save_pretrained(tmp_path / "acai")
    return tmp_path / "acai"


def change(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_every_model_comes_back(name, x, tmp_path):
    model = make(name)
    model.save_pretrained(tmp_path)
    loaded = folders.load(tmp_path)
    assert type(loaded) is type(model) and loaded.get_config() == model.get_config() | {
        "name": loaded.name
    }
    np.testing.assert_array_equal(weights_of(loaded), weights_of(model))
    np.testing.assert_array_equal(loaded.encode(x), model.encode(x))
    np.testing.assert_array_equal(loaded.classify(x), model.classify(x))


def test_it_can_go_on_training(saved, x, y):
    model = folders.load(saved)
    model.compile()
    history = model.fit(x, y, batch_size=6, verbose=0).history
    assert np.isfinite(history["critic_loss"]).all()


def test_encoder_and_decoder_alone(saved, x):
    (saved / "players.weights.h5").unlink()
    with pytest.raises(folders.FolderError, match=r"players\.weights\.h5 is missing"):
        folders.load(saved)
    np.testing.assert_array_equal(
        folders.load(saved, players=False).encode(x), make("ACAI").encode(x)
    )


def test_mixed_precision_is_kept(tmp_path):
    make("VAE", dtype="mixed_bfloat16").save_pretrained(tmp_path)
    assert folders.load(tmp_path).dtype_policy.name == "mixed_bfloat16"


def test_changed_weights_are_refused(saved):
    content = bytearray((saved / "model.weights.h5").read_bytes())
    content[-100] ^= 1
    (saved / "model.weights.h5").write_bytes(content)
    with pytest.raises(folders.FolderError, match="is not the file"):
        folders.load(saved)


def test_weights_of_another_size_are_refused(saved):
    config = json.loads((saved / "config.json").read_text())
    change(saved, config=config["config"] | {"depth": 5})
    with pytest.raises(folders.FolderError, match="does not fit"):
        folders.load(saved)


@pytest.mark.parametrize(
    "changes, message",
    [({"format": 2}, "upgrade"), ({"class": "GAN"}, "newer"), ({"class": "keras"}, "newer")],
)
def test_other_formats(saved, changes, message):
    change(saved, **changes)
    with pytest.raises(folders.FolderError, match=message):
        folders.load(saved)


def test_no_model_there(tmp_path):
    with pytest.raises(folders.FolderError, match="holds no config"):
        folders.load(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(folders.FolderError, match="damaged"):
        folders.load(tmp_path)


def test_saving_again_leaves_no_stale_file(tmp_path, x):
    make("ACAI").save_pretrained(tmp_path)
    model = make("Autoencoder", num_classes=None)
    model.save_pretrained(tmp_path)
    loaded = folders.load(tmp_path)
    assert type(loaded).__name__ == "Autoencoder"
    np.testing.assert_array_equal(loaded.encode(x), model.encode(x))
    assert keras.ops.convert_to_numpy(loaded.encoder.weights[0]).shape[-1] == model.depth
