"""What the tests share. KERAS_BACKEND chooses the backend; `make test` runs all three."""

import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # what a warning asks for
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the models are tiny, and tests run side by side

# Many tests compile the same tiny model: once is enough.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", tempfile.gettempdir() + "/keras_acai_jax_cache")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")

import hypothesis
import keras
import numpy as np
import pytest

import keras_acai
from keras_acai import backend, presets, registry
from keras_acai.datasets import drawn
from keras_acai.export import formats

hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.load_profile("default")

ARGUMENTS = {  # model → its own arguments, none equal to its default
    "denoising": {"noise_stddev": 0.3},
    "dropout": {"rate": 0.25},
    "vae": {"beta": 0.7},
    "aae": {"adversarial_weight": 0.7, "critic_units": (12, 6)},
    "vqvae": {"num_codes": 16, "num_latents": 3, "commitment": 5.0, "decay": 0.9},
    "acai": {"adversarial_weight": 0.4, "gamma": 0.3, "critic_depth": 2},
}
MODELS = {model.class_name: ARGUMENTS.get(name, {}) for name, model in registry.MODELS.items()}
TINY = {"image_shape": (8, 8, 1), "latent_width": 2, "latent_channels": 3, "depth": 3}


SMALL_RUN = (
    "--depth 1 --latent-channels 2 --batch-size 8 --learning-rate 1e-3 "
    "--images 96 --checkpoint-every 32"  # 12 steps, 3 checkpoints
).split()


def make(name, **options):
    """A tiny model of this class, every argument unlike its default."""
    keras.utils.set_random_seed(7)
    options = {**TINY, "num_classes": 4, **MODELS[name], **options}
    return getattr(keras_acai, name)(**options)


def make_preset(name):
    """An untrained model of a preset's sizes."""
    keras.utils.set_random_seed(7)
    preset = presets.get(name)
    return getattr(keras_acai, preset.class_name)(**preset.arguments)


@contextlib.contextmanager
def warns_once(match):
    """Asserts that exactly one `UserWarning` matches within the block."""
    with pytest.warns(UserWarning, match=match) as warned:
        yield
    assert len([one for one in warned if re.search(match, str(one.message))]) == 1


def check_refused(match, call, *args, **kwargs):
    """Asserts that a call raises a ValueError of one line that matches."""
    with pytest.raises(ValueError, match=match) as error:
        call(*args, **kwargs)
    assert "\n" not in str(error.value)


def check_refused_load(match, call, *args, **kwargs):
    """Asserts that a call raises a LoadError of one line that matches."""
    with pytest.raises(keras_acai.LoadError, match=match) as error:
        call(*args, **kwargs)
    assert "\n" not in str(error.value)


@pytest.fixture
def registrations():
    """Lets a test register models, which the registry and Keras forget after it."""
    before = set(registry.MODELS)
    yield
    for name in set(registry.MODELS) - before:
        model = registry.MODELS.pop(name)
        del registry._classes[name]
        del keras.saving.get_custom_objects()[f"{registry.PACKAGE}>{model.class_name}"]


@pytest.fixture
def saved(tmp_path):
    """The folder of a tiny ACAI."""
    make("ACAI").save_pretrained(tmp_path / "acai")
    return tmp_path / "acai"


def change_config(folder, **changes):
    """Replaces values in the config.json of a model's folder."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.fixture(params=MODELS)
def name(request):
    """The class of each model in turn."""
    return request.param


@pytest.fixture
def model(name):
    """A tiny model of each class, with a probe and the paper's optimizer."""
    model = make(name)
    model.compile()
    return model


@pytest.fixture
def x():
    """Twelve uint8 images: plain ones of random brightness, with a little noise."""
    generator = np.random.default_rng(3)
    brightness = generator.integers(0, 236, (12, 1, 1, 1))
    return (brightness + generator.integers(0, 20, (12, 8, 8, 1))).astype("uint8")


@pytest.fixture
def y(x):
    """Their labels: how bright they are, in four steps."""
    return x.mean(axis=(1, 2, 3)).astype("int64") // 64


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty cache folder."""
    monkeypatch.setenv("KERAS_ACAI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def tfds_dir():
    """A folder with real data, or a skip."""
    folder = os.environ.get("TFDS_DATA_DIR")
    if not folder or not pathlib.Path(folder).exists():
        pytest.skip("TFDS_DATA_DIR names no folder of TensorFlow Datasets")
    return folder


def weights_of(layer):
    """A flat copy of a layer's weights."""
    return np.concatenate([keras.ops.convert_to_numpy(w).ravel() for w in layer.weights])


