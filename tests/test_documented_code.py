"""Every Python block of the README and the docs runs, one after the other on each page."""

import os
import pathlib
import re
import shutil

import keras
import numpy as np
import pytest
from conftest import make
from PIL import Image

import keras_acai
from keras_acai import datasets, presets
from keras_acai.zoo import publishing

ROOT = pathlib.Path(__file__).parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]
BLOCKS = {page: BLOCK.findall(page.read_text("utf-8")) for page in PAGES}
LONG = {"results.md"}  # measures scores on whole data sets
TRIED = [
    pytest.param(page, id=page.name, marks=pytest.mark.long if page.name in LONG else ())
    for page in PAGES
    if BLOCKS[page]
]

pytestmark = pytest.mark.once


@pytest.fixture
def place(tmp_path, monkeypatch, snapshots, registrations):
    """A working directory with a run, a Hub that has the models of the pages, and little data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights").symlink_to(ROOT / "weights")
    shutil.copytree(presets.get("acai-mnist").shipped, tmp_path / "runs" / "acai-mnist-fast-0")
    (tmp_path / "photos").mkdir()
    Image.new("L", (40, 50), 128).save(tmp_path / "photos" / "grey.png")
    for folder in ("hub", "my-model"):
        make("ACAI").save_pretrained(tmp_path / folder)
    for name in ("me/my-model", "owner/name", "owner/private"):
        snapshots.models[name] = tmp_path / "hub"
    few = {name: datasets.samples(name) for name in ("mnist", "lines", "svhn")}
    for module in (datasets, datasets.splits):
        monkeypatch.setattr(module, "load", lambda name, *args, **options: few[name])
    monkeypatch.setattr(keras_acai, "publish", publish, raising=False)
    keras.config.set_max_epochs(1)
    keras.config.set_max_steps_per_epoch(2)
    yield tmp_path
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)


def publish(folder, repo_id, **options):
    return publishing.plan(folder, repo_id)


@pytest.mark.parametrize("page", TRIED)
def test_blocks(page, place, request):
    if page.name in LONG:
        request.getfixturevalue("tfds_dir")
    images, labels = (np.concatenate([part, part]) for part in datasets.samples("mnist"))
    names = {
        "Player": keras_acai.Player,
        "keras": keras,
        "keras_acai": keras_acai,
        "np": np,
        "datasets": datasets,
    }
    names |= {"images": images, "labels": labels, "x": images, "y": labels}
    names |= {"model": make("ACAI", image_shape=(32, 32, 1), num_classes=10)}
    names["model"].compile()
    for number, block in enumerate(BLOCKS[page]):
        if "num_gpus" in block:  # needs a cluster
            continue
        if "# JAX" in block and keras.backend.backend() != "jax":
            continue
        exec(compile(block, f"{page.name}, block {number}", "exec"), names)
    assert page.name != "README.md" or (place / "morph.gif").stat().st_size > 1000
    assert not os.path.exists(ROOT / "my-model")
