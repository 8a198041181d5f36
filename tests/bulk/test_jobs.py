"""Bulk encoding writes the same shards, whether or not it is stopped on the way."""

import io
import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import check_refused, make
from PIL import Image

import keras_acai
from keras_acai import bulk
from keras_acai.bulk import on_ray, sources
from keras_acai.bulk.work import Job
from keras_acai.errors import PictureError

pytestmark = pytest.mark.once
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def folder(tmp_path):
    make("ACAI").save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


@pytest.fixture
def array(tmp_path):
    """A file of 100 random images."""
    images = np.random.default_rng(0).integers(0, 256, (100, 8, 8, 1)).astype("uint8")
    np.save(tmp_path / "in.npy", images)
    return tmp_path / "in.npy"


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def test_shards_hold_every_code_once(folder, array, tmp_path):
    seen = []
    out = tmp_path / "codes"
    options = {"batch_size": 8, "shard_size": 30, "track": lambda *counts: seen.append(counts)}
    paths = bulk.encode(array, folder, out, **options)
    assert [path.name for path in paths] == [f"codes-0000{i}-of-00004.parquet" for i in range(4)]
    table = pq.read_table(out)  # the whole folder, as other tools read it
    assert table["row"].to_pylist() == list(range(100))
    expected = make("ACAI").features(np.load(array), verbose=0)
    np.testing.assert_allclose(np.stack(table["codes"].to_numpy()), expected, atol=1e-6)
    assert seen[0] == (0, 100) and seen[-1] == (100, 100)


def test_a_second_call_makes_what_is_missing(folder, array, tmp_path):
    out = tmp_path / "codes"
    options = {"batch_size": 8, "shard_size": 30}
    first, second, *_ = bulk.encode(array, folder, out, **options)
    whole, kept = content(out), first.stat().st_mtime_ns
    second.unlink()
    seen = []
    bulk.encode(array, folder, out, **options, track=lambda *counts: seen.append(counts))
    assert content(out) == whole and first.stat().st_mtime_ns == kept
    assert seen[0] == (70, 100)


