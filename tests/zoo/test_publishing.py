"""A folder goes to the Hub in one commit, with a card, and comes back as it was."""

import json

import huggingface_hub
import numpy as np
import pytest
import yaml
from conftest import check_refused_load as refused
from conftest import make

import keras_acai
from keras_acai import files, presets
from keras_acai.zoo import cards, publishing, records

pytestmark = pytest.mark.once

REPO = "acme/acai-mnist-32"
RUN = {
    "settings": {"name": "acai-mnist-32", "recipe": "fast", "data": "mnist", "seed": 0},
    "data": {"name": "mnist", "sha256": "0" * 64},
    "images": 5000,
}
METRICS = {
    "scores": {"joint_probe": 0.975, "clustering": 0.9, "rmse": 12.3},
    "command": "evaluate",
    "data": {"name": "mnist"},
    "time": "2026-01-02T03:04:05+00:00",
}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "acai-mnist-32"
    make("ACAI").save_pretrained(folder, metrics=METRICS, run=RUN)
    (folder / "interpolations.png").write_bytes(b"picture")
    (folder / "notes.txt").write_text("private")
    return folder


def on_hub(hub, repo_id=REPO, revision="main"):
    """Names of all files of a revision."""
    return set(hub.git(repo_id, "ls-tree", "-r", "--name-only", revision).splitlines())


def test_it_comes_back_as_it_was(hub, folder, tmp_path, x):
    published = keras_acai.publish(folder, REPO)
    assert published.revision == hub.head(REPO) and len(published.revision) == 40
    assert published.sha256["config.json"] == files.sha256(folder / "config.json")
    assert published.scores == METRICS["scores"] and published.images == 5000
    model = keras_acai.load(f"hf://{REPO}@{published.revision}", cache_dir=tmp_path / "cache")
    np.testing.assert_array_equal(model.encode(x), make("ACAI").encode(x))


def test_one_commit_of_the_files_that_belong_to_it(hub, folder):
    keras_acai.publish(folder, REPO + "-a")
    weights = {"model.safetensors", "players.safetensors"}
    others = {"config.json", "metrics.json", "run.json", "README.md", "interpolations.png"}
    assert on_hub(hub, REPO + "-a") == weights | others | {".eval_results/keras_acai.yaml"}
    assert hub.git(REPO + "-a", "rev-list", "--count", "HEAD") == "2"  # with the empty first one
    assert len(hub.lfs) >= 2


def test_another_model_takes_the_place_of_the_first(hub, folder):
    """With its scores, pictures and players, but not with what others put there."""
    repo_id = REPO + "-b"
    first = keras_acai.publish(folder, repo_id)
    (hub.repository(repo_id) / "notes.md").write_text("By somebody.")
    hub.commit(repo_id, "A note")
    make("Autoencoder", num_classes=None).save_pretrained(folder)
    second = keras_acai.publish(folder, repo_id)
    assert first.revision != second.revision == hub.head(repo_id)
    assert on_hub(hub, repo_id) == {"config.json", "model.safetensors", "README.md", "notes.md"}
    assert keras_acai.publish(folder, repo_id).revision == hub.head(repo_id)


def test_a_card_written_by_hand_on_the_hub_is_kept(hub, folder):
    keras_acai.publish(folder, REPO + "-c")
    readme = hub.repository(REPO + "-c") / "README.md"
    assert cards.is_ours(readme)
    readme.write_text("By hand.")
    hub.commit(REPO + "-c", "A better card")
    make("ACAI", depth=2).save_pretrained(folder)
    keras_acai.publish(folder, REPO + "-c")
    assert readme.read_text() == "By hand."


def test_a_card_written_by_hand_in_the_folder_goes_along(hub, folder):
    for text in ("By hand, too.", "A second edition."):
        (folder / "README.md").write_text(text)
        make("ACAI").save_pretrained(folder)
        keras_acai.publish(folder, REPO + "-d")
        assert (hub.repository(REPO + "-d") / "README.md").read_text() == text


