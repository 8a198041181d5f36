"""The Lines task: images described by one angle, so that interpolations can be scored.

A line runs outwards from the centre of a 32×32 image at an angle Λ ∈ [0, 2π). It is 15 pixels long,
2 wide and antialiased, with values in [-1, 1] (paper, section 3.2). All angles are in radians.
"""

import dataclasses
import functools

import numpy as np

from keras_acai import checks

SIZE = 32
CENTRE = SIZE / 2
LENGTH = CENTRE - 1
WIDTH = 2
NUM_CANDIDATES = 10_000  # evenly spaced lines, with which every image is compared
MIN_TURN = 1e-4  # radians; smoothness is not defined for a path that turns less


def draw(angles):
    """Draws lines; 0 points right, π/2 up.

    Args:
        angles: floats, (n,), in radians.

    Returns:
        float32, (n, 32, 32, 1), in [-1, 1].

    Raises:
        ValueError: for angles that are not finite numbers in one dimension.
    """
    angles = np.asarray(angles)
    if angles.ndim != 1 or angles.dtype.kind not in "iuf" or not np.isfinite(angles).all():
        raise ValueError(
            f"angles have shape {angles.shape} and dtype {angles.dtype}: give finite radians, (n,)."
        )
    angles = angles.astype("float64")  # integers would wrap around
    # The end of each line, as (row, column).
    row, column = CENTRE + LENGTH * np.sin(-angles), CENTRE + LENGTH * np.cos(-angles)
    steep = abs(CENTRE - row) >= abs(CENTRE - column)
    end_long, end_short = np.where(steep, row, column), np.where(steep, column, row)
    images = _draw_steep(end_long[:, None], end_short[:, None])
    images = np.where(steep[:, None, None], images, images.swapaxes(1, 2))
    return images[..., None]


def _draw_steep(end_row, end_column):
    """Draws lines steeper than 45°: in each row, a horizontal bar 2 pixels wide."""
    pixels = np.arange(SIZE)
    slope = (end_column - CENTRE) / (end_row - CENTRE)
    left = CENTRE - WIDTH / 2 + (pixels - 0.5 - CENTRE) * slope
    # A line that goes up fades out in its last row, one that goes down ends on a whole row.
    upwards = np.clip(pixels + 1 - end_row, 0, 1) * (pixels < CENTRE)
    downwards = (pixels >= CENTRE) & (pixels < end_row)
    weight = np.where(end_row < CENTRE, upwards, downwards)
    left = left[..., None]
    cover = np.minimum(left + WIDTH, pixels + 1) - np.maximum(left, pixels)
    return (2 * weight[..., None] * np.clip(cover, 0, 1) - 1).astype("float32")


def labels(angles):
    """Returns the tenth of the circle that each angle lies in, int64 in 0…9."""
    return (np.asarray(angles) % (2 * np.pi) / (2 * np.pi) * 10).astype("int64") % 10


@dataclasses.dataclass(frozen=True)
class Score:
    """Scores of interpolations between lines; lower is better (paper, section 3.2).

    Attributes:
        mean_distance: float. Mean cosine distance of all images to their nearest line.
        smoothness: float. Mean of `path_smoothness` over the paths that turn; NaN if none does.
        distances: (n, steps). Cosine distance of each image to its nearest line.
        angles: (n, steps). Angle of that line, in radians.
        path_smoothness: (n,). Largest turn between neighbours as a fraction of the whole turn, less
            1/(steps − 1); 0 is a uniform turn. NaN for a path that turns less than 1e-4.
    """

    mean_distance: float
    smoothness: float
    distances: np.ndarray
    angles: np.ndarray
    path_smoothness: np.ndarray


def score(interpolations):
    """Computes mean distance and smoothness of interpolations between lines.

    Args:
        interpolations: floats in [-1, 1], (n, steps, 32, 32, 1), as `model.interpolate` returns.

    Returns:
        `Score`. Paths that turn less than 1e-4 radians have no smoothness and are left out of its
        mean (the authors' code counts them as 0).

    Raises:
        ValueError: for another shape or dtype, NaN, or fewer than 2 steps.
    """
    images = _check(interpolations)
    distances, nearest = _nearest(images.reshape(-1, SIZE * SIZE))
    distances, nearest = distances.reshape(images.shape[:2]), nearest.reshape(images.shape[:2])
    angles = nearest * (2 * np.pi / NUM_CANDIDATES)
    smoothness = _smoothness(np.unwrap(angles, axis=1))
    scored = smoothness[~np.isnan(smoothness)]
    return Score(
        mean_distance=float(distances.mean()),
        smoothness=float(scored.mean()) if scored.size else float("nan"),
        distances=distances,
        angles=angles,
        path_smoothness=smoothness,
    )


def _smoothness(angles):
    """Each path's smoothness, (n,), from its unwrapped angles."""
    turn = abs(angles[:, -1] - angles[:, 0])
    largest = abs(np.diff(angles, axis=1)).max(axis=1)
    turns = turn >= MIN_TURN
    fraction = largest / np.where(turns, turn, 1) - 1 / (angles.shape[1] - 1)
    return np.where(turns, fraction, np.nan)


def _nearest(images, chunk=1024):
    """Cosine distance and index of the candidate line nearest to each image, float32 (m, 1024)."""
    parts = [_nearest_of_few(images[i : i + chunk]) for i in range(0, len(images), chunk)]
    distances, indices = (np.concatenate(part) for part in zip(*parts))
    return distances, indices


def _nearest_of_few(images):
    """Searches in float32, then compares the best candidate and its neighbours in float64."""
    lines, transposed = _candidates()
    best = (images @ transposed).argmax(axis=1)
    around = (best[:, None] + np.arange(-2, 3)) % NUM_CANDIDATES
    images = images.astype("float64")
    cosine = np.einsum("mp,mkp->mk", images, lines[around], optimize=True)
    cosine /= np.maximum(np.linalg.norm(images, axis=1), 1e-12)[:, None]
    choice = cosine.argmax(axis=1)[:, None]
    return (
        1 - np.take_along_axis(cosine, choice, axis=1)[:, 0],
        np.take_along_axis(around, choice, axis=1)[:, 0],
    )


@functools.cache
def _candidates():
    """Evenly spaced lines of unit norm: float64 (10,000, 1024) and float32 (1024, 10,000)."""
    angles = np.arange(NUM_CANDIDATES) * (2 * np.pi / NUM_CANDIDATES)
    lines = draw(angles).reshape(NUM_CANDIDATES, -1).astype("float64")
    lines /= np.linalg.norm(lines, axis=1, keepdims=True)
    return lines, np.ascontiguousarray(lines.astype("float32").T)


def _check(interpolations):
    images = checks.to_numpy(interpolations)
    if images.ndim != 5 or images.shape[2:] != (SIZE, SIZE, 1) or images.shape[1] < 2:
        raise ValueError(
            f"interpolations have shape {images.shape}, expected (n, steps, 32, 32, 1) with at "
            "least 2 steps, as returned by model.interpolate."
        )
    if len(images) == 0:
        raise ValueError("interpolations are empty: give at least one path.")
    if images.dtype.kind != "f" or not np.isfinite(images).all():
        raise ValueError(
            f"interpolations (dtype {images.dtype}) must be finite floats in [-1, 1], as returned "
            "by model.interpolate."
        )
    return images.astype("float32", copy=False)
