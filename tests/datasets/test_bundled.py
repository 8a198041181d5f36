"""A few test images come with the package."""

import numpy as np
import pytest
from conftest import check_refused

from keras_acai import datasets

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "name, count, colours", [("mnist", 50, 1), ("svhn", 30, 3), ("lines", 40, 1)]
)
def test_samples(name, count, colours):
    x, y = datasets.samples(name)
    assert x.shape == (count, 32, 32, colours) and x.dtype == np.uint8
    assert y.shape == (count,) and y.dtype == np.int64 and set(y) <= set(range(10))


@pytest.mark.parametrize("name", ["mnist", "svhn"])
def test_samples_are_test_images(name, tfds_dir):
    x, y = datasets.load(name, "test", tfds_dir)
    known = {image.tobytes(): label for image, label in zip(x, y)}
    assert [known[image.tobytes()] for image in datasets.samples(name)[0]] == list(
        datasets.samples(name)[1]
    )


def test_other_names():
    for name in ("cifar10", "../../x", None, 3):
        check_refused("There are no samples of", datasets.samples, name)
