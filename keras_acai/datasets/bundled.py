"""A few test images that come with the package, for examples without a network."""

import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).with_name("arrays")
LINES = 40
NAMES = ("mnist", "svhn", "lines")


def samples(name="mnist"):
    """Returns a few test images and their labels, without a network or a cache.

    They are the first of each class of the test set: 50 digits of MNIST, padded to 32×32, 30 house
    numbers of SVHN (for non-commercial use only), or 40 lines.

    Args:
        name: "mnist", "svhn" or "lines". Defaults to "mnist".

    Returns:
        (x, y): uint8 (n, 32, 32, colours) in 0…255, and int64 (n,).

    Raises:
        ValueError: for another name.

    Example:

    ```python
    (x, y) = keras_acai.datasets.samples("mnist")
    strips = keras_acai.load("acai-mnist").interpolate(x[:4], x[4:8])
    ```
    """
    if name == "lines":
        from keras_acai.datasets.drawn import draw_lines

        x, y = draw_lines("test")
        return x[:LINES], y[:LINES]
    path = FOLDER / f"{name}.npz"
    if name not in NAMES:
        raise ValueError(f"There are no samples of {name!r}: use 'mnist', 'svhn' or 'lines'.")
    with np.load(path, allow_pickle=False) as file:
        return file["x"], file["y"]
