"""A file is written as a whole or not at all."""

import hashlib

import numpy as np
import pytest

from keras_acai import files

pytestmark = pytest.mark.once


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "new" / "file.txt"
    with files.atomic_write(path) as part:
        part.write_text("content")
        assert not path.exists()
    assert path.read_text() == "content"
    assert [one.name for one in path.parent.iterdir()] == ["file.txt"]


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(OSError, match="disk full"), files.atomic_write(path) as part:
        part.write_text("half")
        raise OSError("disk full")
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_hashes(tmp_path):
    (tmp_path / "file").write_bytes(b"\1\2\3\4")
    expected = hashlib.sha256(b"\1\2\3\4").hexdigest()
    assert files.sha256(tmp_path / "file") == expected
    arrays = np.array([[1, 2]], "uint8"), np.empty((0, 3)), np.array([3, 4], "uint8")
    assert files.sha256_of_arrays(*arrays) == expected


def test_json_is_strict(tmp_path):
    files.write_json(tmp_path / "a.json", {"α": float("nan"), "b": [1.5, None]})
    assert files.read_json(tmp_path / "a.json") == {"α": None, "b": [1.5, None]}
    assert files.read_json(tmp_path / "none.json") is None


def test_what_killed_writers_left_is_swept(tmp_path):
    (tmp_path / ".part-old").mkdir()
    (tmp_path / ".part-old" / "half").write_text("")
    (tmp_path / "whole").write_text("")
    files.sweep(tmp_path, seconds=60)
    assert (tmp_path / ".part-old").exists()
    files.sweep(tmp_path, seconds=0)
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]
    files.sweep(tmp_path / "none", seconds=0)
