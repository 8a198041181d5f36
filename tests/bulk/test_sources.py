"""Arrays, pictures, tars and Parquet files are read alike, in any pieces."""

import io
import itertools
import os
import re
import tarfile

import numpy as np
import pytest
from conftest import check_refused, make
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from keras_acai.bulk.sources import open_source
from keras_acai.datasets import picture
from keras_acai.errors import DatasetError

pytestmark = pytest.mark.once
COUNT = 12


@pytest.fixture(scope="module")
def model():
    return make("ACAI")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve pictures of 10×10 in two folders, p00.png … p11.png."""
    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0).integers(0, 256, (COUNT, 10, 10)).astype("uint8")
    for number, pixels in enumerate(noise):
        path = folder / f"{number % 2}" / f"p{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


@pytest.fixture(scope="module")
def expected(folder):
    """The pictures as `datasets.picture` reads them, by name."""
    paths = sorted(folder.rglob("*.png"))
    return {path.relative_to(folder).as_posix(): picture(path, (8, 8), 1) for path in paths}


def make_tar(folder, path):
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as tar:
        tar.add(folder, ".")
        member = tarfile.TarInfo("readme.txt")
        member.size = 2
        tar.addfile(member, io.BytesIO(b"hi"))
    return path


def make_parquet(folder, path, group=5, **columns):
    pa = pytest.importorskip("pyarrow")
    paths = sorted(folder.rglob("*.png"))
    cells = [{"bytes": p.read_bytes(), "path": p.relative_to(folder).as_posix()} for p in paths]
    table = pa.table({"image": cells, "label": list(range(len(cells))), **columns})
    pa.parquet.write_table(table, path, row_group_size=group)
    return path


@pytest.fixture(scope="module", params=["folder", "tar", "tgz", "parquet", "archives"])
def opened(request, folder, model, tmp_path_factory):
    """The same pictures in each kind of container."""
    home = tmp_path_factory.mktemp("containers")
    if request.param == "folder":
        paths = [folder]
    elif request.param in ("tar", "tgz"):
        paths = [make_tar(folder, home / f"all.{request.param}")]
    elif request.param == "parquet":
        pytest.importorskip("pyarrow.parquet")
        paths = [make_parquet(folder, home / "all.parquet")]
    else:  # a folder of archives
        for number in (0, 1):
            make_tar(folder / str(number), home / f"{number}.tar")
        paths = [home]
    return open_source(paths, model)


@given(cuts=st.sets(st.integers(1, COUNT - 1)))
def test_pieces_make_the_whole(opened, expected, cuts):
    edges = [0, *sorted(cuts), COUNT]
    pieces = [opened.read(start, stop) for start, stop in itertools.pairwise(edges)]
    assert len(opened) == COUNT
    assert np.concatenate([piece["row"] for piece in pieces]).tolist() == list(range(COUNT))
    for piece in pieces:
        for image, name in zip(piece["x"], piece["names"], strict=True):
            (key,) = [key for key in expected if str(name).endswith(key[2:])]
            np.testing.assert_array_equal(image, expected[key])


def test_names(folder, model, tmp_path):
    tar = make_tar(folder, tmp_path / "all.tar")
    assert open_source([folder], model).read(0, 1)["names"].tolist() == ["0/p00.png"]
    assert open_source([tar], model).read(0, 1)["names"][0].removeprefix("./") == "0/p00.png"
    both = open_source([folder / "0" / "p00.png", tar], model)
    assert len(both) == COUNT + 1
    names = both.read(0, 2)["names"].tolist()
    assert names[0] == (folder / "0" / "p00.png").as_posix()
    assert names[1].startswith(f"{tar.as_posix()}/")


def test_names_that_are_not_utf_8(model, tmp_path):
    """As in archives of another age: they are printed with U+FFFD."""
    for name in (b"ok.png", b"\xe4.png"):
        Image.new("L", (8, 8)).save(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)), "PNG")
    with tarfile.open(tmp_path / "all.tar", "w") as tar:
        for path in sorted(tmp_path.glob("*.png")):
            tar.add(path, path.name)
    for source in (tmp_path, tmp_path / "all.tar"):
        table = open_source([source], model).read(0, 2)
        assert list(table["names"]) == ["ok.png", "\ufffd.png"]


def test_columns_of_parquet_files_are_passed_on(folder, model, tmp_path):
    pytest.importorskip("pyarrow.parquet")
    source = open_source([make_parquet(folder, tmp_path / "a.parquet")], model)
    table = source.read(3, 5)
    assert table["label"].to_pylist() == [3, 4]
    assert table["names"].to_pylist() == ["0/p06.png", "0/p08.png"]


def test_columns_of_pictures(folder, model, tmp_path):
    pa = pytest.importorskip("pyarrow")
    paths = sorted(folder.rglob("*.png"))
    plain = {"scan": [path.read_bytes() for path in paths], "mask": [b""] * COUNT}
    pa.parquet.write_table(pa.table(plain), tmp_path / "two.parquet")
    with pytest.raises(DatasetError, match=re.escape("name one of ['scan', 'mask']")):
        open_source([tmp_path / "two.parquet"], model)
    source = open_source([tmp_path / "two.parquet"], model, column="scan")
    assert source.read(0, COUNT)["x"].shape == (COUNT, 8, 8, 1)
    with pytest.raises(DatasetError, match="no column 'other'"):
        open_source([tmp_path / "two.parquet"], model, column="other")
    with pytest.raises(DatasetError, match="a column 'codes'"):
        path = make_parquet(folder, tmp_path / "taken.parquet", codes=[1] * COUNT)
        open_source([path], model)


def test_unreadable_pictures_are_left_out(folder, model, tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    Image.new("L", (9, 9)).save(tmp_path / "b.png")
    source = open_source([tmp_path], model)
    table = source.read(0, 2)
    assert table["row"].tolist() == [1] and table["names"].tolist() == ["b.png"]
    assert source.unreadable == ["a.png"]


def test_damaged_files_are_refused(folder, model, tmp_path):
    whole = make_tar(folder, tmp_path / "whole.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[:3000])
    (tmp_path / "none.tar.gz").write_bytes(b"no tar")
    (tmp_path / "none.parquet").write_bytes(b"no parquet")
    for name in ("cut.tar", "none.tar.gz", "none.parquet"):
        with pytest.raises(DatasetError, match=re.escape(name)):
            open_source([tmp_path / name], model)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="has no picture"):
        open_source([tmp_path / "empty"], model)


def test_other_columns_are_refused(folder, model, tmp_path):
    pytest.importorskip("pyarrow.parquet")
    path = make_parquet(folder, tmp_path / "a.parquet")
    with pytest.raises(DatasetError, match="different columns"):
        open_source([folder, path], model)


def test_arrays_are_mapped_and_checked(model, tmp_path):
    x = np.random.default_rng(0).random((5, 8, 8, 1), "float32")
    np.save(tmp_path / "x.npy", x)
    check_refused("value_range=", open_source, [tmp_path / "x.npy"], model)
    source = open_source([tmp_path / "x.npy"], model, value_range=(0, 1))
    assert isinstance(source.x, np.memmap)
    np.testing.assert_allclose(source.read(1, 3)["x"], 2 * x[1:3] - 1, atol=1e-6)
    x[4] = np.nan
    np.save(tmp_path / "x.npy", x)
    check_refused("NaN", open_source, [tmp_path / "x.npy"], model, value_range=(0, 1))


def test_data_that_are_not_pictures(folder, tmp_path):
    model = make("ACAI", value_range=None)
    x = 100 * np.random.default_rng(0).normal(size=(3, 8, 8, 1)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    np.testing.assert_array_equal(open_source([tmp_path / "x.npy"], model).read(0, 3)["x"], x)
    check_refused("not pictures: pass an array", open_source, [folder], model)


def test_fingerprints_change_with_the_files(folder, model, tmp_path):
    path = tmp_path / "one.png"
    Image.new("L", (9, 9)).save(path)
    before = open_source([tmp_path], model).fingerprint()
    assert open_source([tmp_path], model).fingerprint() == before
    Image.new("L", (9, 8)).save(path)
    assert open_source([tmp_path], model).fingerprint() != before
