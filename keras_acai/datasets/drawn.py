"""Images of lines, drawn by keras_acai: a fixed number, or an endless stream."""

import keras
import numpy as np

from keras_acai import lines
from keras_acai.checks import check_size

SPLITS = {"train": (2**16, 1), "test": (10_000, 2)}  # (number of lines, seed of their angles)
CHUNK = 4096  # lines drawn at once


class EndlessLines(keras.utils.PyDataset):
    """Endless batches of lines at random angles, (float32 images, int64 labels).

    Batch `i` depends only on the seed and on `i`.

    Args:
        batch_size: int. Lines in a batch. Defaults to 64.
        seed: int. Seed of the angles. Defaults to 0.
        start: int. Index of the first batch. Defaults to 0.
        labelled: bool. Whether a batch has labels. Defaults to True.
        **kwargs: arguments of `keras.utils.PyDataset`.

    Raises:
        ValueError: for a `batch_size` below 1.

    Example: `model.fit(EndlessLines(), steps_per_epoch=1000, epochs=10)`
    """

    def __init__(self, batch_size=64, seed=0, start=0, labelled=True, **kwargs):
        super().__init__(**kwargs)
        self.batch_size = check_size(batch_size, "batch_size")
        self.seed = seed
        self.start = start
        self.labelled = labelled

    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        generator = np.random.default_rng((self.seed, self.start + index))
        angles = generator.uniform(0, 2 * np.pi, self.batch_size)
        x = lines.draw(angles)
        return (x, lines.labels(angles)) if self.labelled else x


def draw_lines(split):
    """Draws the lines of a split: uint8 (n, 32, 32, 1) and int64 labels (n,)."""
    count, seed = SPLITS[split]
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, count)
    x = np.empty((count, lines.SIZE, lines.SIZE, 1), "uint8")
    for start in range(0, count, CHUNK):
        drawn = lines.draw(angles[start : start + CHUNK])
        x[start : start + CHUNK] = np.round((drawn + 1) * 127.5)
    return x, lines.labels(angles)
