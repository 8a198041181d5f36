"""Models go to a Hugging Face Hub and come back, with the real client and a mirror server."""

import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import parquet_files
import pytest
from conftest import check_refused_load as refused
from conftest import make, make_preset, weights_of
from huggingface_hub import constants
from loopback import Hub

import keras_acai
from keras_acai import datasets, files, presets
from keras_acai.datasets import catalogue, tfds
from keras_acai.zoo import cards, records

pytestmark = pytest.mark.once

REPO = "acme/tiny"
MODEL = "acme/acai-mnist-32"
METRICS = {"scores": {"joint_probe": 0.975}, "data": {"name": "mnist"}}
RUN = {"settings": {"name": "acai-mnist-32"}, "data": {"name": "mnist"}, "images": 5000}
LOAD = """
import sys, keras_acai
print(keras_acai.load(sys.argv[1], cache_dir=sys.argv[2]).count_params())
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Hugging Face Hub on this machine."""
    with Hub(tmp_path_factory.mktemp("hub")).running() as hub:
        yield hub


@pytest.fixture
def hub(server, monkeypatch):
    """The server, for a client that knows no other."""
    server.forget()
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        server.url + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return server


@pytest.fixture
def saved(tmp_path):
    make("ACAI").save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


@pytest.fixture
def commit(hub, saved):
    """The commit of a tiny model on the Hub."""
    return hub.put(REPO, saved)


@pytest.fixture
def load(tmp_path):
    """`keras_acai.load` with a cache of its own."""

    def load(name=f"hf://{REPO}", **options):
        return keras_acai.load(name, cache_dir=tmp_path / "cache", **options)

    return load


def test_the_model_is_the_one_that_was_saved(load, commit, x):
    np.testing.assert_array_equal(load().encode(x), make("ACAI").encode(x))


def test_a_pinned_commit_that_is_in_the_cache_costs_no_request(load, hub, commit):
    load(revision=commit)
    assert hub.requests
    hub.forget()
    load(revision=commit)
    assert hub.requests == []


def test_all_files_come_from_one_commit(load, hub, saved, commit):
    """Even if the branch moves between one file and the next."""
    other = make("ACAI", depth=2)

    def push_after_config(method, path):
        if path.endswith("model.safetensors") and hub.head(REPO) == commit:
            other.save_pretrained(saved)
            hub.put(REPO, saved)

    hub.answer = push_after_config
    assert load(revision="main").depth == 3
    assert load(revision="main").depth == 2


def test_the_critic_may_stay_where_it_is(load, hub, commit, x):
    model = load(players=False)
    np.testing.assert_array_equal(model.encode(x), make("ACAI").encode(x))
    assert not [one for one in hub.requests if "players" in one]
    assert model.probe is None


def flip(content):
    """One bit of a file changed; an answer without a body stays."""
    middle = len(content) // 2
    return (
        content[:middle]
        + bytes(one ^ 1 for one in content[middle : middle + 1])
        + content[middle + 1 :]
    )


def cached(tmp_path, name):
    (path,) = (tmp_path / "cache").glob(f"*/snapshots/*/{name}")
    return path.resolve()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "players.safetensors"])
def test_a_byte_that_changed_in_the_cache(load, hub, commit, tmp_path, pinned, name):
    load("acai-svhn")
    path = cached(tmp_path, name)
    whole = path.read_bytes()
    path.write_bytes(flip(whole))
    refused("wrong SHA-256: delete it and download it again", load, "acai-svhn")
    path.unlink()
    load("acai-svhn")
    assert cached(tmp_path, name).read_bytes() == whole


def test_a_byte_that_changed_on_the_server(load, hub, commit, pinned):
    hub.tamper = lambda path, body: (
        flip(body) if path.endswith("model.safetensors") else body,
        len(body),
    )
    refused("wrong SHA-256", load, "acai-svhn")


