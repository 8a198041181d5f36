"""Figures whose images have whole dots for each pixel."""

import io

import matplotlib.figure
import numpy as np

from keras_acai import checks
from keras_acai.plotting.arrays import to_unit

GAP = 2  # pixels between images
APART = 6  # pixels between blocks
INCH = 0.5  # height of one image on paper
MARGIN = 0.1  # inches around everything
INK = "#444444"


class Figure(matplotlib.figure.Figure):
    """A Matplotlib figure that notebooks show without a magic command.

    Attributes:
        scale: number. How many dots a pixel of its images is wide.
    """

    scale = 1

    def _repr_png_(self):
        content = io.BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


def draw(blocks, title, scale=None):
    """Draws blocks of (rows, columns, height, width, colours) side by side, to one scale."""
    height, width = next(iter(blocks.values())).shape[2:4]
    inches = INCH / (height + GAP)  # size of one pixel
    if scale is None:
        scale = max(2, round(100 * inches))
    scale = checks.check_number(scale, "scale", 1 / width)
    figure = Figure(dpi=scale / inches)
    figure.scale = scale
    axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in blocks}
    for name, panel in axes.items():
        panel.imshow(_sheet(blocks[name]), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        panel.set_aspect("auto")
        panel.set_xticks([], [])
        panel.set_yticks([], [])
        panel.set_title(name, fontsize=8, color=INK)
        panel.tick_params(length=0, labelsize=8, labelcolor=INK)
        panel.spines[:].set_visible(False)
    if title:
        figure.suptitle(title, fontsize=10, color=INK, va="bottom")
    return figure, axes


def fit(figure):
    """Gives every pixel the same number of dots, and the texts around the panels their room."""
    sizes = np.array([panel.images[0].get_size()[::-1] for panel in figure.axes])
    sizes = np.rint(sizes * figure.scale)
    starts = np.cumsum([0, *(sizes[:-1, 0] + round(APART * figure.scale))])
    whole = np.array([starts[-1] + sizes[-1, 0], sizes[0, 1]])
    _place(figure, starts, sizes, whole)
    for title in figure.texts:
        title.set_y((figure.get_tightbbox().y1 + MARGIN / 2) * figure.dpi / whole[1])
    box = figure.get_tightbbox().extents * figure.dpi
    margin = round(MARGIN * figure.dpi)
    lower, upper = np.floor(box[:2]) - margin, np.ceil(box[2:]) + margin
    _place(figure, starts, sizes, upper - lower, -lower)
    for title in figure.texts:
        title.set_position((np.array(title.get_position()) * whole - lower) / (upper - lower))


def _place(figure, starts, sizes, whole, corner=(0, 0)):
    """Makes the figure as large as `whole`, with panels side by side from a corner; all in dots."""
    figure.set_size_inches((whole + 1e-6) / figure.dpi)  # or rounding would cost a dot
    for panel, start, size in zip(figure.axes, starts, sizes, strict=True):
        panel.set_position([*((corner + np.array([start, 0])) / whole), *(size / whole)])


def _sheet(block):
    """Joins (rows, columns, height, width, colours) to one image in [0, 1] with white gaps."""
    rows, columns, height, width, colours = block.shape
    sheet = np.ones((rows, height + GAP, columns, width + GAP, colours), "float32")
    sheet[:, :height, :, :width] = to_unit(block).transpose(0, 2, 1, 3, 4)
    sheet = sheet.reshape(rows * (height + GAP), columns * (width + GAP), colours)
    sheet = sheet[:-GAP, :-GAP]
    return np.repeat(sheet, 3, axis=2) if colours == 1 else sheet
