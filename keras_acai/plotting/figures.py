"""Figures of interpolations, reconstructions and other images."""

import pathlib

import numpy as np

from keras_acai import checks
from keras_acai.plotting.animations import MOVING
from keras_acai.plotting.arrays import check_batch, check_images, check_strips, to_unit
from keras_acai.plotting.layout import GAP, Figure, draw, fit

MARK = "#d95f02"  # colour of the frames around both ends of a path


def interpolations(strips, a=None, b=None, title=None, path=None, labels=None, scale=None):
    """Draws a grid of paths, one in each row, with both ends framed.

    Args:
        strips: (n, steps, height, width, colours), or (steps, …) for a single strip.
        a, b: images at both ends, (n, height, width, colours), to be shown on the left and on the
            right. Default to None: not shown.
        title: str. Defaults to None.
        path: path of the file to write. Defaults to None: not written.
        labels: list of str. A label for each row, such as a model's name. Defaults to None.
        scale: number. How many dots a pixel is wide. Defaults to None: a whole number, at least 2.

    Returns:
        `Figure`.

    Raises:
        ValueError: for other shapes, or shapes that do not match each other.
    """
    strips = check_strips(strips)
    blocks = {"interpolation": strips}
    if a is not None:
        blocks = {"a": _column(a, strips, "a"), **blocks}
    if b is not None:
        blocks["b"] = _column(b, strips, "b")
    figure, axes = draw(blocks, title, scale)
    _frame_ends(axes["interpolation"], strips)
    if labels is not None:
        _label_rows(axes[next(iter(blocks))], strips, labels)
    return _save(figure, path)


def reconstructions(images, reconstructed, title=None, path=None):
    """Draws images in the upper row and their reconstructions below.

    Args:
        images: (n, height, width, colours).
        reconstructed: (n, height, width, colours).
        title: str. Defaults to None.
        path: path of the file to write. Defaults to None: not written.

    Returns:
        `Figure`.

    Raises:
        ValueError: for other shapes, or shapes that do not match each other.
    """
    images = check_batch(images)
    below = _column(reconstructed, images[:, None], "reconstructed")
    both = np.stack([to_unit(images), to_unit(below[:, 0])])
    figure, axes = draw({"": both * 2 - 1}, title)
    _label_rows(axes[""], both, ["image", "reconstruction"])
    return _save(figure, path)


def pictures(images, columns=8, path=None, scale=None):
    """Draws images in rows, such as samples.

    Args:
        images: (n, height, width, colours).
        columns: int. Images in a row. Defaults to 8.
        path: path of the file to write. Defaults to None: not written.
        scale: number. How many dots a pixel is wide. Defaults to None: a whole number, at least 2.

    Returns:
        `Figure`.

    Raises:
        ValueError: for another shape.
    """
    images = check_batch(images)
    columns = min(checks.check_size(columns, "columns"), len(images))
    white = np.ones((-len(images) % columns, *images.shape[1:]), "float32")
    whole = np.concatenate([to_unit(images) * 2 - 1, white])
    figure, _ = draw({"": whole.reshape(-1, columns, *images.shape[1:])}, None, scale)
    return _save(figure, path)


def _column(images, strips, name):
    """Returns one image for each row of `strips`, (n, 1, height, width, colours)."""
    images = check_images(images)
    images = images[None] if images.ndim == 3 else images
    if images.shape != (len(strips), *strips.shape[2:]):
        raise ValueError(
            f"{name} has shape {images.shape}, expected {(len(strips), *strips.shape[2:])}: give "
            "one image for each row."
        )
    return images[:, None]


def _label_rows(panel, rows, labels):
    if len(labels) != len(rows):
        raise ValueError(f"{len(labels)} labels for {len(rows)} rows: give one for each.")
    height = rows.shape[2] + GAP
    panel.set_yticks(height * np.arange(len(rows)) + (height - GAP) / 2, labels)


def _frame_ends(panel, strips):
    from matplotlib.patches import Rectangle

    rows, steps, height, width = strips.shape[:4]
    for row in range(rows):
        for step in (0, steps - 1):
            corner = (step * (width + GAP) - 1, row * (height + GAP) - 1)
            frame = Rectangle(
                corner, width + 1, height + 1, fill=False, color=MARK, lw=1.2, clip_on=False
            )
            panel.add_patch(frame)


def check_suffix(path, moving=False):
    """Checks that a figure can be written to a file of this name.

    Args:
        moving: bool. Whether it may be the name of an animation. Defaults to False.

    Raises:
        ValueError: for another suffix than that of a supported format.
    """
    suffix = pathlib.Path(path).suffix.lower()
    still = {f".{one}" for one in Figure().canvas.get_supported_filetypes()} - {".pgf", *MOVING}
    if suffix not in still | set(MOVING if moving else ()):
        ends = [".png", ".pdf", ".svg", *(MOVING if moving else ())]
        raise ValueError(f"{path}: write to a file that ends in {', '.join(ends)}.")


def _save(figure, path):
    fit(figure)
    if path is not None:
        check_suffix(path)
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
    return figure
