"""Images are changed at random, and the same on every start of a run."""

import numpy as np
import pytest

from training.augmentation import Augmented, augment

pytestmark = pytest.mark.once


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (40, 8, 6, 3)).astype("uint8")


def test_without_settings_nothing_changes(images):
    np.testing.assert_array_equal(augment(images, np.random.default_rng(1)), images)


def test_all_or_none_or_some_are_mirrored(images):
    mirrored = images[:, :, ::-1]
    np.testing.assert_array_equal(augment(images, np.random.default_rng(1), flip=1.0), mirrored)
    some = augment(images, np.random.default_rng(1), flip=0.5)
    is_mirrored = (some == mirrored).all((1, 2, 3))
    assert ((some == images).all((1, 2, 3)) ^ is_mirrored).all() and 8 < is_mirrored.sum() < 32


def test_shifts_repeat_the_edge(images):
    shifted = augment(images, np.random.default_rng(1), shift=2)
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    found = set()
    for image, wide in zip(shifted, padded, strict=True):
        places = [
            (row, column)
            for row in range(5)
            for column in range(5)
            if (wide[row : row + 8, column : column + 6] == image).all()
        ]
        found.update(places[:1])
        assert places
    assert len(found) > 10


def test_rotations_turn_each_image_by_an_angle_of_its_own():
    x = np.zeros((30, 21, 21, 1), "uint8")
    x[:, 10, 15:19] = 255  # right of the centre
    turned = augment(x, np.random.default_rng(1), rotate=40.0)
    assert turned.dtype == "uint8" and turned.shape == x.shape
    rows = (turned[..., 0] * np.arange(21)[:, None]).sum((1, 2)) / turned.sum((1, 2, 3))
    angles = np.degrees(np.arcsin((rows - 10) / 6.5))
    assert abs(angles).max() < 41 and angles.min() < -20 and angles.max() > 20


@pytest.mark.parametrize("y", [None, np.arange(40)], ids=["images", "labelled"])
def test_batches_depend_only_on_seed_and_index(images, y):
    whole = Augmented(images, y, 16, 3, flip=0.5, shift=1, rotate=5.0)
    later = Augmented(images, y, 16, 3, 5, flip=0.5, shift=1, rotate=5.0)
    for one, other in zip(whole[7], later[2], strict=True):
        np.testing.assert_array_equal(one, other)
    if y is not None:
        x, labels = whole[0]
        assert x.shape == (16, 8, 6, 3) and len(np.unique(labels)) == 16
