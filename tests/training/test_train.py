"""A run goes on where it was, says what happened to it, and loses nothing to bad luck."""

import csv
import json
import shutil
import signal

import keras
import numpy as np
import pytest
from conftest import SMALL_RUN, make
from PIL import Image

from keras_acai import VQVAE, datasets, files
from keras_acai.evaluation import scores
from keras_acai.zoo import folders
from training import callbacks, evaluate, train
from training.recipes import Recipe
from training.run import Run


def rows(out):
    with open(out / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def once(parameter):
    return pytest.param(parameter, marks=pytest.mark.once)


def record(out):
    return json.loads((out / "run.json").read_text())


def weights(out, images=96):
    """Everything in a checkpoint: weights, optimizer, seed."""
    model = train.build(record(out)["settings"] | {"image_shape": (32, 32, 1)})
    model.optimizer.build(model.trainable_variables)
    model.load_weights(out / "checkpoints" / f"{images:010}.weights.h5")
    return [keras.ops.convert_to_numpy(v) for v in (*model.variables, *model.optimizer.variables)]


def check_same(out, other, images=96):
    for one, two in zip(weights(out, images), weights(other, images)):
        np.testing.assert_array_equal(one, two)


@pytest.fixture
def stopped(monkeypatch):
    """Makes the scores after the checkpoint of so many images do something."""

    def at(images, action):
        quick = scores.quick
        seen = []

        def spy(model, data):
            seen.append(int(model.optimizer.iterations) * 8)
            if seen.count(images) == 1 and seen[-1] == images:  # the first time only
                action()
            return quick(model, data)

        monkeypatch.setattr(scores, "quick", spy)

    return at


@pytest.fixture(scope="module")
def whole(tmp_path_factory, eager):
    """A run that nothing happened to."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    command = ["acai-lines", "--recipe", "paper", *SMALL_RUN, "--seed", "4", "--out", str(out)]
    assert train.main(command) == 0
    return out


def test_a_run_leaves_a_record_and_a_model(whole):
    out, done = whole, record(whole)
    assert done["status"] == "complete" and done["images"] == 96 and done["seconds"] > 0
    assert done["settings"]["seed"] == 4 and done["settings"]["depth"] == 1
    assert len(done["data"]["sha256"]) == 64
    (start,) = done["starts"]
    assert start["backend"] == keras.backend.backend() and start["versions"]["keras"]
    assert [int(row["images"]) for row in rows(out)] == [32, 64, 96]
    assert {"loss", "critic_loss", "test_rmse", "test_mean_distance"} <= set(rows(out)[0])
    assert len(list((out / "checkpoints").iterdir())) == 2
    metrics = json.loads((out / "metrics.json").read_text())
    assert set(metrics["scores"]) == {"mean_distance", "smoothness", "rmse"}
    assert metrics["paper"]["mean_distance"] == [0.00024, 0.00001]
    assert (out / "interpolations.png").read_bytes().startswith(b"\x89PNG")
    model = folders.load(out)
    assert model.code_size == 8 and model.depth == 1
    assert list((out / "logs").glob("events*"))


def test_logs_hold_scalars_and_pictures(whole):
    event_file = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    logs = event_file.EventAccumulator(str(whole / "logs"))
    logs.Reload()
    tags = logs.Tags()
    assert {"loss", "test_mean_distance", "learning_rate"} <= set(tags["scalars"])
    assert set(tags["images"]) == {"interpolations", "reconstructions"}
    assert [event.step for event in logs.Scalars("loss")] == [32, 64, 96]


@pytest.mark.once
def test_a_complete_run_is_left_alone(whole, go, capsys):
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*.h5")}
    assert go(out=whole) == 0 and "is complete" in capsys.readouterr().out
    assert before == {path: path.stat().st_mtime_ns for path in whole.rglob("*.h5")}


@pytest.mark.once
def test_another_setting_needs_another_folder(whole, go, capsys):
    assert go("--gamma", "0.5", out=whole) == 1
    assert "gamma = 0.2, not --gamma 0.5" in capsys.readouterr().err


@pytest.mark.parametrize("stop", [32, once(64)])
def test_ctrl_c_stops_with_a_checkpoint_and_the_command_goes_on(go, out, whole, stopped, stop):
    stopped(stop, lambda: signal.raise_signal(signal.SIGINT))
    assert go() == 130
    assert record(out)["status"] == "interrupted" and record(out)["images"] == stop + 8
    assert go() == 0
    assert [int(row["images"]) for row in rows(out)] == sorted([32, 64, 96, stop + 8])
    assert len(record(out)["starts"]) == 2
    check_same(out, whole)


@pytest.mark.once
def test_ctrl_c_twice_stops_at_once(go, out, stopped, monkeypatch):
    monkeypatch.setattr(callbacks, "GRACE", 0)
    stopped(64, lambda: [signal.raise_signal(signal.SIGINT) for _ in range(2)])
    assert go() == 130
    assert record(out)["images"] == 32 and go() == 0


@pytest.mark.once
def test_full_disk_keeps_the_last_checkpoint(go, out, whole, monkeypatch, capsys):
    synced = files._sync

    def fail(path):
        if path.name == "0000000064.weights.h5":
            raise OSError(28, "No space left on device")
        synced(path)

    monkeypatch.setattr(files, "_sync", fail)
    assert go() == 1 and "No space left" in capsys.readouterr().err
    assert [path.name for path in (out / "checkpoints").iterdir()] == ["0000000032.weights.h5"]
    monkeypatch.setattr(files, "_sync", synced)
    assert go() == 0
    assert [int(row["images"]) for row in rows(out)] == [32, 64, 96]
    check_same(out, whole)


@pytest.mark.once
@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_damaged_checkpoint_goes_back_to_the_one_before(go, out, whole, stopped, capsys, damage):
    stopped(64, lambda: signal.raise_signal(signal.SIGINT))
    go()
    newest = Run(out).checkpoints[-1]
    content = bytearray(newest.read_bytes())
    content[-500] ^= 1
    newest.write_bytes(content[:1000] if damage == "cut" else content)
    (out / "config.json").unlink(missing_ok=True)
    assert evaluate.main([str(out), "--dry-run"]) == 0 and newest.exists()
    assert go() == 0
    shown = capsys.readouterr().out
    assert "going back to the one before" in shown and "after 64 of 96 images" in shown
    check_same(out, whole)


@pytest.mark.once
def test_a_run_without_its_record_is_not_taken_over(go, out, stopped, capsys):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    go()
    (out / "run.json").unlink()
    before = Run(out).checkpoints
    assert go() == 1 and "but no run.json" in capsys.readouterr().err
    assert Run(out).checkpoints == before


def test_nan_in_the_last_step_before_a_checkpoint(go, out, capsys):
    assert go("--learning-rate", "1e30", "--checkpoint-every", "8") == 3
    assert "at image" in capsys.readouterr().err
    assert record(out)["status"] == "diverged"
    for images in [Run(out).images] if Run(out).checkpoints else []:
        assert all(np.isfinite(value).all() for value in weights(out, images))


@pytest.mark.once
def test_settings_may_change_before_the_first_checkpoint(go, out):
    assert go("--batch-size", "1") == 1  # ACAI mixes two
    assert record(out)["settings"]["batch_size"] == 1
    assert go() == 0 and record(out)["settings"]["batch_size"] == 8


@pytest.mark.once
def test_damaged_history(go, out, stopped, capsys):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    go()
    (out / "history.csv").write_text("images,seconds\nabc,1\n")
    assert go() == 1
    assert "history.csv is damaged" in capsys.readouterr().err


def test_nan_ends_the_run_and_keeps_the_last_good_checkpoint(go, out, monkeypatch, capsys):
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([5, 6], [1e-3, 1e30, 1e-3])
    monkeypatch.setattr(Recipe, "schedule_of", lambda self, highest: rate)
    assert go() == 3
    error = capsys.readouterr().err
    assert "loss" in error and "at image" in error and "--learning-rate" in error
    assert record(out)["status"] == "diverged" and record(out)["reason"] in error
    assert Run(out).images == 32
    for value in weights(out, 32):
        assert np.all(np.isfinite(value))


@pytest.mark.once
def test_pictures_beyond_all_bounds_end_the_run(go, out, monkeypatch, capsys):
    """Losses that explode need not become infinite."""
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([5, 6], [1e-3, 1.0, 1e-3])
    monkeypatch.setattr(Recipe, "schedule_of", lambda self, highest: rate)
    assert go() == 3
    assert "times as strong" in capsys.readouterr().err and Run(out).images == 32


@pytest.mark.once
def test_two_at_once_are_kept_apart(go, out, capsys):
    with Run(out).locked():
        assert go() == 1
    assert "Another process trains" in capsys.readouterr().err


@pytest.mark.once
def test_folder_that_cannot_be_written(go, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert go(out=tmp_path / "file" / "run") == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.once
@pytest.mark.parametrize("content", ["{", "[1]", "{}", '{"settings": {}, "data": {}}'])
def test_damaged_record(go, out, capsys, content):
    out.mkdir()
    (out / "run.json").write_text(content)
    assert go() == 1 and "run.json is" in capsys.readouterr().err


@pytest.mark.once
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--latent-width", "5"], "latent_width"),
        (["--depth", "0"], "depth=0"),
        (["--size", "0"], "image_shape=0"),
        (["--devices", "0"], "--devices 0"),
    ],
)
def test_sizes_that_do_not_fit(go, capsys, arguments, message):
    assert go(*arguments) == 1
    assert message in capsys.readouterr().err


@pytest.mark.once
def test_colour_data_for_a_grey_model(go, monkeypatch, capsys):
    colour = np.zeros((20, 32, 32, 3), "uint8"), np.arange(20) % 10
    monkeypatch.setattr(datasets.splits, "load", lambda *arguments: colour)
    assert go(name="acai-mnist") == 1
    error = capsys.readouterr().err
    assert "(32, 32, 3), but the model takes (32, 32, 1)" in error and "--image-shape" in error


@pytest.mark.once
def test_classes_that_a_probe_does_not_have(go, monkeypatch, capsys):
    data = np.zeros((20, 32, 32, 1), "uint8"), np.arange(20)
    monkeypatch.setattr(datasets.splits, "load", lambda *arguments: data)
    assert go(name="acai-mnist") == 1
    assert "--num-classes 20" in capsys.readouterr().err


@pytest.mark.parametrize("below", ["", "2024"])
def test_own_pictures(go, out, tmp_path, below):
    folder = tmp_path / "lines"
    (folder / below).mkdir(parents=True)
    for number in range(20):
        Image.new("RGB", (40, 50), (number * 10, 99, 0)).save(folder / below / f"{number:02}.png")
    assert go("--data", str(folder), "--size", "16", "--latent-width", "4", name="acai") == 0
    assert record(out)["data"]["name"] == "pictures/lines"
    assert set(json.loads((out / "metrics.json").read_text())["scores"]) == {"rmse"}


@pytest.mark.once
def test_missing_pictures(go, tmp_path, capsys):
    assert go("--data", str(tmp_path / "none"), name="acai") == 1
    assert "is not a folder" in capsys.readouterr().err


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="minutes to compile; others run it")
@pytest.mark.parametrize(
    "name", ["aae-lines", *map(once, ("vae-lines", "vqvae-lines", "dropout-lines"))]
)
def test_other_models_go_on_too(name, go, out, tmp_path, stopped):
    small = ["--num-codes", "16", "--num-latents", "2"] if name == "vqvae-lines" else []
    stopped(64, lambda: signal.raise_signal(signal.SIGINT))
    assert go(*small, name=name) == 130 and go(*small, name=name) == 0
    assert go(*small, name=name, out=tmp_path / "whole") == 0
    check_same(out, tmp_path / "whole")


@pytest.mark.once
def test_plan():
    recipe = Recipe(images=1000, batch_size=10, checkpoint_every=300)
    assert train.plan(0, recipe) == [(30, 3), (10, 1)]
    assert train.plan(25, recipe) == [(5, 1), (30, 2), (10, 1)]
    assert train.plan(95, recipe) == [(5, 1)]
    assert train.plan(100, recipe) == []


@pytest.mark.once
def test_an_epoch_ends_where_a_phase_does():
    recipe = Recipe(images=1000, batch_size=10, checkpoint_every=500, head_start=200)
    assert train.plan(0, recipe) == [(20, 1), (30, 1), (50, 1)]
    recipe = Recipe(images=1000, batch_size=10, checkpoint_every=300, cooldown=500)
    assert train.plan(0, recipe) == [(30, 1), (20, 1), (10, 1), (30, 1), (10, 1)]
    assert train.plan(50, recipe) == [(10, 1), (30, 1), (10, 1)]
    assert train.plan(0, Recipe(images=60, batch_size=10, cooldown=60)) == [(6, 1)]


@pytest.mark.once
def test_the_critic_has_no_say_in_the_cooldown(go, out, tmp_path, stopped):
    stopped(64, lambda: signal.raise_signal(signal.SIGINT))
    assert go("--cooldown", "48") == 130 and go("--cooldown", "48") == 0
    verdicts = {int(row["images"]): float(row["adversarial_loss"]) for row in rows(out)}
    assert sorted(verdicts) == [32, 48, 64, 96]
    assert [images for images, verdict in verdicts.items() if verdict] == [32, 48]
    assert all(float(row["mixing_loss"]) for row in rows(out))  # it still learns
    assert folders.load(out).adversarial_weight == 0.5
    other = tmp_path / "other"
    assert go("--cooldown", "48", out=other) == 0
    check_same(out, other)


@pytest.mark.once
def test_the_critic_has_no_say_in_the_head_start(go, out, tmp_path, stopped):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    command = ["--head-start", "40", "--images", "192", "--adversarial-weight", "0.1"]
    assert go(*command, name="aae-lines") == 130 and go(*command, name="aae-lines") == 0
    verdicts = {int(row["images"]): float(row["adversarial_loss"]) for row in rows(out)}
    assert [images for images, verdict in verdicts.items() if verdict] == [64, 96, 128, 160, 192]
    assert sorted(verdicts) == [32, 40, 64, 96, 128, 160, 192]
    assert folders.load(out).adversarial_weight == 0.1
    other = tmp_path / "other"
    assert go(*command, name="aae-lines", out=other) == 0
    check_same(out, other, 192)


@pytest.mark.parametrize("stop", [once(32), 40])
def test_a_vqvae_has_vectors_of_the_data_after_its_head_start(go, out, tmp_path, stopped, stop):
    command = "--num-codes 32 --head-start 40 --cooldown 48 --images 192".split()
    stopped(stop, lambda: signal.raise_signal(signal.SIGINT))
    assert go(*command, name="vqvae-lines") == 130 and record(out)["images"] == stop
    assert go(*command, name="vqvae-lines") == 0
    losses = {int(row["images"]): float(row["commitment_loss"]) for row in rows(out)}
    assert [images for images, loss in losses.items() if not loss] == [32, 40]
    other = tmp_path / "other"
    assert go(*command, name="vqvae-lines", out=other) == 0
    check_same(out, other, 192)
    assert folders.load(out).quantises


@pytest.mark.once
def test_vectors_are_taken_once_and_only_after_a_head_start(go, tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(VQVAE, "adapt", lambda self, images: taken.append(images))
    assert go("--num-codes", "128", name="vqvae-lines", out=tmp_path / "none") == 0
    assert taken == []
    command = ["--num-codes", "128", "--head-start", "40", "--images", "160"]
    assert go(*command, name="vqvae-lines", out=tmp_path / "some") == 0
    stream = datasets.EndlessLines(8, seed=4, start=5, labelled=False)
    assert len(taken) == 1  # ten vectors of each image
    np.testing.assert_array_equal(taken[0], np.concatenate([stream[0], stream[1]]))


def test_left_out_for_as_long_as_it_lasts(x):
    model = make("VQVAE")
    model.compile(keras.optimizers.Adam(3e-3))
    losses = []
    for phase in ("between", "head_start", "cooldown"):
        with train.without(model, train.LEFT_OUT[phase]):
            history = model.fit(x, batch_size=6, epochs=1, verbose=0).history
        losses += history["commitment_loss"]
    assert losses[0] > 0 and losses[1] == 0 and losses[2] > 0


@pytest.mark.once
def test_a_run_begins_with_a_trained_model(go, out, tmp_path, whole, stopped):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    more = ["--start", str(whole), "--seed", "5"]
    assert go(*more) == 130
    assert go(*more) == 0
    done, first = record(out), record(whole)
    kept = {key: first[key] for key in ("settings", "data", "starts", "seconds")}
    sha256 = json.loads((whole / "config.json").read_text())["sha256"]
    assert done["before"] == {"start": whole.name, "images": 96, "sha256": sha256} | kept
    assert done["images"] == 2 * 96 and Run(out).images == 96
    assert json.loads((out / "metrics.json").read_text())["images"] == 2 * 96
    other = tmp_path / "other"
    assert go(*more, out=other) == 0
    check_same(out, other)


@pytest.mark.once
def test_it_begins_with_these_weights(go, out, whole):
    assert go("--start", str(whole), "--learning-rate", "1e-30") == 0
    for one, two in zip(folders.load(out).get_weights(), folders.load(whole).get_weights()):
        np.testing.assert_allclose(one, two, atol=1e-6)


@pytest.mark.once
@pytest.mark.parametrize("arguments", [["--latent-channels", "3"], ["--depth", "2"]])
def test_a_start_of_another_size(go, out, whole, capsys, arguments):
    assert go("--start", str(whole), *arguments) == 1
    assert f"{whole} is a model of another class or size" in capsys.readouterr().err
    assert not Run(out).checkpoints


@pytest.mark.once
def test_a_start_of_another_class(go, out, tmp_path, capsys):
    start = tmp_path / "start"
    assert go("--images", "8", name="ae-lines", out=start) == 0
    assert go("--start", str(start), name="denoising-lines") == 1
    assert "another class or size" in capsys.readouterr().err and not Run(out).checkpoints


@pytest.mark.once
def test_a_start_that_is_not_there(go, out, tmp_path, capsys):
    assert go("--start", str(tmp_path / "none")) == 1
    assert (
        "none does not exist: pass a folder" in capsys.readouterr().err and not Run(out).checkpoints
    )


@pytest.mark.once
def test_a_model_of_another_run_is_not_overwritten(go, out, whole, capsys):
    """Whose checkpoints are gone, or which never had any."""
    shutil.copytree(whole, out)
    shutil.rmtree(out / "checkpoints")
    content = (out / "run.json").read_bytes()
    assert go("--start", str(whole)) == 1
    assert "use another --out" in capsys.readouterr().err
    assert go() == 0 and "is complete" in capsys.readouterr().out
    assert json.loads(content)["settings"] == record(out)["settings"]
    (out / "run.json").unlink()
    assert go() == 1 and "holds a model" in capsys.readouterr().err


@pytest.mark.once
def test_a_run_of_before_there_was_a_setting_goes_on(go, out, stopped):
    stopped(32, lambda: signal.raise_signal(signal.SIGINT))
    go(name="aae-lines")
    done = record(out)
    for name in ("head_start", "cooldown", "start", "adversarial_weight"):
        del done["settings"][name]
    (out / "run.json").write_text(json.dumps(done))
    assert evaluate.main([str(out), "--dry-run"]) == 0
    assert go("--cooldown", "48", name="aae-lines") == 1
    assert go(name="aae-lines") == 0


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="the others run step by step")
def test_steps_at_once_change_nothing(go, out, tmp_path):
    assert go() == 0
    assert go("--steps-per-execution", "64", out=tmp_path / "other") == 0
    for one, two in zip(weights(out), weights(tmp_path / "other")):
        np.testing.assert_allclose(one, two, atol=1e-5)
    assert [row["images"] for row in rows(tmp_path / "other")] == [
        row["images"] for row in rows(out)
    ]
