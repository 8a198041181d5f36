"""The Hub is asked for the files that are needed; what it refuses becomes one line."""

import dataclasses
import pathlib
import shutil
import types

import huggingface_hub
import numpy as np
import pytest
from conftest import check_refused_load as refused
from conftest import make
from huggingface_hub import errors

import keras_acai
from keras_acai import files, presets
from keras_acai.hub import client
from keras_acai.zoo import download, records

pytestmark = pytest.mark.once

REPO = "acme/tiny"
RESPONSE = types.SimpleNamespace(headers={}, status_code=403, request=None, url="http://x")


@pytest.fixture
def saved(tmp_path, snapshots):
    """The folder of a tiny model that is on the Hub."""
    make("ACAI").save_pretrained(tmp_path / "tiny")
    snapshots.models[REPO] = tmp_path / "tiny"
    return tmp_path / "tiny"


@pytest.fixture
def pinned(saved, monkeypatch):
    """acai-svhn, as if it had been published as this tiny model, and nothing were installed."""
    config = records.read_config(saved)
    hashes = {"config.json": files.sha256(saved / "config.json"), **config.sha256}
    entry = presets.Published(REPO, "c" * 40, hashes, scores={"joint_probe": 0.5}, images=7)
    monkeypatch.setattr(presets, "search_path", lambda: [])
    monkeypatch.setattr(presets, "published", lambda: {"acai-svhn": entry})
    return entry


@pytest.mark.parametrize(
    "options, missing",
    [
        ({}, {"metrics.json", "run.json"}),
        ({"players": False}, {"players.safetensors", "metrics.json", "run.json"}),
        ({"with_records": True}, set()),
    ],
)
def test_only_needed_files_are_asked_for(saved, snapshots, options, missing):
    download.fetch(REPO, "v1", token="hf_x", local_files_only=True, **options)
    (asked,) = snapshots.calls
    everything = {"config.json", "model.safetensors", "players.safetensors"}
    everything |= {"metrics.json", "run.json"}
    assert everything - set(asked["allow_patterns"]) == missing
    assert (asked["revision"], asked["token"], asked["local_files_only"]) == ("v1", "hf_x", True)
    assert asked["library_version"] == keras_acai.__version__


def test_a_published_name(pinned, snapshots, x):
    model = keras_acai.load("acai-svhn")
    np.testing.assert_array_equal(model.encode(x), make("ACAI").encode(x))
    assert snapshots.calls[0]["revision"] == pinned.revision
    known = keras_acai.info("acai-svhn")
    assert (known.where, known.revision, known.images) == ("hub", pinned.revision, 7)
    assert "50.00" in str(known) and pinned.revision in str(known)


def test_another_config_than_the_pinned_one_is_refused(pinned, saved):
    make("ACAI", depth=2).save_pretrained(saved)
    refused("config.json has the wrong SHA-256", keras_acai.load, "acai-svhn")
    assert keras_acai.load("acai-svhn", revision="main").depth == 2


