"""A folder of pictures becomes an array, whatever files are in it."""

import os

import numpy as np
import pytest
from conftest import check_refused
from PIL import Image

from keras_acai import datasets

pytestmark = pytest.mark.once


def paint(path, colour, size=(40, 30), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "pictures"
    paint(folder / "b.png", (0, 255, 0))
    paint(folder / "a.jpg", (255, 0, 0), quality=95)
    paint(folder / "c.PNG", 77, mode="L")
    (folder / "notes.txt").write_text("not a picture")
    return folder


def test_pictures_come_in_the_order_of_their_names(folder):
    x, y = datasets.image_folder(folder, 16)
    assert x.shape == (3, 16, 16, 3) and x.dtype == np.uint8 and y is None
    np.testing.assert_allclose(x[:, 8, 8].astype(int), [[254, 0, 0], [0, 255, 0], [77] * 3], atol=2)


def test_names_and_classes(tmp_path):
    for name in ("dog/x.png", "cat/deep/y.png", "dog/z.png"):
        paint(tmp_path / name, 1, mode="L")
    (tmp_path / "cat" / "broken.png").write_bytes(b"")
    with pytest.warns(UserWarning, match="left out: 1"):
        datasets.image_folder(tmp_path, 4)
    x, y = found = datasets.image_folder(tmp_path, 4)  # from the cache
    assert found.names == ["cat/deep/y.png", "dog/x.png", "dog/z.png"]
    assert [found.classes[each] for each in y] == ["cat", "dog", "dog"]
    assert found.x is x and found.y is y


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_pictures_lie_on_a_background(tmp_path, mode):
    """A black drawing on nothing is black on white, not black on black."""
    drawing = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    drawing.paste((0, 0, 0, 255), (0, 0, 16, 8))
    drawing.convert(mode).save(tmp_path / "a.png")
    grey = datasets.picture(tmp_path / "a.png", (16, 16), 1)[..., 0]
    assert (grey[:7] == 0).all() and (grey[9:] == 255).all()
    gold = datasets.picture(tmp_path / "a.png", (16, 16), 3, background="#ffcc00")
    assert gold[12, 4].tolist() == [255, 204, 0] and gold[2, 4].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(
        datasets.image_folder(tmp_path, 16, background=(255, 204, 0))[0], gold[None]
    )
    assert datasets.image_folder(tmp_path, 16)[0][0, 12, 4].tolist() == [255] * 3
    for background in ("no colour", (1, 2), (0, 0, 300), 5, None):
        check_refused("background=", datasets.picture, drawing, (8, 8), 3, background)


def test_whatever_pillow_reads_is_a_picture(tmp_path):
    for end in ("avif", "jfif", "jp2", "tga", "webp"):
        paint(tmp_path / f"a.{end}", 9, mode="L", format="JPEG" if end == "jfif" else None)
    for end in ("h5", "mpg", "eps", "pdf"):
        (tmp_path / f"b.{end}").write_bytes(b"no picture")
    assert len(datasets.image_folder(tmp_path, 8)[0]) == 5


def test_pictures_may_be_grey(folder):
    x, _ = datasets.image_folder(folder, 8, colours=1)
    assert x.shape == (3, 8, 8, 1) and abs(int(x[1, 4, 4, 0]) - 150) < 2


def test_the_middle_square_is_cropped_and_resized(tmp_path):
    ramp = np.tile(np.arange(120, dtype="uint8")[:, None] * 2, (1, 60))
    Image.fromarray(ramp).save(tmp_path / "tall.png")
    x, _ = datasets.image_folder(tmp_path, 30, colours=1)
    expected = ramp[30:90].reshape(30, 2, 60).mean(axis=1)[:, :30]
    np.testing.assert_allclose(x[0, 2:-2, :, 0], expected[2:-2], atol=1)


def test_pictures_are_rotated_upright(tmp_path):
    image = Image.new("L", (20, 20), 0)
    image.paste(255, (0, 0, 20, 10))  # white above
    exif = image.getexif()
    exif[0x0112] = 3  # upside down
    image.save(tmp_path / "turned.png", exif=exif)
    x, _ = datasets.image_folder(tmp_path, 8, colours=1)
    assert x[0, 1, 4, 0] == 0 and x[0, 6, 4, 0] == 255


def test_sixteen_bits_keep_their_brightness(tmp_path):
    Image.fromarray(np.full((9, 9), 32768, "uint16")).save(tmp_path / "deep.png")
    assert np.all(datasets.image_folder(tmp_path, 4, colours=1)[0] == 128)


def test_subfolders_are_classes(tmp_path):
    for name, colour in (("dog/x.png", 1), ("cat/deep/y.png", 2), ("dog/z.png", 3)):
        paint(tmp_path / name, colour, mode="L")
    x, y = datasets.image_folder(tmp_path, 4, colours=1)
    assert x[:, 0, 0, 0].tolist() == [2, 1, 3] and y.tolist() == [0, 1, 1]


def test_the_cache_is_used_until_a_file_changes(folder, monkeypatch):
    first, _ = datasets.image_folder(folder, 8)
    opened, read = [], Image.open
    monkeypatch.setattr(Image, "open", lambda path: opened.append(path) or read(path))
    np.testing.assert_array_equal(datasets.image_folder(folder, 8)[0], first)
    assert not opened
    os.utime(folder / "b.png", (1, 1))
    datasets.image_folder(folder, 8)
    assert len(opened) == 3


def test_broken_pictures_are_left_out_and_named(folder):
    (folder / "broken.png").write_bytes((folder / "b.png").read_bytes()[:50])
    with pytest.warns(UserWarning, match=r"left out: 1.*broken\.png"):
        assert len(datasets.image_folder(folder, 8)[0]) == 3


def test_odd_files_are_left_out(folder):
    (folder / "link.png").symlink_to(folder / "gone.png")
    (folder / "round").symlink_to(folder)
    Image.fromarray(np.ones((5, 5), "float32")).save(folder / "float.tiff")
    with open(os.fsencode(folder) + b"/\xff.png", "wb") as file:
        file.write(b"nothing")
    with pytest.warns(UserWarning, match="left out: 2"):
        assert len(datasets.image_folder(folder, 8)[0]) == 3


def test_linked_folders_are_searched(folder, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "linked").symlink_to(folder)
    assert len(datasets.image_folder(tmp_path / "other", 8)[0]) == 3


def test_a_single_subfolder_is_not_a_class(tmp_path):
    paint(tmp_path / "2024" / "a.png", 1, mode="L")
    assert datasets.image_folder(tmp_path, 4)[1] is None


def test_unusable_folders_and_arguments_are_refused(tmp_path):
    with pytest.raises(datasets.DatasetError, match="has no readable picture"):
        datasets.image_folder(tmp_path)
    with pytest.raises(datasets.DatasetError, match="is not a folder"):
        datasets.image_folder(tmp_path / "missing")
    check_refused("colours=4", datasets.image_folder, tmp_path, colours=4)
    check_refused("size=0", datasets.image_folder, tmp_path, size=0)


def test_a_pil_picture_is_read_like_its_file(tmp_path):
    image = Image.fromarray(np.arange(20 * 30, dtype="uint8").reshape(20, 30))
    image.save(tmp_path / "a.png")
    expected = datasets.picture(tmp_path / "a.png", (8, 8), 1)
    np.testing.assert_array_equal(datasets.picture(image, (8, 8), 1), expected)
