"""Batches of images that are changed at random, the same on every start of a run."""

import numpy as np
import scipy.ndimage

from keras_acai import datasets


class Augmented(datasets.Shuffled):
    """The batches of `Shuffled`, each image mirrored, turned and shifted at random.

    Batch `i` depends only on the seed and on `i`.

    Args:
        *args: arguments of `Shuffled`.
        flip: float in [0, 1]. Probability that an image is mirrored. Defaults to 0.
        shift: int. The most pixels by which an image is shifted each way. Defaults to 0.
        rotate: float. The most degrees by which an image is turned each way. Defaults to 0.
    """

    def __init__(self, *args, flip=0.0, shift=0, rotate=0.0):
        super().__init__(*args)
        self.changes = {"flip": flip, "shift": shift, "rotate": rotate}

    def __getitem__(self, index):
        batch = super().__getitem__(index)
        generator = np.random.default_rng((self.seed, self.start + index))
        if self.y is None:
            return augment(batch, generator, **self.changes)
        return augment(batch[0], generator, **self.changes), batch[1]


def augment(x, generator, flip=0.0, shift=0, rotate=0.0):
    """Returns images, each turned, mirrored left to right and shifted at random.

    Pixels at the edge are repeated where that leaves a gap.

    Args:
        x: (n, height, width, channels).
        generator: `numpy.random.Generator`.
        flip, shift, rotate: as for `Augmented`.
    """
    if rotate:
        x = _turned(x, generator.uniform(-rotate, rotate, len(x)))
    count, height, width = x.shape[:3]
    down, right = generator.integers(-shift, shift, (2, count, 1), endpoint=True)
    rows = np.clip(np.arange(height) + down, 0, height - 1)
    columns = np.clip(np.arange(width) + right, 0, width - 1)
    columns = np.where(generator.random((count, 1)) < flip, columns[:, ::-1], columns)
    return x[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def _turned(x, degrees):
    """Images turned counterclockwise about their centres, in their dtype."""
    options = {"axes": (0, 1), "reshape": False, "order": 1, "mode": "nearest"}
    return np.stack(
        [scipy.ndimage.rotate(image, angle, **options) for image, angle in zip(x, degrees)]
    )
