"""A folder goes to the Hub as one commit of the files that belong to the model, with a card."""

import json
from unittest import mock

import huggingface_hub
import hypothesis
import pytest
import yaml
from conftest import check_refused_load as refused
from conftest import make, make_preset
from hypothesis import strategies

import keras_acai
from keras_acai import files
from keras_acai.zoo import publishing, records

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
    make_preset("acai-mnist-32").save_pretrained(folder, metrics=METRICS, run=RUN)
    (folder / "interpolations.png").write_bytes(b"picture")
    (folder / "notes.txt").write_text("private")
    return folder


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
    model = make_preset("acai-svhn")
    model.save_pretrained(tmp_path, metrics=metrics, run=run | {"images": 2**20})
    text = (tmp_path / "README.md").read_text()
    card = huggingface_hub.ModelCard(text)
    assert card.data.license == "other" and card.data.datasets == ["ufldl-stanford/svhn"]
    assert (
        "non-commercial research only" in text and "| joint probe, % | 97.50 | 85.14±0.20 |" in text
    )
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
    model = make_preset("acai-svhn")
    model.save_pretrained(tmp_path, metrics=metrics, run=run | {"note": "Cut by hand."})
    introduction = (tmp_path / "README.md").read_text().split("# acai-svhn")[1].split("##")[0]
    assert "15,756 train and 10,000 test images, where SVHN has 604,388 train" in introduction
    assert "no score compares" in introduction
    assert introduction.strip().endswith("Cut by hand.")
    assert "85.14" not in (tmp_path / "README.md").read_text()
    assert publishing.EVAL_RESULTS not in publishing.plan(tmp_path, REPO)


def test_scores_on_other_data_are_not_those_of_the_cell(folder):
    metrics = METRICS | {"data": {"name": "fashion_mnist"}}
    make_preset("acai-mnist-32").save_pretrained(folder, metrics=metrics, run=RUN)
    contents = publishing.plan(folder, REPO)
    assert publishing.EVAL_RESULTS not in contents
    assert "| joint probe, % | 97.50 |  |" in contents["README.md"].decode()


def test_scores_of_other_weights_stay_at_home(folder):
    make("ACAI", depth=2).save_pretrained(folder)
    assert "metrics.json" not in publishing.plan(folder, REPO)
    assert "Not measured" in (folder / "README.md").read_text()
    assert json.loads((folder / "metrics.json").read_text())["scores"]  # nothing is lost


@pytest.fixture
def api(monkeypatch):
    """The calls of a client that knows no repository and refuses with `api.error`, if it is set."""
    api = mock.MagicMock(error=None)
    api.return_value.list_repo_files.return_value = []
    api.return_value.create_commit.return_value.oid = "c" * 40
    monkeypatch.setattr(huggingface_hub, "HfApi", api)
    return api


def test_what_is_planned_is_sent_as_one_commit(api, folder):
    published = keras_acai.publish(folder, REPO, private=True, token="hf_x", message="First")
    assert api.call_args.kwargs["token"] == "hf_x"
    api.return_value.create_repo.assert_called_once_with(REPO, private=True, exist_ok=True)
    (call,) = api.return_value.create_commit.call_args_list
    assert call.kwargs == {"commit_message": "First", "revision": None}
    assert {one.path_in_repo for one in call.args[1]} == set(publishing.plan(folder, REPO))
    assert published.revision == "c" * 40 and published.images == 5000
    assert published.sha256["config.json"] == files.sha256(folder / "config.json")


def test_a_folder_that_does_not_load_is_not_sent(api, folder):
    (folder / "model.safetensors").write_bytes(b"something else")
    refused("has the wrong SHA-256", keras_acai.publish, folder, REPO)
    assert not api.called


def test_the_hub_refuses(api, folder):
    error = "Client error '403 Forbidden' for url 'https://huggingface.co/api/repos/create'"
    api.return_value.create_repo.side_effect = OSError(f"{error}\nmore")
    refused(f"{REPO}: {error}", keras_acai.publish, folder, REPO)


def test_a_record_cannot_make_a_cell_of_the_paper_of_another_model(folder):
    """The title and the paper's figures come from the model."""
    make("ACAI").save_pretrained(folder, metrics=METRICS, run=RUN)
    contents = publishing.plan(folder, REPO)
    assert publishing.EVAL_RESULTS not in contents
    text = contents["README.md"].decode()
    assert "# ACAI\n" in text and "98.25" not in text and "acai-mnist-32\n" not in text


JSON = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers(-(10**400), 10**400)
    | strategies.floats()
    | strategies.text(strategies.characters(codec=None), max_size=9),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.sampled_from(["name", "x", "recipe"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
KEYS = {
    "metrics.json": ["scores", "data", "counts", "paper", "time", "command", "images", "n_init"],
    "run.json": ["settings", "data", "starts", "images", "seconds", "note", "before", "status"],
    "config.json": ["config", "keras_acai", "keras", "more"],
}


@hypothesis.given(
    content=JSON, place=strategies.sampled_from([(f, k) for f in KEYS for k in KEYS[f]])
)
@hypothesis.settings(
    max_examples=300, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_any_folder_gives_a_plan_or_a_load_error(small, content, place):
    name, key = place
    path, before = small / name, (small / name).read_text()
    weights = records.read_config(small).sha256
    try:
        changed = json.loads(before) | {key: content} | {"weights": weights}
        path.write_text(json.dumps(changed), "utf-8")
        try:
            publishing.plan(small, REPO)
            str(keras_acai.info(small))
        except keras_acai.LoadError as error:
            assert "\n" not in str(error)
    finally:
        path.write_text(before)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "acai"
    make("ACAI").save_pretrained(folder, metrics=METRICS, run=RUN)
    return folder


@pytest.mark.parametrize("name", ["a/b/c", "noslash", "../x y", "acme/a..b"])
def test_a_bad_name(folder, name):
    for function in (keras_acai.publish, publishing.plan):
        refused("write owner/name|Cannot have -- or ..", function, folder, name)


def test_the_card_of_a_branch_loads_that_branch(folder):
    card = publishing.plan(folder, REPO, "v2")["README.md"].decode()
    assert f'keras_acai.load("hf://{REPO}@v2")' in card