def test_other_weights_than_the_pinned_ones_are_refused(pinned, saved):
    content = bytearray((saved / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (saved / "model.safetensors").write_bytes(content)
    refused("model.safetensors has the wrong SHA-256", keras_acai.load, "acai-svhn")


@pytest.mark.parametrize("counts, shown", [(None, True), ([15_756, 10_000], False)])
def test_the_papers_figures_beside_published_ones(pinned, monkeypatch, counts, shown):
    entry = dataclasses.replace(pinned, counts=counts)
    monkeypatch.setattr(presets, "published", lambda: {"acai-svhn": entry})
    assert bool(keras_acai.info("acai-svhn").paper) == shown


@pytest.mark.parametrize(
    "error, message",
    [
        (errors.GatedRepoError("no", response=RESPONSE), "is gated: accept its terms on http"),
        (
            errors.RepositoryNotFoundError("no", response=RESPONSE),
            "/acme/tiny does not exist, or is private: .* HF_TOKEN",
        ),
        (errors.RevisionNotFoundError("no", response=RESPONSE), "does not have that revision: htt"),
        (errors.LocalEntryNotFoundError("no"), "is not in the cache, and http.* was not reached"),
        (errors.OfflineModeIsEnabled("no"), "HF_HUB_OFFLINE is set: unset it"),
        (errors.HfHubHTTPError("418 Teapot\nmore", response=RESPONSE), "^acme/tiny: 418 Teapot$"),
        (OSError(28, "No space left on device"), "^acme/tiny: .*No space left on device"),
    ],
)
def test_what_the_client_raises_becomes_one_line(snapshots, error, message):
    snapshots.error = error
    refused(message, keras_acai.load, f"hf://{REPO}")


def test_a_refusal_that_the_client_takes_for_no_network(snapshots):
    snapshots.error = errors.LocalEntryNotFoundError("no")
    snapshots.error.__cause__ = errors.HfHubHTTPError("500 Broken", response=RESPONSE)
    refused("^acme/tiny: 500 Broken$", keras_acai.load, f"hf://{REPO}")


def test_a_token_is_stripped_and_never_shown(saved, snapshots):
    download.fetch(REPO, token=" hf_secret\r\n")
    assert snapshots.calls[0]["token"] == "hf_secret"
    for token in ("hf_se cret", "hf_secret\x1b", "hf_sécret"):
        with pytest.raises(ValueError, match="The token holds blanks") as error:
            keras_acai.load(f"hf://{REPO}", token=token)
        assert "cret" not in str(error.value)
    download.fetch(REPO, token="\n")
    assert snapshots.calls[-1]["token"] is None


def test_a_bad_token_of_the_environment_is_named(saved, snapshots, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_sécret")
    with pytest.raises(ValueError, match="The token holds blanks") as error:
        download.fetch(REPO)
    assert "cret" not in str(error.value) and snapshots.calls == []


def test_a_password_in_the_address_of_the_hub_is_not_shown(snapshots, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://me:s3cret@hub.example")
    snapshots.error = errors.RepositoryNotFoundError("no", response=RESPONSE)
    refused("^http://hub.example/acme/tiny does not exist", keras_acai.load, f"hf://{REPO}")


def test_a_repository_without_a_model(saved, snapshots):
    (saved / "config.json").unlink()
    refused("^acme/tiny has no config.json: it does not", keras_acai.load, f"hf://{REPO}")
    refused("^acme/tiny at v1 has no config.json", keras_acai.load, f"hf://{REPO}", revision="v1")


@pytest.mark.parametrize(
    "lost, options",
    [
        ("config.json", {}),
        ("model.safetensors", {}),
        ("players.safetensors", {}),
        ("metrics.json", {"with_records": True}),
    ],
)
def test_a_commit_of_which_a_part_is_in_the_cache(saved, snapshots, monkeypatch, lost, options):
    """As after `hf_hub_download` of one file: what is missing is downloaded."""
    make("ACAI").save_pretrained(saved, metrics={"scores": {"rmse": 1.5}}, run={"images": 3})
    monkeypatch.setattr(client.guard, "call", lambda function, seconds=0: function({}))
    monkeypatch.setattr("huggingface_hub.HfApi.repo_info", lambda *args, **options: None)
    whole = snapshots.__call__

    def partial(repo_id, local_files_only=False, **options):
        folder = whole(repo_id, local_files_only=local_files_only, **options)
        if local_files_only:
            pathlib.Path(folder, lost).unlink()
        return folder

    monkeypatch.setattr("huggingface_hub.snapshot_download", partial)
    folder = download.fetch(REPO, "c" * 40, **options)
    assert (folder / lost).exists()


def test_facts_about_a_download(saved, snapshots):
    known = keras_acai.info(f"hf://{REPO}@v1")
    assert (known.where, known.repo_id, known.revision) == ("hub", REPO, "c" * 40)
    snapshots.error = errors.LocalEntryNotFoundError("no")
    refused(f"was not downloaded: `keras-acai load hf://{REPO}`", keras_acai.info, f"hf://{REPO}")


def test_pins_are_shown_for_the_weights_that_they_are_of(pinned, saved, monkeypatch):
    home = saved.parent / "weights"
    shutil.copytree(saved, home / "acai-svhn")
    monkeypatch.setattr(presets, "search_path", lambda: [home])
    assert keras_acai.info("acai-svhn").revision == pinned.revision
    make("ACAI", depth=2).save_pretrained(home / "acai-svhn")
    assert keras_acai.info("acai-svhn").revision is None


def test_names_that_are_none(snapshots):
    for name in ("hf://", "hf://one", "hf://a/b/c", "hf://../../etc", "hf://a b/c"):
        with pytest.raises(ValueError, match="is not a Hub address: write hf://owner/name"):
            keras_acai.load(name)
    with pytest.raises(ValueError, match="disagree"):
        keras_acai.load(f"hf://{REPO}@a", revision="b")
    assert snapshots.calls == []


def test_the_real_client_refuses_a_bad_name():
    refused("acme/..: ", keras_acai.load, "hf://acme/..")
    assert huggingface_hub.snapshot_download.__module__.startswith("huggingface_hub")