def test_a_card_that_cannot_be_looked_at_is_not_replaced(hub, folder, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    repo_id = REPO + "-h"
    keras_acai.publish(folder, repo_id)
    (hub.repository(repo_id) / "README.md").write_text("By hand.")
    before = hub.commit(repo_id, "A better card")
    hub.answer = lambda method, path: (503, {}, b"") if path.endswith("README.md") else None
    refused("refuses .*503", keras_acai.publish, folder, repo_id)
    assert hub.head(repo_id) == before


def test_links_that_lead_out_are_not_followed(folder, tmp_path):
    (tmp_path / "secret").write_text("secret")
    for name in ("interpolations.png", "README.md"):
        (folder / name).unlink()
        (folder / name).symlink_to(tmp_path / "secret")
        refused("leads out of its folder", publishing.plan, folder, REPO)
        (folder / name).unlink()
        (folder / name).write_text("a file")


def test_paths_of_this_machine_stay_here(folder):
    settings = {"name": "acai", "data": "/home/somebody/photos", "start": "/home/somebody/run"}
    run = RUN | {"settings": settings}
    make("ACAI").save_pretrained(folder, run=run)
    for content in publishing.plan(folder, REPO).values():
        if isinstance(content, bytes):
            assert b"somebody" not in content
    sent = json.loads(publishing.plan(folder, REPO)["run.json"])["settings"]
    assert (sent["data"], sent["start"]) == ("photos", "run")


@pytest.mark.parametrize("name", ["acai-mnist", "runs/one", "hf://owner/name@main"])
def test_names_that_others_know_are_kept(name):
    run = records.Run(settings={"start": name})
    assert records.portable(run) == run


def test_a_branch(hub, folder, tmp_path):
    published = keras_acai.publish(folder, REPO + "-e", revision="v2")
    assert hub.head(REPO + "-e", "v2") == published.revision != hub.head(REPO + "-e", "main")
    assert "config.json" not in on_hub(hub, REPO + "-e", "main")
    keras_acai.load(f"hf://{REPO}-e@v2", cache_dir=tmp_path / "cache")


def test_the_card_says_what_the_files_say(folder):
    card = huggingface_hub.ModelCard(publishing.plan(folder, REPO)["README.md"].decode())
    assert card.data.library_name == "keras_acai" and card.data.license == "apache-2.0"
    assert "acai" in card.data.tags
    assert f'keras_acai.load("hf://{REPO}")' in card.text
    assert (
        "| joint probe, % | 97.50 | 98.25±0.11 |" in card.text and "interpolations.png" in card.text
    )


def test_the_card_of_a_cell_of_the_paper(tmp_path):
    run = RUN | {"settings": RUN["settings"] | {"name": "acai-svhn"}, "data": {"name": "svhn"}}
    metrics = METRICS | {"data": {"name": "svhn"}}
    model = keras_acai.ACAI(**presets.get("acai-svhn").arguments)
    model.save_pretrained(tmp_path, metrics=metrics, run=run | {"images": 2**20})
    text = (tmp_path / "README.md").read_text()
    card = huggingface_hub.ModelCard(text)
    assert card.data.license == "other" and card.data.datasets == ["ufldl-stanford/svhn"]
    assert "non-commercial use only" in text and "| joint probe, % | 97.50 | 85.14±0.20 |" in text
    assert "1,048,576 images, 6.2% of the paper's 16,777,216" in text
    results = yaml.safe_load(publishing.plan(tmp_path, REPO)[publishing.EVAL_RESULTS])
    parsed = huggingface_hub.parse_eval_result_entries(results)
    assert {(one.dataset_id, one.task_id, one.value, one.date) for one in parsed} == {
        ("ufldl-stanford/svhn", "linear-classification", 97.5, METRICS["time"]),
        ("ufldl-stanford/svhn", "clustering", 90.0, METRICS["time"]),
    }


def test_the_card_of_a_part_of_the_data(tmp_path):
    run = RUN | {"settings": RUN["settings"] | {"name": "acai-svhn"}, "data": {"name": "svhn"}}
    metrics = METRICS | {"data": {"name": "svhn"}, "counts": [15_756, 10_000]}
    model = keras_acai.ACAI(**presets.get("acai-svhn").arguments)
    model.save_pretrained(tmp_path, metrics=metrics, run=run | {"note": "Cut by hand."})
    introduction = (tmp_path / "README.md").read_text().split("# acai-svhn")[1].split("##")[0]
    assert "15,756 train and 10,000 test images, where SVHN has 604,388 train" in introduction
    assert "no score compares" in introduction
    assert introduction.strip().endswith("Cut by hand.")
    assert "85.14" not in (tmp_path / "README.md").read_text()
    assert publishing.EVAL_RESULTS not in publishing.plan(tmp_path, REPO)


def test_scores_on_other_data_are_not_those_of_the_cell(folder):
    metrics = METRICS | {"data": {"name": "fashion_mnist"}}
    make("ACAI").save_pretrained(folder, metrics=metrics, run=RUN)
    contents = publishing.plan(folder, REPO)
    assert publishing.EVAL_RESULTS not in contents
    assert "| joint probe, % | 97.50 |  |" in contents["README.md"].decode()


def test_scores_of_other_weights_stay_at_home(folder):
    make("ACAI", depth=2).save_pretrained(folder)
    assert "metrics.json" not in publishing.plan(folder, REPO)
    assert "Not measured" in (folder / "README.md").read_text()
    assert json.loads((folder / "metrics.json").read_text())["scores"]  # nothing is lost


def test_a_folder_that_does_not_load_is_not_sent(hub, folder):
    (folder / "model.safetensors").write_bytes(b"something else")
    refused("has the wrong SHA-256", keras_acai.publish, folder, REPO + "-f")
    assert hub.requests == []


@pytest.mark.parametrize(
    "status, message",
    [(401, r"\(401\): give a token=… that may, set HF_TOKEN"), (403, "403"), (500, "500")],
)
def test_the_hub_says_no(hub, folder, monkeypatch, status, message):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    hub.answer = lambda method, path: (status, {}, b"")
    refused(f"refuses .*{message}", keras_acai.publish, folder, REPO + "-g")


def test_offline(hub, folder, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    refused("cannot be asked: HF_HUB_OFFLINE is set", keras_acai.publish, folder, REPO + "-g")


def test_a_bad_name(folder):
    refused("is no name of a repository", keras_acai.publish, folder, "a/b/c")