def test_a_download_that_breaks_off(load, hub, commit, tmp_path, x):
    """Is resumed, or refused and repaired by the next load: never half a file."""

    def cut(path, body):
        return (body[: len(body) // 2] if path.endswith("model.safetensors") else body), len(body)

    hub.tamper = cut
    refused("acme/tiny: peer closed connection", load)
    assert not list((tmp_path / "cache").glob("*/snapshots/*/model.safetensors"))
    hub.forget()
    np.testing.assert_array_equal(load().encode(x), make("ACAI").encode(x))


@pytest.fixture
def pinned(hub, saved, commit, monkeypatch):
    """acai-svhn, as if it had been published as this tiny model, and nothing were installed."""
    config = records.read_config(saved)
    hashes = {"config.json": files.sha256(saved / "config.json"), **config.sha256}
    entry = presets.Published(REPO, commit, hashes, scores={"joint_probe": 0.5}, images=7)
    monkeypatch.setattr(presets, "search_path", lambda: [])
    monkeypatch.setattr(presets, "published", lambda: {"acai-svhn": entry})
    return entry


def test_a_published_name(load, pinned, hub, x):
    np.testing.assert_array_equal(load("acai-svhn").encode(x), make("ACAI").encode(x))
    hub.forget()
    load("acai-svhn")
    assert hub.requests == []
    known = keras_acai.info("acai-svhn")
    assert (known.where, known.revision, known.images) == ("hub", pinned.revision, 7)
    assert "50.00" in str(known) and pinned.revision in str(known)


def test_another_revision_of_a_published_name(load, pinned, hub, saved):
    make("ACAI", depth=2).save_pretrained(saved)
    hub.put(REPO, saved)
    assert load("acai-svhn").depth == 3
    assert load("acai-svhn", revision="main").depth == 2


def test_offline_from_the_cache(load, hub, commit, monkeypatch):
    load()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    hub.forget()
    load()
    load(revision=commit)
    assert hub.requests == []


def test_offline_without_it(load, hub, commit, monkeypatch):
    refused("is not in the cache", load, local_files_only=True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refused("is not in the cache, .* without HF_HUB_OFFLINE", load)
    assert hub.requests == []


def test_no_network(load, hub, commit, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the client tries five times more
    refused("was not reached: try again with a network", load)


@pytest.mark.parametrize(
    "header, value, message",
    [
        ("etag", '"../../../../outside"', "the server sent the etag .* which is not a hash"),
        ("x-linked-etag", "/outside", "the server sent the x-linked-etag"),
        ("x-repo-commit", "../../../outside", "the server sent the x-repo-commit"),
        ("x-linked-size", str(2**40), "offers more than"),
        ("retry-after", "1000000", "asks to wait for longer than a minute"),
    ],
)
def test_a_hostile_server_writes_nothing_outside_the_cache(
    load, hub, commit, tmp_path, header, value, message
):
    """And deletes nothing there, fills no disk and does not hold on."""
    (tmp_path / "outside").write_text("mine")
    before = {path for path in tmp_path.rglob("*") if "cache" not in path.parts}
    hub.dress = lambda path, headers: headers | ({header: value} if "/resolve/" in path else {})
    refused(f"^acme/tiny: .*{message}", load)
    assert {path for path in tmp_path.rglob("*") if "cache" not in path.parts} == before
    assert (tmp_path / "outside").read_text() == "mine"


@pytest.mark.parametrize("key", ["sha", "oid"])
def test_hostile_listings(load, hub, commit, key):
    hub.answer = lambda method, path: (
        (200, {"content-type": "application/json"}, json.dumps([{key: "../../x"}]).encode())
        if path.startswith("/api/models/")
        else None
    )
    refused(f"the server sent the {key} '../../x', which is not a hash", load)


def test_a_link_in_the_cache_is_not_followed(load, hub, commit, tmp_path):
    load()
    (link,) = (tmp_path / "cache").glob("*/snapshots/*/model.safetensors")
    (tmp_path / "outside").write_text("mine")
    link.unlink()
    link.symlink_to(tmp_path / "outside")
    refused("leads out of its folder", load)
    assert (tmp_path / "outside").read_text() == "mine"


def test_what_is_not_there(load, hub, commit, saved):
    refused("/acme/missing does not exist, or is private", load, "hf://acme/missing")
    (saved / "config.json").rename(saved / "model.json")
    hub.put("acme/broken", saved)
    refused("has no config.json", load, "hf://acme/broken")


def test_the_token_is_sent(load, hub, commit):
    seen = {}
    hub.heard = lambda headers: seen.update({headers["user-agent"]: headers["authorization"]})
    load(token="hf_secret")
    ours = f"keras_acai/{keras_acai.__version__}"
    assert {token for agent, token in seen.items() if ours in agent} == {"Bearer hf_secret"}


def test_the_environment_of_the_client_counts(hub, commit, tmp_path):
    """HF_ENDPOINT says where, HF_HUB_OFFLINE keeps to the cache; two at once both succeed."""
    environment = os.environ | {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", LOAD, f"hf://{REPO}", str(tmp_path / "cache")]
    run = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, env=environment, **run) for _ in range(2)]
    expected = f"{make('ACAI').count_params()}\n"
    for process in both:
        out, error = process.communicate()
        assert out == expected, error
    hub.forget()
    offline = environment | {"HF_HUB_OFFLINE": "1"}
    assert subprocess.run(command, env=offline, **run).stdout == expected
    assert hub.requests == []


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "acai-mnist-32"
    make_preset("acai-mnist-32").save_pretrained(folder, metrics=METRICS, run=RUN)
    (folder / "interpolations.png").write_bytes(b"picture")
    (folder / "notes.txt").write_text("private")
    return folder


def on_hub(hub, repo_id=MODEL, revision="main"):
    """Names of all files of a revision."""
    return set(hub.git(repo_id, "ls-tree", "-r", "--name-only", revision).splitlines())


def test_it_comes_back_as_it_was(hub, folder, tmp_path):
    published = keras_acai.publish(folder, MODEL)
    assert published.revision == hub.head(MODEL) and len(published.revision) == 40
    assert published.sha256["config.json"] == files.sha256(folder / "config.json")
    assert published.scores == METRICS["scores"] and published.images == 5000
    model = keras_acai.load(f"hf://{MODEL}@{published.revision}", cache_dir=tmp_path / "cache")
    np.testing.assert_array_equal(weights_of(model), weights_of(make_preset("acai-mnist-32")))


def test_one_commit_of_the_files_that_belong_to_it(hub, folder):
    keras_acai.publish(folder, MODEL + "-a")
    weights = {"model.safetensors", "players.safetensors"}
    others = {"config.json", "metrics.json", "run.json", "README.md", "interpolations.png"}
    assert on_hub(hub, MODEL + "-a") == weights | others | {".eval_results/keras_acai.yaml"}
    assert hub.git(MODEL + "-a", "rev-list", "--count", "HEAD") == "2"  # with the empty first one
    assert len(hub.lfs) >= 2


def test_another_model_takes_the_place_of_the_first(hub, folder):
    """With its scores, pictures and players, but not with what others put there."""
    repo_id = MODEL + "-b"
    first = keras_acai.publish(folder, repo_id)
    (hub.repository(repo_id) / "notes.md").write_text("By somebody.")
    hub.commit(repo_id, "A note")
    make("Autoencoder", num_classes=None).save_pretrained(folder)
    second = keras_acai.publish(folder, repo_id)
    assert first.revision != second.revision == hub.head(repo_id)
    assert on_hub(hub, repo_id) == {"config.json", "model.safetensors", "README.md", "notes.md"}
    assert keras_acai.publish(folder, repo_id).revision == hub.head(repo_id)


def test_a_card_written_by_hand_on_the_hub_is_kept(hub, folder):
    keras_acai.publish(folder, MODEL + "-c")
    readme = hub.repository(MODEL + "-c") / "README.md"
    assert cards.is_ours(readme)
    readme.write_text("By hand.")
    hub.commit(MODEL + "-c", "A better card")
    make("ACAI", depth=2).save_pretrained(folder)
    keras_acai.publish(folder, MODEL + "-c")
    assert readme.read_text() == "By hand."


def test_a_card_written_by_hand_in_the_folder_goes_along(hub, folder):
    for text in ("By hand, too.", "A second edition."):
        (folder / "README.md").write_text(text)
        make("ACAI").save_pretrained(folder)
        keras_acai.publish(folder, MODEL + "-d")
        assert (hub.repository(MODEL + "-d") / "README.md").read_text() == text


def test_a_card_that_cannot_be_looked_at_is_not_replaced(hub, folder, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    repo_id = MODEL + "-h"
    keras_acai.publish(folder, repo_id)
    (hub.repository(repo_id) / "README.md").write_text("By hand.")
    before = hub.commit(repo_id, "A better card")
    hub.answer = lambda method, path: (503, {}, b"") if path.endswith("README.md") else None
    refused("503", keras_acai.publish, folder, repo_id)
    assert hub.head(repo_id) == before


def test_a_branch(hub, folder, tmp_path):
    published = keras_acai.publish(folder, MODEL + "-e", revision="v2")
    assert hub.head(MODEL + "-e", "v2") == published.revision != hub.head(MODEL + "-e", "main")
    assert "config.json" not in on_hub(hub, MODEL + "-e", "main")
    keras_acai.load(f"hf://{MODEL}-e@v2", cache_dir=tmp_path / "cache")


@pytest.fixture
def pictures(hub, tmp_path, monkeypatch):
    """CIFAR-10 on the Hub, of twelve test images, for those without TensorFlow Datasets."""
    data = catalogue.DATASETS["cifar10"]
    (name,) = data.parquet.files["test"]
    images = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), "uint8")
    path = tmp_path / "data" / name
    parquet_files.write(path, images, np.arange(12) % 10, data.parquet.image)
    commit = hub.put(f"datasets/{data.hub_id}", tmp_path / "data")
    pins = {"commit": commit, "files": {"test": {name: files.sha256(path)}}}
    pinned = dataclasses.replace(data, parquet=dataclasses.replace(data.parquet, **pins))
    monkeypatch.setitem(catalogue.DATASETS, "cifar10", pinned)
    monkeypatch.setattr(tfds, "is_installed", lambda: False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setenv("KERAS_ACAI_HOME", str(tmp_path / "home"))
    return images


def test_a_data_set_comes_from_the_hub(pictures):
    x, y = datasets.load("cifar10", "test")
    np.testing.assert_array_equal(x, pictures)
    np.testing.assert_array_equal(y, np.arange(12) % 10)


def test_a_data_set_that_was_changed_on_the_way(pictures, hub):
    hub.tamper = lambda path, body: (
        (body[:-1] + b"?", len(body)) if path.endswith(".parquet") else (body, len(body))
    )
    with pytest.raises(datasets.DatasetError, match="wrong SHA-256"):
        datasets.load("cifar10", "test")


def test_a_data_set_without_a_network(pictures, hub, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(datasets.DatasetError, match="cifar10 could not be downloaded"):
        datasets.load("cifar10", "test")