def test_a_killed_command_resumes(folder, array, tmp_path):
    out = tmp_path / "codes"
    command = [sys.executable, "-m", "keras_acai.cli", "encode", str(array), "-m", str(folder)]
    command += ["--batch-size", "1", "--shard-size", "4", "-o"]
    process = subprocess.Popen([*command, str(out)], stderr=subprocess.DEVNULL)
    while process.poll() is None and len(content(out)) < 3:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 3 <= len(content(out)) < 25
    for folder_of_codes in (out, tmp_path / "whole"):
        done = subprocess.run([*command, str(folder_of_codes)], capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout == f"{folder_of_codes}\n", done.stderr
    assert len(content(out)) == 25 and content(out) == content(tmp_path / "whole")


def test_codes_of_anything_else_are_refused(folder, array, tmp_path):
    out = tmp_path / "codes"
    bulk.encode(array, folder, out)
    check_refused("another shard size", bulk.encode, array, folder, out, shard_size=9)
    check_refused("another model", bulk.encode, array, make("VAE"), out)
    images = np.load(array)
    np.save(array, images[:50])
    check_refused("another images", bulk.encode, array, folder, out)
    (out / "_encode.json").unlink()
    check_refused("codes without _encode.json", bulk.encode, array, folder, out)


def test_unreadable_pictures_are_left_out_with_a_warning(folder, tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(6):
        path = tmp_path / "in" / f"{number}.png"
        path.write_bytes(b"no") if number % 2 else Image.new("L", (9, 9), number).save(path)
    with pytest.warns(UserWarning, match=r"left out: 3, such as 1\.png"):
        bulk.encode(tmp_path / "in", folder, tmp_path / "codes", shard_size=2)
    table = pq.read_table(tmp_path / "codes")
    assert table["row"].to_pylist() == [0, 2, 4]
    assert table["names"].to_pylist() == ["0.png", "2.png", "4.png"]
    (tmp_path / "in" / "0.png").write_bytes(b"no")
    with pytest.raises(PictureError, match="None of 1 pictures is readable"):
        bulk.encode(tmp_path / "in" / "0.png", folder, tmp_path / "none")


def test_indices_of_a_vqvae(array, tmp_path):
    model, out = make("VQVAE"), tmp_path / "codes"
    bulk.encode(array, model, out, what="indices", shard_size=60)
    codes = np.stack(pq.read_table(out)["codes"].to_numpy())
    assert codes.dtype == np.int32
    np.testing.assert_array_equal(codes, model.encode_indices(np.load(array)))
    check_refused("another kind", bulk.encode, array, model, out, shard_size=60)
    other = tmp_path / "other"
    check_refused("use a VQVAE", bulk.encode, array, make("ACAI"), other, what="indices")
    assert not other.exists()


def test_other_vectors_make_other_indices(array, tmp_path):
    model, out = make("VQVAE"), tmp_path / "indices"
    bulk.encode(array, model, out, what="indices")
    model.adapt(np.load(array))
    check_refused("another model", bulk.encode, array, model, out, what="indices")


def test_another_precision_makes_other_codes(folder, array, tmp_path):
    bulk.encode(array, folder, tmp_path / "codes")
    model = keras_acai.load(folder, dtype="mixed_bfloat16")
    check_refused("another model", bulk.encode, array, model, tmp_path / "codes")


def test_refuses_before_any_work(folder, array, tmp_path):
    out = tmp_path / "codes"
    check_refused("what='pixels'", bulk.encode, array, folder, out, what="pixels")
    check_refused("engine='spark'", bulk.encode, array, folder, out, engine="spark")
    check_refused("shard_size=0", bulk.encode, array, folder, out, shard_size=0)
    check_refused("batch_size=-1", bulk.encode, array, folder, out, batch_size=-1)
    assert not out.exists()


def test_engine_ray_needs_a_name(array, tmp_path):
    pytest.importorskip("ray")
    out = tmp_path / "codes"
    check_refused("its name or folder", bulk.encode, array, make("ACAI"), out, engine="ray")


def actors():
    """Process numbers of Ray's actors that encode."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True).stdout
    lines = [line.split(None, 1) for line in listed.splitlines()]
    return [int(pid) for pid, args in lines if "MapWorker" in args or "Worker.__init__" in args]


@pytest.mark.long
def test_a_killed_driver_resumes(folder, array, tmp_path):
    pytest.importorskip("ray")
    command = [sys.executable, "-m", "keras_acai.cli", "encode", str(array), "-m", str(folder)]
    command += [
        "--batch-size",
        "1",
        "--shard-size",
        "2",
        "--engine",
        "ray",
        "-o",
        str(tmp_path / "ray"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(content(tmp_path / "ray")) < 3:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 3 <= len(content(tmp_path / "ray")) < 50
    assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    bulk.encode(array, folder, tmp_path / "local", batch_size=1, shard_size=2)
    assert content(tmp_path / "ray") == content(tmp_path / "local")


@pytest.mark.long
def test_a_killed_actor_loses_nothing(folder, array, tmp_path):
    pytest.importorskip("ray")
    ray_folder, killed = tmp_path / "ray", []

    def kill_once(done, total):
        if done >= 20 and not killed:
            killed.extend(actors()[:1])
            os.kill(killed[0], signal.SIGKILL)

    options = {"batch_size": 4, "shard_size": 4}
    bulk.encode(array, folder, ray_folder, engine="ray", track=kill_once, **options)
    bulk.encode(array, folder, tmp_path / "local", **options)
    assert killed
    assert content(ray_folder) == content(tmp_path / "local")


def test_one_path_is_no_list_of_letters(folder, array):
    table = bulk.measure(str(array), keras_acai.load(folder))
    assert table["codes"].shape == (100, make("ACAI").code_size)
    check_refused("what='foo': choose from codes", bulk.measure, array, make("ACAI"), "foo")


def test_a_dark_batch_of_a_bright_array(tmp_path):
    images = np.full((20, 8, 8, 1), 200, "float32")
    images[7] = np.eye(8)[..., None]
    np.save(tmp_path / "x.npy", images)
    model = make("ACAI")
    found = bulk.measure(tmp_path / "x.npy", model, batch_size=1, value_range=(0, 255))
    expected = model.features(images, value_range=(0, 255), verbose=0)
    np.testing.assert_allclose(found["codes"], expected, atol=1e-6)


def test_a_dark_end_of_a_long_array(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "CHUNK", 4)
    images = np.full((9, 8, 8, 1), -1, "float32")
    images[-1] = 0.5
    np.save(tmp_path / "x.npy", images)
    assert len(bulk.measure(tmp_path / "x.npy", make("ACAI"))["codes"]) == 9
    np.save(tmp_path / "x.npy", np.abs(images))
    check_refused("value_range=", bulk.measure, tmp_path / "x.npy", make("ACAI"))


def test_a_rerun_still_says_what_is_missing(folder, tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.png").write_bytes(b"junk")
    for _ in range(2):
        with pytest.raises(PictureError, match="None of 3 pictures is readable"):
            bulk.encode(tmp_path / "in", folder, tmp_path / "none")
    Image.new("L", (9, 9)).save(tmp_path / "in" / "0.png")
    for _ in range(2):
        with pytest.warns(UserWarning, match="left out: 2"):
            bulk.encode(tmp_path / "in", folder, tmp_path / "some")


def test_ranges_that_are_equal_resume(folder, array, tmp_path):
    written = [
        bulk.encode(array, folder, tmp_path / "codes", value_range=value_range)
        for value_range in ((0, 255), [0.0, 255.0])
    ]
    assert written[0] == written[1] and pq.read_table(tmp_path / "codes").num_rows == 100


def test_codes_below_their_pictures(folder, tmp_path):
    """They are no input of the next call."""
    data = tmp_path / "data"
    data.mkdir()
    picture = io.BytesIO()
    Image.new("L", (9, 9)).save(picture, "PNG")
    kinds = pa.array(["cat", "dog", "cat"]).dictionary_encode()
    pictures = pa.table({"image": [picture.getvalue()] * 3, "kind": kinds})
    pq.write_table(pictures, data / "pictures.parquet")
    for _ in range(2):
        paths = bulk.encode(data, folder, data / "codes", shard_size=2)
    assert pq.read_table(data / "codes")["kind"].to_pylist() == ["cat", "dog", "cat"]
    assert len(paths) == 2


def test_ray_writes_the_names_that_this_process_writes(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(4):
        Image.new("L", (9, 9), number).save(f"{number}.png")
    paths, out = [f"{number}.png" for number in range(4)], pathlib.Path("codes")
    bulk.encode(paths, "tiny", out, shard_size=2)
    whole = content(out)
    (out / "codes-00001-of-00002.parquet").unlink()
    job = Job(paths, "tiny", out, 256, 2, {}, "codes")
    monkeypatch.chdir("/")  # as an actor starts
    on_ray.Worker(job, str(tmp_path))({"shard": 1})
    monkeypatch.chdir(tmp_path)
    assert content(out) == whole
