"""A page goes to the Hub as a static Space, in one commit."""

from unittest import mock

import huggingface_hub
import pytest
from conftest import check_refused_load as refused

import keras_acai
from keras_acai.zoo import spaces

pytestmark = pytest.mark.once


@pytest.fixture
def folder(tmp_path):
    for name in ("models", ".secret"):
        (tmp_path / name).mkdir()
    for name in ("index.html", "models/encoder.onnx", ".hidden", ".secret/key.pem"):
        (tmp_path / name).write_text("content")
    (tmp_path / "README.md").write_text("---\ntitle: Page\nsdk: static\n---\n")
    return tmp_path


@pytest.fixture
def api():
    with mock.patch("huggingface_hub.HfApi", autospec=True) as made:
        made.return_value.create_repo.return_value = "hub/spaces/me/morph"
        yield made.return_value


def test_plan(folder, tmp_path_factory):
    (folder / "link.txt").symlink_to(folder / "index.html")
    names = {"index.html", "models/encoder.onnx", "README.md"}
    assert set(spaces.plan(folder, "me/morph")) == names
    refused("does not hold a page", spaces.plan, tmp_path_factory.mktemp("empty"), "me/morph")
    (folder / "README.md").write_text("---\nsdk: gradio\n---\n")
    refused("sdk: static", spaces.plan, folder, "me/morph")


def test_publish(folder, api):
    assert spaces.publish(folder, "me/morph", private=True) == "hub/spaces/me/morph"
    api.create_repo.assert_called_once_with(
        repo_id="me/morph", repo_type="space", space_sdk="static", private=True, exist_ok=True
    )
    options = api.upload_folder.call_args.kwargs
    assert set(options["allow_patterns"]) == set(spaces.plan(folder, "me/morph"))
    assert options["repo_type"] == "space" and options["delete_patterns"] == "*"
    api.create_branch.assert_not_called()
    spaces.publish(folder, "me/morph", revision="next")
    assert api.create_branch.call_args.kwargs["branch"] == "next"


def test_failures_of_the_hub_are_one_line(folder, api):
    api.create_repo.side_effect = huggingface_hub.errors.HfHubHTTPError(
        "no\nway", response=mock.Mock(status_code=500)
    )
    with pytest.raises(keras_acai.LoadError) as error:
        spaces.publish(folder, "me/morph")
    assert "\n" not in str(error.value)


def test_names_with_brackets_are_uploaded(folder, api):
    """The client takes names as patterns."""
    (folder / "models" / "a[1].onnx").write_text("content")
    names = spaces.plan(folder, "me/morph")
    spaces.publish(folder, "me/morph")
    patterns = api.upload_folder.call_args.kwargs["allow_patterns"]
    sent = huggingface_hub.utils.filter_repo_objects(names, allow_patterns=patterns)
    assert set(sent) == set(names)
    refused("write owner/name", spaces.plan, folder, "morph")
