"""Figures show the right pixels, marked, and land where they are told to."""

import io
import itertools

import numpy as np
import pytest
from conftest import check_refused
from PIL import Image

from keras_acai import plotting
from keras_acai.images import to_images
from keras_acai.plotting import layout

pytestmark = pytest.mark.once

GENERATOR = np.random.default_rng(0)


def strips(colours=1, rows=3, steps=5):
    return GENERATOR.uniform(-1, 1, (rows, steps, 8, 6, colours)).astype("float32")


@pytest.mark.parametrize("colours", [1, 3])
def test_grid_holds_every_pixel_and_frames_both_ends(colours):
    grid = strips(colours)
    figure = plotting.interpolations(grid, a=grid[:, 0], b=grid[:, -1], title="t")
    a, middle, b = figure.axes
    assert [panel.get_title() for panel in figure.axes] == ["a", "interpolation", "b"]
    sheet = middle.images[0].get_array()
    gap = layout.GAP
    np.testing.assert_allclose(
        sheet[8 + gap : 16 + gap, 2 * (6 + gap) : 2 * (6 + gap) + 6],
        np.broadcast_to(grid[1, 2] / 2 + 0.5, (8, 6, 3)),
        atol=1e-6,
    )
    corners = sorted(patch.get_xy() for patch in middle.patches)
    ends = [(-1 + x, -1 + row * (8 + gap)) for x in (0, 4 * (6 + gap)) for row in range(3)]
    assert corners == sorted(ends)
    assert not a.patches and not b.patches


def test_uint8_and_floats_look_alike_and_excess_is_clipped():
    images = GENERATOR.integers(0, 256, (1, 4, 8, 8, 1)).astype("uint8")
    as_drawn = [
        plotting.interpolations(one).axes[0].images[0].get_array()
        for one in (images, images / 127.5 - 1)
    ]
    np.testing.assert_allclose(*as_drawn, atol=1e-6)
    sheet = plotting.interpolations(strips() * 9).axes[0].images[0].get_array()
    assert sheet.min() == 0 and sheet.max() == 1


def test_single_strip():
    assert len(plotting.interpolations(strips()[0]).axes) == 1


def test_reconstructions_stand_below_their_images():
    images, reconstructed = strips()[0], strips()[1]
    panel = plotting.reconstructions(images, reconstructed).axes[0]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["image", "reconstruction"]
    sheet = panel.images[0].get_array()
    np.testing.assert_allclose(sheet[:8, :6, 0], images[0, ..., 0] / 2 + 0.5, atol=1e-6)
    np.testing.assert_allclose(sheet[10:18, :6, 0], reconstructed[0, ..., 0] / 2 + 0.5, atol=1e-6)


def test_rows_have_labels_in_their_middle():
    grid = strips()
    names = [f"model {row}" for row in range(len(grid))]
    first, middle = plotting.interpolations(grid, a=grid[:, 0], labels=names).axes
    assert [label.get_text() for label in first.get_yticklabels()] == names
    height = grid.shape[2] + layout.GAP
    np.testing.assert_allclose(np.diff(first.get_yticks()), height)
    assert first.get_yticks()[0] == grid.shape[2] / 2 and not len(middle.get_yticks())
    with pytest.raises(ValueError, match="2 labels for 3 rows"):
        plotting.interpolations(grid, labels=names[:2])


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_files(tmp_path, suffix):
    path = tmp_path / "deep" / f"figure.{suffix}"
    plotting.interpolations(strips(), path=path)
    assert path.stat().st_size > 1000


def test_figures_show_themselves_in_notebooks():
    picture = Image.open(io.BytesIO(plotting.interpolations(strips())._repr_png_()))
    assert picture.format == "PNG" and picture.width > picture.height


def test_the_scale_of_a_file(tmp_path):
    sizes = []
    for scale in (2, 4):
        plotting.interpolations(strips(), path=tmp_path / "a.png", scale=scale)
        with Image.open(tmp_path / "a.png") as picture:
            sizes.append(picture.width)
    assert sizes[1] / sizes[0] == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("suffix", ["gif", "webp", "apng"])
@pytest.mark.parametrize("colours", [1, 3])
def test_animations(tmp_path, suffix, colours):
    grid = strips(colours)
    path = tmp_path / "deep" / f"morph.{suffix}"
    plotting.animation(grid, path, scale=1)
    with Image.open(path) as picture:
        assert picture.n_frames == 8 and picture.size == (6, 24)
        picture.seek(3)
        found = np.asarray(picture.convert("RGB"), int)
    expected = to_images(grid[:, 3]).reshape(24, 6, colours)
    assert np.abs(found - expected).mean() < (12 if suffix == "gif" and colours == 3 else 1)
    plotting.animation(grid[0], path, scale=2.5, back=False)
    with Image.open(path) as picture:
        assert picture.n_frames == 5 and picture.size == (15, 20)


