"""Models come from the Hub whole, once, and as they were published, or say why not."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import check_refused_load as refused
from conftest import make
from huggingface_hub import constants

import keras_acai
from keras_acai import files, presets
from keras_acai.zoo import records

pytestmark = pytest.mark.once

REPO = "acme/tiny"
LOAD = """
import sys, keras_acai
print(keras_acai.load(sys.argv[1], cache_dir=sys.argv[2]).count_params())
"""


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
    with pytest.raises(ValueError, match="no probe"):
        model.classify(x)


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
    refused("has the wrong SHA-256", load, "acai-svhn", local_files_only=True)
    with pytest.warns(UserWarning, match="Downloading it once more"):
        load("acai-svhn")
    assert cached(tmp_path, name).read_bytes() == whole


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "players.safetensors"])
def test_a_byte_that_changed_on_the_server(load, hub, commit, pinned, name):
    hub.tamper = lambda path, body: (flip(body) if path.endswith(name) else body, len(body))
    with pytest.warns(UserWarning):
        refused("has the wrong SHA-256", load, "acai-svhn")
    hub.forget()
    load("acai-svhn")


def test_a_download_that_breaks_off(load, hub, commit, tmp_path, x):
    """Is resumed, or refused and repaired by the next load: never half a file."""

    def cut(path, body):
        return (body[: len(body) // 2] if path.endswith("model.safetensors") else body), len(body)

    hub.tamper = cut
    refused("model.safetensors", load)
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


@pytest.mark.parametrize("counts, shown", [(None, True), ([15_756, 10_000], False)])
def test_the_papers_figures_beside_published_ones(pinned, monkeypatch, counts, shown):
    entry = dataclasses.replace(pinned, counts=counts)
    monkeypatch.setattr(presets, "published", lambda: {"acai-svhn": entry})
    assert bool(keras_acai.info("acai-svhn").paper) == shown


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
    refused("local_files_only=True: leave it out", load, local_files_only=True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refused("HF_HUB_OFFLINE is set: unset it", load)
    assert hub.requests == []


def test_no_network(load, hub, commit, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        "http://127.0.0.1:9/{repo_id}/{revision}/{filename}",
    )
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the client tries five times more
    refused("cannot be reached: try again with a network", load)


def test_what_is_not_there(load, hub, commit, saved):
    refused("There is no model .*/acme/missing, or it is private", load, "hf://acme/missing")
    refused("has no revision 'v9': http", load, f"hf://{REPO}@v9")
    refused("has no revision", load, revision="0" * 40)
    (saved / "config.json").rename(saved / "model.json")
    hub.put("acme/broken", saved)
    refused("acme/broken holds no config.json: it is no model", load, "hf://acme/broken")


def test_a_weights_file_that_is_not_there(load, hub, saved):
    (saved / "model.safetensors").unlink()
    hub.put("acme/half", saved)
    refused("holds no model.safetensors", load, "hf://acme/half")


@pytest.mark.parametrize(
    "status, headers, message",
    [
        (403, {"X-Error-Code": "GatedRepo"}, "asks for its terms to be accepted: do so on http"),
        (403, {"X-Error-Message": "Access to this resource is disabled."}, "has been disabled"),
        (401, {"X-Error-Code": "RepoNotFound"}, "or it is private: .* HF_TOKEN"),
        (418, {}, "refuses config.json: .*418"),
        (200, {}, "is no Hugging Face Hub: set HF_ENDPOINT"),
    ],
)
def test_what_the_hub_says_no_to(load, hub, commit, status, headers, message):
    hub.answer = lambda method, path: (status, headers, b"")
    refused(message, load)


def test_names_that_are_none(load, hub):
    for name in ("hf://", "hf://one", "hf://a/b/c", "hf://../../etc", "hf://a b/c"):
        with pytest.raises(ValueError, match="names no model: write hf://owner/name"):
            load(name)
    refused("is no name of a repository", load, "hf://acme/..")
    with pytest.raises(ValueError, match="disagree"):
        load(f"hf://{REPO}@a", revision="b")
    assert hub.requests == []


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
