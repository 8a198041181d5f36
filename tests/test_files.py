"""A file is written as a whole or not at all."""

import functools
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import time

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


class Killed(BaseException):
    """Stands for the end of the process: nothing is cleaned up after it."""


@pytest.fixture
def killed_at(monkeypatch):
    """A function that lets the process die at the nth rename or move from now on."""

    def arm(number):
        calls = itertools.count(1)

        def die(name, *paths):
            if next(calls) == number:
                monkeypatch.setattr(shutil, "rmtree", lambda *args, **options: None)
                raise Killed
            return originals[name](*paths)

        originals = {name: getattr(os, name) for name in ("rename", "replace")}
        for name in originals:
            monkeypatch.setattr(os, name, functools.partial(die, name))

    return arm


@pytest.mark.parametrize("number, outcome", [(1, "old"), (2, "new"), (3, "new"), (4, "new")])
def test_files_that_belong_together_survive_a_kill(tmp_path, killed_at, number, outcome):
    def write(content):
        with files.atomic_write_together(tmp_path) as parts:
            for name in "abc":
                (parts / name).write_text(content)

    write("old")
    killed_at(number)
    with pytest.raises(Killed):
        write("new")
    files.settle(tmp_path)
    assert {(tmp_path / name).read_text() for name in "abc"} == {outcome}
    assert not (tmp_path / files.READY).exists()


def test_a_writer_that_is_really_killed(tmp_path):
    """At random moments: every file is of the same generation afterwards."""
    code = (
        "import itertools, sys\nfrom keras_acai import files\n"
        "for generation in itertools.count():\n"
        "    with files.atomic_write_together(sys.argv[1]) as parts:\n"
        "        for name in 'abcdefgh': (parts / name).write_text(str(generation))\n"
        "    print(generation, flush=True)\n"
    )
    for delay in np.random.default_rng(0).uniform(0, 0.03, 12):
        command = [sys.executable, "-c", code, tmp_path]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            writer.stdout.readline()
            time.sleep(delay)
            writer.kill()
        files.settle(tmp_path)
        assert len({(tmp_path / name).read_text() for name in "abcdefgh"}) == 1


def test_a_link_is_not_settled(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / files.READY).symlink_to(tmp_path / "elsewhere")
    files.settle(tmp_path / "home")
    assert (tmp_path / "elsewhere" / "file").exists()


def test_hashes(tmp_path):
    (tmp_path / "file").write_bytes(b"\1\2\3\4")
    expected = hashlib.sha256(b"\1\2\3\4").hexdigest()
    assert files.sha256(tmp_path / "file") == expected
    arrays = np.array([[1, 2]], "uint8"), np.empty((0, 3)), np.array([3, 4], "uint8")
    assert files.sha256_of_arrays(*arrays) == expected
    strided = np.array([[1, 3], [2, 4]], "uint8").T, np.array([[1, 2], [3, 4]], "uint8", order="F")
    assert [files.sha256_of_arrays(each) for each in strided] == [expected] * 2


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


def test_a_writer_sweeps_what_is_old(tmp_path):
    for name, age in ((".part-old", 7200), (".part-young", 60)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    files.write_json(tmp_path / "a.json", {})
    assert sorted(path.name for path in tmp_path.iterdir()) == [".part-young", "a.json"]


def test_a_writer_that_comes_between(tmp_path, monkeypatch):
    """Two processes write into one folder: both succeed, and the last one wins."""
    rename = os.rename

    def late(source, target):
        if target.name == files.READY and not target.exists():
            target.mkdir()
            (target / "file").write_text("of the other")
            monkeypatch.setattr(os, "rename", rename)
        return rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    with files.atomic_write_together(tmp_path) as parts:
        (parts / "file").write_text("ours")
    assert (tmp_path / "file").read_text() == "ours"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