def changes_in_a_step(model, x, y=None):
    """Runs one step on a batch. Returns the largest change in each network's weights, by name."""
    layers = {name: getattr(model, name) for name in ("encoder", "decoder", "critic", "probe")}
    before = {name: weights_of(layer) for name, layer in layers.items()}
    model.train_on_batch(x, y)
    return {name: np.abs(weights_of(layer) - before[name]).max() for name, layer in layers.items()}


@pytest.fixture
def out(tmp_path):
    """The folder of a run."""
    return tmp_path / "run"


@pytest.fixture(scope="module")
def few_lines():
    """Few test lines: to score a model on the paper's 256 paths takes longer than a tiny run."""
    few = functools.partial(keras_acai.evaluation.lines_score, paths=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras_acai.evaluation, "lines_score", few)
        patch.setitem(drawn.SPLITS, "test", (256, 2))
        yield


@pytest.fixture(scope="module")
def eager(few_lines):
    """TensorFlow without graphs: tracing them takes longer than the few steps of a tiny run."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def go(out, eager):
    """Runs `training.train` on a tiny model with these further arguments → its exit code."""
    from training import train

    def go(*arguments, name="acai-lines", recipe="paper", out=out):
        command = [name, "--recipe", recipe, *SMALL_RUN, "--seed", "4", "--out", str(out)]
        return train.main([*command, *arguments])

    return go


@pytest.fixture
def stopped(monkeypatch):
    """Makes the scores after the checkpoint of so many images do something, once."""
    from keras_acai.evaluation import scores

    def at(images, action):
        quick = scores.score_quickly
        seen = []

        def spy(model, data):
            seen.append(int(model.optimizer.iterations) * 8)
            if seen.count(images) == 1 and seen[-1] == images:
                action()
            return quick(model, data)

        monkeypatch.setattr(scores, "score_quickly", spy)

    return at


@pytest.fixture(scope="module")
def whole(tmp_path_factory, eager):
    """The folder of a run that nothing happened to."""
    from training import train

    out = tmp_path_factory.mktemp("runs") / "whole"
    command = ["acai-lines", "--recipe", "paper", *SMALL_RUN, "--seed", "4", "--out", str(out)]
    assert train.main(command) == 0
    return out


class Snapshots:
    """A stand-in for `huggingface_hub.snapshot_download`.

    Attributes:
        models: dict. Repository → the folder that is on the Hub.
        calls: list of dicts. The arguments of each call.
        error: raised by every call, if it is set.
    """

    def __init__(self, cache):
        self.cache = cache
        self.models, self.calls, self.error = {}, [], None

    def __call__(self, repo_id, **options):
        self.calls.append(options)
        if self.error:
            raise self.error
        folder = options["cache_dir"] or self.cache
        snapshot = pathlib.Path(
            folder, "models--" + repo_id.replace("/", "--"), "snapshots", COMMIT
        )
        shutil.rmtree(snapshot, ignore_errors=True)
        kept = set(options["allow_patterns"])
        shutil.copytree(self.models[repo_id], snapshot, ignore=lambda _, names: set(names) - kept)
        return str(snapshot)


COMMIT = "c" * 40


@pytest.fixture
def snapshots(tmp_path, monkeypatch):
    """A Hub without a network: `Snapshots`."""
    snapshots = Snapshots(tmp_path / "cache")
    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshots)
    return snapshots


@pytest.fixture(scope="session")
def npm_cache(tmp_path_factory):
    """A cache of onnxruntime-web."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def onnx_tools():
    """Skips where a page cannot be built."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing: install Node.js")
    if not all(map(formats.is_installed, backend.EXPORTS["onnx"])):
        pytest.skip("pip install keras-acai[app]")


@pytest.fixture(scope="session")
def site(onnx_tools, npm_cache, tmp_path_factory):
    """The page of two models."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_ACAI_HOME", str(npm_cache))
        keras_acai.page.build(folder, ["acai-mnist", "vae-mnist"])
    return folder
