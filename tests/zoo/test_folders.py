"""A model's folder brings back the same model, or says why not."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import safetensors.numpy
from conftest import change_config, check_refused_load, make, weights_of

import keras_acai
from keras_acai import files
from keras_acai.zoo import folders, records


def test_every_model_comes_back(name, x, tmp_path):
    model = make(name)
    model.save_pretrained(tmp_path)
    loaded = folders.load(tmp_path)
    assert type(loaded) is type(model) and loaded.get_config() == model.get_config() | {
        "name": loaded.name
    }
    np.testing.assert_allclose(weights_of(loaded), weights_of(model), rtol=1e-6, atol=0)
    np.testing.assert_array_equal(loaded.encode(x), model.encode(x))
    np.testing.assert_array_equal(loaded.classify(x), model.classify(x))


@pytest.mark.once
def test_what_follows_from_the_rest_is_not_stored(x, tmp_path):
    model = make("VQVAE")
    model.compile()
    model.fit(x, epochs=3, batch_size=6, verbose=0)
    model.save_pretrained(tmp_path)
    arrays = safetensors.numpy.load_file(tmp_path / "model.safetensors")
    shapes = [array.shape for name, array in arrays.items() if name.startswith("bottleneck/")]
    one, two = model.bottleneck, folders.load(tmp_path).bottleneck
    assert shapes.count(tuple(one.means.shape)) == 1
    for name in ("means", "ema_count"):
        stored, back = (keras.ops.convert_to_numpy(getattr(b, name)) for b in (one, two))
        np.testing.assert_array_equal(stored, back)
    sums, again = (keras.ops.convert_to_numpy(b.ema_means) for b in (one, two))
    np.testing.assert_allclose(again, sums, rtol=1e-5, atol=1e-9)


def test_it_can_go_on_training(saved, x, y):
    model = folders.load(saved)
    model.compile()
    history = model.fit(x, y, batch_size=6, verbose=0).history
    assert np.isfinite(history["critic_loss"]).all()


def test_encoder_and_decoder_alone(saved, x):
    (saved / "players.safetensors").unlink()
    with pytest.raises(folders.FolderError, match=r"players\.safetensors is missing"):
        folders.load(saved)
    np.testing.assert_array_equal(
        folders.load(saved, players=False).encode(x), make("ACAI").encode(x)
    )


def test_mixed_precision_is_kept(tmp_path):
    make("VAE", dtype="mixed_bfloat16").save_pretrained(tmp_path)
    assert folders.load(tmp_path).dtype_policy.name == "mixed_bfloat16"


def test_another_precision(saved, x):
    kept, asked = folders.load(saved), folders.load(saved, dtype="mixed_bfloat16")
    assert asked.dtype_policy.name == "mixed_bfloat16"
    assert kept.dtype_policy.name == "float32"
    np.testing.assert_array_equal(asked.encoder.get_weights()[0], kept.encoder.get_weights()[0])
    np.testing.assert_allclose(asked.encode(x), kept.encode(x), rtol=0.1, atol=0.05)
    with pytest.raises(ValueError, match="dtype='int8'"):
        folders.load(saved, dtype="int8")


@pytest.mark.once
def test_weights_too_large_for_half_precision_are_refused(saved):
    model = folders.load(saved)
    model.encoder.weights[0].assign(np.full(model.encoder.weights[0].shape, 1e5))
    model.save_pretrained(saved)
    check_refused_load(
        "too large for float16, load it with dtype='mixed_float16'",
        folders.load,
        saved,
        dtype="float16",
    )
    assert folders.load(saved, dtype="mixed_float16").encoder.weights[0].dtype == "float32"


@pytest.mark.once
def test_changed_weights_are_refused(saved):
    content = bytearray((saved / "model.safetensors").read_bytes())
    content[-100] ^= 1
    (saved / "model.safetensors").write_bytes(content)
    with pytest.raises(folders.FolderError, match="has the wrong SHA-256"):
        folders.load(saved)


@pytest.mark.once
def test_weights_of_another_size_are_refused(saved):
    config = json.loads((saved / "config.json").read_text())
    change_config(saved, config=config["config"] | {"depth": 5})
    with pytest.raises(folders.FolderError, match="does not fit"):
        folders.load(saved)


@pytest.mark.once
def test_half_the_size(saved, x):
    make("ACAI").save_pretrained(saved, dtype="float16")
    np.testing.assert_allclose(folders.load(saved).encode(x), make("ACAI").encode(x), atol=1e-2)


@pytest.mark.once
@pytest.mark.parametrize(
    "options, message",
    [
        ({"metrics": {"accuracy": 1.0}}, "metrics has no 'scores': pass metrics="),
        ({"metrics": {"scores": {"rmse": "low"}}}, r"scores\['rmse'\] is 'low', expected float"),
        ({"run": [1]}, r"run is \[1\], expected an object: pass run="),
        ({"run": {"images": "many"}}, "images is 'many', expected int"),
        ({"run": {"starts": [1]}}, r"starts\[0\] is 1, expected an object"),
        ({"dtype": "int8"}, "use float16 or float32"),
    ],
)
def test_what_cannot_be_saved_harms_nothing(saved, x, options, message):
    with pytest.raises(ValueError, match=message):
        make("VAE").save_pretrained(saved, **options)
    np.testing.assert_array_equal(folders.load(saved).encode(x), make("ACAI").encode(x))


@pytest.mark.once
def test_a_model_that_diverged_harms_nothing(saved, x):
    model = make("ACAI")
    model.critic.weights[0].assign(np.full(model.critic.weights[0].shape, np.nan))
    with pytest.raises(ValueError, match="diverged"):
        model.save_pretrained(saved)
    np.testing.assert_array_equal(folders.load(saved).encode(x), make("ACAI").encode(x))
    assert sorted(path.name for path in saved.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
        "players.safetensors",
    ]


@pytest.mark.once
def test_a_writer_that_was_killed_while_it_moved_the_files(saved, x):
    model = make("ACAI", depth=2)
    model.save_pretrained(saved / files.READY)
    (saved / files.READY / "config.json").replace(saved / "config.json")  # killed after the first
    np.testing.assert_array_equal(folders.load(saved).encode(x), model.encode(x))
    assert not (saved / files.READY).exists()


@pytest.mark.once
def test_a_full_disk(saved, x):
    """Which the system reports when a file exceeds the limit that the process has."""
    code = (
        "import resource, sys, keras, conftest\n"
        "model = conftest.make('ACAI', depth=16)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000,) * 2)\n"
        "try: model.save_pretrained(sys.argv[1])\n"
        "except OSError as error: sys.exit(f'{error}')\n"
    )
    command = [sys.executable, "-c", code, saved]
    tests = str(pathlib.Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([tests, *sys.path])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "[Errno 27]" in done.stderr, done.stderr
    np.testing.assert_array_equal(folders.load(saved).encode(x), make("ACAI").encode(x))
    assert not list(saved.glob(".part-*"))


@pytest.mark.once
def test_a_class_of_ones_own_is_not_saved(tmp_path):
    class Mine(keras_acai.ACAI):
        pass

    with pytest.raises(ValueError, match="only rebuild registered classes, not Mine"):
        Mine(image_shape=(8, 8, 1), latent_width=2, depth=2).save_pretrained(tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


@pytest.mark.once
def test_arguments_that_load_would_refuse_are_not_saved(tmp_path, monkeypatch):
    model = make("ACAI")
    config = model.get_config() | {"gamma": "high"}
    monkeypatch.setattr(model, "get_config", lambda: config)
    with pytest.raises(ValueError, match=r"could not rebuild this model \('gamma' is 'high'\)"):
        model.save_pretrained(tmp_path / "acai")
    assert not list((tmp_path / "acai").iterdir())


@pytest.mark.once
def test_scores_and_records_that_are_new_to_us(saved):
    metrics = {"scores": {"accuracy": 0.9, "rmse": None}}
    make("ACAI").save_pretrained(saved, metrics=metrics, run={"starts": [{}], "by": "hand"})
    assert "| accuracy | 0.90 |" in (saved / "README.md").read_text()


@pytest.mark.once
def test_scores_belong_to_weights(saved):
    model = make("ACAI")
    model.save_pretrained(saved, metrics={"scores": {"rmse": 1.5}}, run={"steps": 3})
    assert records.read_metrics(saved).scores == {"rmse": 1.5}
    assert records.read_run(saved).more == {"steps": 3}
    assert "| rmse, of 255 | 1.50 |" in (saved / "README.md").read_text()
    make("ACAI", depth=2).save_pretrained(saved)
    assert records.read_metrics(saved) is None and records.read_run(saved) is None


@pytest.mark.once
def test_pictures_of_other_weights_are_deleted(saved):
    (saved / "interpolations.png").write_bytes(b"a picture")
    make("ACAI").save_pretrained(saved)
    assert "![" in (saved / "README.md").read_text()
    make("ACAI", latent_channels=2).save_pretrained(saved)
    assert not (saved / "interpolations.png").exists()
    assert "![" not in (saved / "README.md").read_text()


@pytest.mark.once
def test_a_card_written_by_hand_is_kept(saved):
    (saved / "README.md").write_text("By hand.")
    make("ACAI").save_pretrained(saved)
    assert (saved / "README.md").read_text() == "By hand."


@pytest.mark.once
@pytest.mark.parametrize(
    "name, options", [("ACAI", {"critic_depth": 40}), ("AAE", {"critic_units": (900, 900)})]
)
def test_without_players_a_large_critic_is_made(tmp_path, name, options, x):
    make(name, **options).save_pretrained(tmp_path)
    model = folders.load(tmp_path, players=False)
    np.testing.assert_array_equal(model.encode(x), make(name, **options).encode(x))


@pytest.mark.once
def test_a_folder_of_another_library(tmp_path):
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}')
    check_refused_load("does not describe a keras_acai model", folders.load, tmp_path)


@pytest.mark.once
def test_nothing_but_the_folder_is_touched(saved, tmp_path, monkeypatch):
    """Neither by a load nor by one that is refused."""
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    folders.load(saved)
    change_config(saved, **{"class": "../../Lambda"})
    check_refused_load("newer", folders.load, saved)
    assert sorted(tmp_path.rglob("*")) == before


def test_without_players_there_is_no_probe(saved, x, y):
    model = folders.load(saved, players=False)
    assert model.probe is None
    assert not np.allclose(weights_of(model.critic), 0)
    model.compile()
    assert np.isfinite(model.fit(x, batch_size=6, verbose=0).history["critic_loss"]).all()


@pytest.mark.once
def test_no_model_there(tmp_path):
    with pytest.raises(folders.FolderError, match="none does not exist: pass a folder"):
        folders.load(tmp_path / "none")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    with pytest.raises(folders.FolderError, match="is an unfinished run: rerun the same command"):
        folders.load(tmp_path / "run")
    with pytest.raises(folders.FolderError, match=r"has no config\.json"):
        folders.load(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(folders.FolderError, match="corrupt"):
        folders.load(tmp_path)


@pytest.mark.once
def test_saving_again_leaves_no_stale_file(tmp_path, x):
    make("ACAI").save_pretrained(tmp_path)
    model = make("Autoencoder", num_classes=None)
    model.save_pretrained(tmp_path)
    loaded = folders.load(tmp_path)
    assert type(loaded).__name__ == "Autoencoder"
    np.testing.assert_array_equal(loaded.encode(x), model.encode(x))
    assert keras.ops.convert_to_numpy(loaded.encoder.weights[0]).shape[-1] == model.depth


@pytest.mark.once
def test_files_of_other_programs_in_the_folder(tmp_path, x):
    """A record that is not ours counts as missing; a config that is not ours is kept."""
    (tmp_path / "metrics.json").write_text('{"loss": 1}\n{"loss": 2}\n')
    (tmp_path / "run.json").write_text("")
    make("ACAI").save_pretrained(tmp_path)
    assert folders.load(tmp_path).provenance.metrics is None
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ValueError, match=r"config\.json belongs to another program: save into"):
        make("ACAI").save_pretrained(tmp_path)
    assert "bert" in (tmp_path / "config.json").read_text()


@pytest.mark.once
def test_reading_changes_nothing_in_the_folders_of_others(tmp_path):
    for name in ("src", ".new/src"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "src" / "thesis.py").write_text("mine")
    check_refused_load("has no config.json", keras_acai.info, tmp_path)
    assert (tmp_path / "src" / "thesis.py").exists() and (tmp_path / ".new" / "src").exists()
