"""k-means from many random starts, several of them at once.

Lloyd's algorithm, as scikit-learn's `KMeans(init="random")` runs it, from the same starts. A pass
over the data costs as much for one start as for a few, so several share it, and a start whose
centres rest makes room for the next one.
"""

import numpy as np
from scipy import sparse

from keras_acai.checks import check_size

AT_ONCE = 16  # starts that share a pass
ROWS = 4096  # of the data, that are compared with their centres at once


def fit(x, clusters, n_init=1000, seed=0, max_iter=1000, tol=1e-4):
    """The centres with the smallest sum of squared distances, of all starts.

    Args:
        x: float32, (n, size).
        clusters: int. How many.
        n_init: int. Starts, each from `clusters` rows of x. Defaults to 1000.
        seed: int. Of the choice of rows. Defaults to 0.
        max_iter: int. Passes a start, at most. Defaults to 1000.
        tol: float. Centres rest when the squares of their steps sum to this share of the mean
            variance of a column. Defaults to 1e-4.

    Returns:
        float32, (clusters, size).

    Raises:
        ValueError: for fewer rows than clusters, numbers that are not finite, or no starts.
    """
    check_size(n_init, "n_init")
    if not np.isfinite(x).all():
        raise ValueError(
            "Rows hold NaN or infinities, which have no nearest centre: leave them out."
        )
    if len(x) < clusters:
        raise ValueError(f"{len(x)} rows make no {clusters} clusters: give more.")
    random = np.random.RandomState(seed)
    rest = tol * x.var(axis=0).mean()
    best, waiting, active = None, n_init, []
    while waiting or active:
        new = min(AT_ONCE - len(active), waiting)
        active += [_Start(x, clusters, random) for _ in range(new)]
        waiting -= new
        step(x, active)
        resting = [one for one in active if one.moved <= rest or one.passes == max_iter]
        best = max([*resting, *([best] if best else [])], key=lambda one: one.gain, default=None)
        active = [one for one in active if one not in resting]
    return best.centres


class _Start:
    """Centres on their way from a random choice of rows.

    Attributes:
        centres: float32, (clusters, size).
        labels: int, (n,). The centre of each row; -1 before the first pass.
        sums, counts: of the rows of each centre.
        moved: float. The sum of squares of the last step; 0 if no row changed its centre.
        passes: int.
    """

    def __init__(self, x, clusters, random):
        weights = np.full(len(x), 1 / len(x))  # with which scikit-learn draws other rows
        self.centres = x[random.choice(len(x), clusters, replace=False, p=weights)]
        self.labels = np.full(len(x), -1, np.min_scalar_type(-clusters))
        self.sums = np.zeros(self.centres.shape)
        self.counts = np.zeros(clusters)
        self.moved, self.passes = np.inf, 0

    @property
    def gain(self):
        """By how much the distances' squares sum to less than those of rows to 0."""
        return float((self.sums**2).sum(axis=1) @ (1 / np.maximum(self.counts, 1)))

    def move(self, more, changes, labels):
        """Takes over new labels, with what they change in sums and counts."""
        self.sums += more
        self.counts += changes
        # The centre of no row stays where it is.
        means = self.sums / np.maximum(self.counts, 1)[:, None]
        means = np.where(self.counts[:, None] > 0, means, self.centres).astype("float32")
        is_same = np.array_equal(labels, self.labels)
        self.moved = 0.0 if is_same else float(np.square(means - self.centres).sum())
        self.centres, self.labels = means, labels
        self.passes += 1


def step(x, starts):
    """One step of each start: every row to its nearest centre, every centre to its rows' mean."""
    labels = nearest(x, np.stack([one.centres for one in starts]))
    changes = _changes(labels, np.stack([one.labels for one in starts]), len(starts[0].centres))
    more = (changes @ x).reshape(len(starts), -1, x.shape[1])
    counts = np.asarray(changes.sum(axis=1)).reshape(len(starts), -1)
    for one, *news in zip(starts, more, counts, labels):
        one.move(*news)


def nearest(x, centres):
    """The nearest centre of each row: (n, size) and (starts, clusters, size) → (starts, n)."""
    starts, clusters, size = centres.shape
    labels = np.empty((starts, len(x)), np.min_scalar_type(-clusters))
    flat = centres.transpose(1, 0, 2).reshape(-1, size)
    half = np.square(flat).sum(axis=1, keepdims=True) / 2
    for begin in range(0, len(x), ROWS):
        rows = x[begin : begin + ROWS]
        near = (flat @ rows.T - half).reshape(clusters, starts, -1)
        labels[:, begin : begin + ROWS] = _argmax(near, labels.dtype)
    return labels


def _argmax(values, dtype):
    """`values.argmax(axis=0)`, faster for a short first axis."""
    best, found = values[0].copy(), np.zeros(values.shape[1:], dtype)
    for index, row in enumerate(values[1:], start=1):
        np.putmask(found, row > best, index)
        np.maximum(best, row, out=best)
    return found


def _changes(labels, before, clusters):
    """(starts · clusters, n): 1 where a row comes to a centre, -1 where it leaves one."""
    start, row = np.nonzero(labels != before)
    come, leave = (start * clusters + of[start, row] for of in (labels, before))
    known = before[start, row] >= 0
    entries = np.concatenate([np.ones(len(row)), -np.ones(known.sum())]).astype("float32")
    place = (np.concatenate([come, leave[known]]), np.concatenate([row, row[known]]))
    return sparse.csr_matrix((entries, place), shape=(len(labels) * clusters, labels.shape[1]))
