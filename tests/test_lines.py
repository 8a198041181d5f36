"""Lines are drawn and scored as the task defines them."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_acai import lines

SPEED = """
import time
import numpy as np
from keras_acai import lines
images = lines.draw(np.random.default_rng(0).uniform(0, 6.28, 256 * 16)).reshape(256, 16, 32, 32, 1)
for _ in range(2):
    start = time.perf_counter()
    lines.score(images)
    print(time.perf_counter() - start)
"""


def path(start, stop, steps=16):
    return lines.draw(np.linspace(start, stop, steps))[None]


def test_draw_points_where_the_angle_says():
    right, up, left, down = lines.draw(np.array([0, 0.5, 1, 1.5]) * np.pi)[..., 0]
    empty = [right[:, :16], up[16:], left[:, 16:], down[:16]]
    full = [right[:, 16:], up[:16], left[:, :16], down[16:]]
    assert [half.max() for half in empty] == [-1] * 4
    assert [half.max() for half in full] == [1] * 4


@given(st.floats(-100, 100))
def test_draw_gives_fifteen_by_two_pixels_of_ink(angle):
    image = lines.draw([angle])
    assert image.shape == (1, 32, 32, 1) and image.dtype == np.float32
    assert image.min() == -1 and image.max() <= 1
    ink = (image + 1).sum() / 2
    longer = max(abs(np.cos(angle)), abs(np.sin(angle))) * 15
    assert 2 * longer - 1e-3 <= ink <= 2 * (longer + 1) + 1e-3


@pytest.mark.parametrize("angles", [[np.nan], [[1.0]], 1.0, ["a"], [np.inf], [None]])
def test_draw_refuses_what_is_no_angle(angles):
    with pytest.raises(ValueError, match="radians"):
        lines.draw(angles)


def test_labels_are_tenths_of_the_circle():
    assert lines.labels(np.array([0, 0.62, 0.63, 6.28, 6.29, -0.1, -1e-20])).tolist() == [
        0,
        0,
        1,
        9,
        0,
        9,
        0,
    ]


def test_a_uniform_turn_is_perfect():
    score = lines.score(path(1, 1 + 15 * 40 * 2 * np.pi / 10_000))
    assert score.mean_distance < 1e-4
    assert score.smoothness == pytest.approx(0, abs=1e-9)


def test_a_jump_is_not_smooth():
    jump = np.concatenate([path(1, 1, 8), path(2, 2, 8)], axis=1)
    assert lines.score(jump).smoothness == pytest.approx(1 - 1 / 15, abs=1e-3)


def test_angles_are_unwrapped():
    assert lines.score(path(6.0, 6.6)).smoothness < 0.01


def test_a_path_that_does_not_turn_has_no_smoothness():
    still = path(1, 1)
    score = lines.score(still)
    assert np.isnan(score.smoothness) and np.isnan(score.path_smoothness).all()
    both = lines.score(np.concatenate([still, path(1, 2)]))
    assert np.isfinite(both.smoothness)


def test_distance_does_not_depend_on_contrast_and_is_1_for_nothing():
    strip = path(1, 2)
    np.testing.assert_allclose(lines.score(strip * 0.5).distances, lines.score(strip).distances)
    np.testing.assert_allclose(lines.score(np.zeros_like(strip)).distances, 1)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((2, 16, 28, 28, 1)),
        np.zeros((16, 32, 32, 1)),
        np.zeros((0, 16, 32, 32, 1)),
        np.zeros((2, 1, 32, 32, 1)),
        np.full((2, 16, 32, 32, 1), np.nan),
        np.zeros((2, 16, 32, 32, 1), "uint8"),
    ],
)
def test_score_refuses(bad):
    with pytest.raises(ValueError, match="interpolations"):
        lines.score(bad)


@pytest.mark.long
def test_score_of_256_paths_is_fast():
    output = subprocess.run(
        [sys.executable, "-c", SPEED], capture_output=True, text=True, check=True
    )
    first, second = map(float, output.stdout.split())
    assert first < 5 and second < 1.5


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint64", "float16"])
def test_draw_takes_angles_of_any_dtype(dtype):
    angles = np.arange(7).astype(dtype)
    np.testing.assert_array_equal(lines.draw(angles), lines.draw(np.arange(7.0)))