@pytest.mark.parametrize("suffix", ["gif", "webp", "apng"])
@pytest.mark.parametrize("steps, seconds", [(32, 2.0), (256, 2.0), (7, 1.0)])
def test_animations_take_the_time_that_was_asked_for(tmp_path, suffix, steps, seconds):
    ramp = np.linspace(-1, 1, steps * 16).reshape(steps, 4, 4, 1)
    path = tmp_path / f"morph.{suffix}"
    plotting.animation(ramp, path, scale=1, seconds=seconds, back=False)
    durations = []
    with Image.open(path) as picture:
        for frame in range(picture.n_frames):
            picture.seek(frame)
            picture.load()
            durations.append(picture.info["duration"])
    whole = 1000 * seconds * steps / (steps - 1)  # the last one is shown, too
    assert abs(sum(durations) - whole) <= 30 and min(durations) >= (20 if suffix == "gif" else 2)


def test_animations_that_cannot_be():
    for options in ({"scale": 0}, {"scale": "x"}, {"seconds": -1}, {"seconds": np.nan}):
        check_refused(f"{min(options)}=", plotting.animation, strips(), "a.gif", **options)
    check_refused("ends in .gif, .webp, .apng", plotting.animation, strips(), "a.mp4")
    check_refused("strips have shape", plotting.animation, np.zeros((3, 8, 6)), "a.gif")


@pytest.mark.parametrize(
    "bad", [np.zeros((3, 8, 6)), np.zeros((3, 5, 8, 6, 2)), np.zeros((0, 5, 8, 6, 1))]
)
def test_bad_strips(bad):
    with pytest.raises(ValueError, match="strips have shape"):
        plotting.interpolations(bad)


def test_pictures_that_do_not_belong_together():
    grid = strips()
    with pytest.raises(ValueError, match="one image for each row"):
        plotting.interpolations(grid, a=grid[:2, 0])
    with pytest.raises(ValueError, match="one image for each row"):
        plotting.reconstructions(grid[0], grid[1, :2])
    with pytest.raises(ValueError, match="images have shape"):
        plotting.reconstructions(grid, grid)


def test_pictures_lie_in_rows(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (10, 4, 6, 3), "uint8")
    sheet = plotting.pictures(images, columns=4, path=tmp_path / "sheet.png").axes[0].images[0]
    shown = np.asarray(sheet.get_array())
    assert shown.shape == (3 * 4 + 2 * 2, 4 * 6 + 3 * 2, 3)
    np.testing.assert_allclose(shown[6:10, 8:14] * 255, images[5], atol=1e-3)
    assert (shown[12:, 16:] == 1).all() and (tmp_path / "sheet.png").exists()
    with pytest.raises(ValueError, match="give \\(n, height"):
        plotting.pictures(images[0])


@pytest.mark.parametrize("scale", [None, 1, 3, 4])
def test_a_pixel_is_a_whole_number_of_dots(tmp_path, scale):
    """Whatever texts stand around the images."""
    stripes = np.zeros((2, 3, 16, 16, 1), "uint8")
    stripes[..., ::2, :] = 255
    options = {"title": "Stripes", "labels": ["a model with a long name", "b"], "scale": scale}
    figure = plotting.interpolations(stripes, *stripes[:, :2].swapaxes(0, 1), **options)
    for panel in figure.axes:
        for frame in [*panel.patches]:
            frame.remove()
    figure.savefig(tmp_path / "stripes.png")
    rows = np.asarray(Image.open(tmp_path / "stripes.png").convert("L")) > 128
    runs = [[len(list(run)) for white, run in itertools.groupby(row) if not white] for row in rows]
    expected = round(100 * 0.5 / 18) if scale is None else scale
    striped = [run for run in runs if run[-8 * 5 :] == 8 * 5 * [expected]]  # right of the labels
    assert len(striped) == 2 * 16 * expected


def test_a_single_picture_is_as_large_as_any(tmp_path):
    one, many = np.zeros((1, 32, 32, 1)), np.zeros((9, 32, 32, 1))
    plotting.reconstructions(one, one, path=tmp_path / "one.png")
    plotting.reconstructions(many, many, path=tmp_path / "many.png")
    sizes = [Image.open(tmp_path / f"{name}.png").size for name in ("one", "many")]
    assert sizes[0][1] == sizes[1][1] and sizes[1][0] - sizes[0][0] == 8 * 2 * 34


def test_numbers_that_cannot_be_drawn(tmp_path):
    images = np.zeros((2, 8, 8, 1))
    check_refused("scale=0", plotting.pictures, images, scale=0)
    check_refused("ends in", plotting.pictures, images, path=tmp_path / "name")
    check_refused("ends in", plotting.pictures, images, path=tmp_path / "name.pgf")
    check_refused("seconds=", plotting.animation, images, tmp_path / "a.gif", seconds=1e6)
    check_refused("NaN or infinity", plotting.pictures, images * np.nan)
