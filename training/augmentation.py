"""Batches whose images are mirrored and shifted at random, the same on every start of a run."""

import numpy as np

from keras_acai import datasets


class Augmented(datasets.Shuffled):
    """The batches of `Shuffled`, each image mirrored and shifted at random.

    Batch `i` depends only on the seed and on `i`.

    Args:
        *args: arguments of `Shuffled`.
        flip: float in [0, 1]. Probability that an image is mirrored. Defaults to 0.
        shift: int. The most pixels by which an image is shifted each way. Defaults to 0.
    """

    def __init__(self, *args, flip=0.0, shift=0):
        super().__init__(*args)
        self.flip = flip
        self.shift = shift

    def __getitem__(self, index):
        batch = super().__getitem__(index)
        generator = np.random.default_rng((self.seed, self.start + index))
        if self.y is None:
            return augment(batch, generator, self.flip, self.shift)
        return augment(batch[0], generator, self.flip, self.shift), batch[1]


def augment(x, generator, flip=0.0, shift=0):
    """Returns images, each mirrored left to right and shifted at random.

    Pixels at the edge are repeated where a shift leaves a gap.

    Args:
        x: (n, height, width, channels).
        generator: `numpy.random.Generator`.
        flip, shift: as for `Augmented`.
    """
    count, height, width = x.shape[:3]
    down, right = generator.integers(-shift, shift, (2, count, 1), endpoint=True)
    rows = np.clip(np.arange(height) + down, 0, height - 1)
    columns = np.clip(np.arange(width) + right, 0, width - 1)
    columns = np.where(generator.random((count, 1)) < flip, columns[:, ::-1], columns)
    return x[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]
