"""Files of data sets are asked for at a commit, and refused with another hash."""

from unittest import mock

import huggingface_hub
import pytest

from keras_acai import files
from keras_acai.errors import HubError
from keras_acai.hub import client

pytestmark = pytest.mark.once
COMMIT = "c" * 40


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What `hf_hub_download` was asked for; it answers from the cache."""
    (tmp_path / "file").write_bytes(b"rows")
    asked = []

    def download(repo_id, **options):
        asked.append((repo_id, options))
        return str(tmp_path / "file")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    return asked


def test_a_commit_in_the_cache_needs_no_network(asked, tmp_path):
    path = client.data_file("acme/data", "a/b.parquet", COMMIT, files.sha256(tmp_path / "file"))
    ((repo_id, options),) = asked
    assert path == str(tmp_path / "file") and repo_id == "acme/data"
    assert (options["filename"], options["repo_type"]) == ("a/b.parquet", "dataset")
    assert options["revision"] == COMMIT and options["local_files_only"]


def test_another_hash(asked):
    with pytest.raises(HubError, match=r"wrong SHA-256: remove .*file, and try again"):
        client.data_file("acme/data", "b.parquet", COMMIT, "0" * 64)


class ReadTimeout(Exception):  # noqa: N818
    """As that of the client's HTTP library."""


@pytest.mark.parametrize("whole", [True, False])
def test_a_slow_hub(asked, tmp_path, monkeypatch, whole):
    """It is waited for, unless the cache has all."""
    monkeypatch.setattr("huggingface_hub.HfApi.repo_info", mock.Mock(side_effect=ReadTimeout))
    function = huggingface_hub.hf_hub_download
    client.download(function, "acme/data", is_whole=lambda path: whole)
    assert [options.get("local_files_only", False) for _, options in asked] == [True, False][
        : 2 - whole
    ]
