"""Figures of interpolations and reconstructions, drawn with Matplotlib, and animations.

Images are uint8, or floats in [-1, 1], with one colour or three; values beyond are clipped.
Functions that draw return a `Figure`, which shows itself in a notebook, and also write it to
`path`, if given (PNG, PDF, SVG …). `animation` writes a moving picture.
"""

import io
import math
import pathlib

import matplotlib.figure
import numpy as np

from keras_acai import checks
from keras_acai.images import to_pil

GAP = 2  # pixels between images
INCH = 0.5  # height of one image on paper
INK = "#444444"
MARK = "#d95f02"  # colour of the frames around both ends of a path
MOVING = {".gif": "GIF", ".webp": "WEBP", ".apng": "PNG"}  # suffix of an animation → format
GIF_TICK = 10  # milliseconds: GIF counts time in hundredths of a second


class Figure(matplotlib.figure.Figure):
    """A Matplotlib figure that notebooks show without a magic command."""

    def _repr_png_(self):
        content = io.BytesIO()
        self.savefig(content, format="png", bbox_inches="tight", pad_inches=0.1)
        return content.getvalue()


def interpolations(strips, a=None, b=None, title=None, path=None, labels=None, scale=None):
    """Draws a grid of paths, one in each row, with both ends framed.

    Args:
        strips: (n, steps, height, width, colours), or (steps, …) for a single strip.
        a, b: images at both ends, (n, height, width, colours), to be shown on the left and on the
            right. Default to None: not shown.
        title: str. Defaults to None.
        path: path of the file to write. Defaults to None: not written.
        labels: list of str. A label for each row, such as a model's name. Defaults to None.
        scale: number. How many dots a pixel is wide in the file. Defaults to None: at least 2.

    Returns:
        `Figure`.

    Raises:
        ValueError: for other shapes, or shapes that do not match each other.
    """
    strips = _strips(strips)
    blocks = {"interpolation": strips}
    if a is not None:
        blocks = {"a": _column(a, strips, "a"), **blocks}
    if b is not None:
        blocks["b"] = _column(b, strips, "b")
    figure, axes = _figure(blocks, title, scale)
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
    images = _batch(images)
    below = _column(reconstructed, images[:, None], "reconstructed")
    both = np.stack([_to_unit(images), _to_unit(below[:, 0])])
    figure, axes = _figure({"": both * 2 - 1}, title)
    _label_rows(axes[""], both, ["image", "reconstruction"])
    return _save(figure, path)


def pictures(images, columns=8, path=None, scale=None):
    """Draws images in rows, such as samples.

    Args:
        images: (n, height, width, colours).
        columns: int. Images in a row. Defaults to 8.
        path: path of the file to write. Defaults to None: not written.
        scale: number. How many dots a pixel is wide in the file. Defaults to None: at least 2.

    Returns:
        `Figure`.

    Raises:
        ValueError: for another shape.
    """
    images = _batch(images)
    columns = min(checks.check_size(columns, "columns"), len(images))
    white = np.ones((-len(images) % columns, *images.shape[1:]), "float32")
    whole = np.concatenate([_to_unit(images) * 2 - 1, white])
    figure, _ = _figure({"": whole.reshape(-1, columns, *images.shape[1:])}, None, scale)
    return _save(figure, path)


def animation(strips, path, scale=4, seconds=2.0, back=True):
    """Writes an animation of strips, all of them at once, one below the other. It repeats forever.

    Args:
        strips: (n, steps, height, width, colours), or (steps, …) for a single strip.
        path: path of the file to write: .gif, .webp or .apng.
        scale: number. How many dots a pixel is wide. Defaults to 4.
        seconds: float. How long it takes from the first step to the last. Defaults to 2.
        back: bool. Whether it goes back the same way, so that nothing jumps. Defaults to True.

    Raises:
        ValueError: for other shapes or another suffix, and for numbers that are not positive.

    Example:

    ```python
    strips = model.interpolate(a, b, steps=32, spacing="images")
    keras_acai.plotting.animation(strips, "morph.gif", scale=8)
    ```
    """
    path = pathlib.Path(path)
    if path.suffix.lower() not in MOVING:
        raise ValueError(f"{path}: write to a file that ends in {', '.join(MOVING)}.")
    strips = _strips(strips)
    scale = checks.check_number(scale, "scale", 1 / strips.shape[2])
    seconds = checks.check_number(seconds, "seconds", 0.01)
    n, steps, height, width, colours = strips.shape
    pictures = to_pil(strips.swapaxes(0, 1).reshape(steps, n * height, width, colours))
    size = (round(width * scale), round(n * height * scale))
    frames = [picture.resize(size, resample=3) for picture in pictures]  # 3: bicubic
    frames += frames[-2:0:-1] if back else []
    is_gif = path.suffix.lower() == ".gif"
    frames, durations = _timed(frames, seconds / max(steps - 1, 1), GIF_TICK if is_gif else 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    frames[0].save(
        path,
        format=MOVING[path.suffix.lower()],
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        **({"lossless": True} if path.suffix.lower() == ".webp" else {}),
    )


def _timed(frames, seconds, tick):
    """Frames with how long each is shown, so that rounded times add up.

    Args:
        frames: list of pictures.
        seconds: float. The time from one frame to the next.
        tick: int. The unit of times in the file, in milliseconds. No frame lasts less than two:
            browsers slow such animations down. Frames that would are left out.

    Returns:
        (frames, list of int, in milliseconds).
    """
    every = max(1, math.ceil(2 * tick / (1000 * seconds)))
    frames = frames[::every]
    times = np.rint(np.arange(len(frames) + 1) * every * 1000 * seconds / tick) * tick
    return frames, np.diff(times).astype(int).tolist()


def check_suffix(path, moving=False):
    """Checks that a figure can be written to a file of this name.

    Args:
        moving: bool. Whether it may be the name of an animation. Defaults to False.

    Raises:
        ValueError: for another suffix than that of a supported format.
    """
    suffix = pathlib.Path(path).suffix.lower()
    still = {f".{one}" for one in Figure().canvas.get_supported_filetypes()} - set(MOVING)
    if suffix not in still | set(MOVING if moving else ()):
        ends = [".png", ".pdf", ".svg", *(MOVING if moving else ())]
        raise ValueError(f"{path}: write to a file that ends in {', '.join(ends)}.")


def _strips(strips):
    """Checks strips, (n, steps, height, width, colours), and makes one out of (steps, …)."""
    strips = _images(strips)
    strips = strips[None] if strips.ndim == 4 else strips
    if strips.ndim != 5 or 0 in strips.shape or strips.shape[-1] not in (1, 3):
        raise ValueError(
            f"strips have shape {strips.shape}: give (n, steps, height, width, colours), as "
            "returned by model.interpolate."
        )
    return strips


def _column(images, strips, name):
    """Returns one image for each row of `strips`, (n, 1, height, width, colours)."""
    images = _images(images)
    images = images[None] if images.ndim == 3 else images
    if images.shape != (len(strips), *strips.shape[2:]):
        raise ValueError(
            f"{name} has shape {images.shape}, expected {(len(strips), *strips.shape[2:])}: give "
            "one image for each row."
        )
    return images[:, None]


def _figure(blocks, title, scale=None):
    """Draws blocks of (rows, columns, height, width, colours) side by side, to one scale."""
    sheets = {name: _sheet(block) for name, block in blocks.items()}
    widths = [sheet.shape[1] for sheet in sheets.values()]
    rows = len(next(iter(blocks.values())))
    inches = INCH * rows / len(next(iter(sheets.values())))  # size of one pixel
    size = (sum(widths) * inches + 0.5, rows * INCH + (0.6 if title else 0.35))
    dpi = max(100, 2 / inches) if scale is None else checks.check_number(scale, "scale", 0) / inches
    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    axes = figure.subplots(1, len(sheets), squeeze=False, gridspec_kw={"width_ratios": widths})[0]
    for panel, (name, sheet) in zip(axes, sheets.items()):
        panel.imshow(sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        panel.set_xticks([], [])
        panel.set_yticks([], [])
        panel.set_title(name, fontsize=8, color=INK)
        panel.tick_params(length=0, labelsize=8, labelcolor=INK)
        panel.spines[:].set_visible(False)
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    return figure, dict(zip(sheets, axes))


def _sheet(block):
    """Joins (rows, columns, height, width, colours) to one image in [0, 1] with white gaps."""
    rows, columns, height, width, colours = block.shape
    sheet = np.ones((rows, height + GAP, columns, width + GAP, colours), "float32")
    sheet[:, :height, :, :width] = _to_unit(block).transpose(0, 2, 1, 3, 4)
    sheet = sheet.reshape(rows * (height + GAP), columns * (width + GAP), colours)
    sheet = sheet[:-GAP, :-GAP]
    return np.repeat(sheet, 3, axis=2) if colours == 1 else sheet


def _batch(images):
    """Checks images, (n, height, width, colours)."""
    images = _images(images)
    if images.ndim != 4 or 0 in images.shape or images.shape[-1] not in (1, 3):
        raise ValueError(f"images have shape {images.shape}: give (n, height, width, colours).")
    return images


def _images(images):
    images = checks.to_numpy(images)
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ValueError(f"images have dtype {images.dtype}: use uint8, or floats in [-1, 1].")
    return images


def _to_unit(images):
    """Scales images to [0, 1]."""
    if images.dtype == np.uint8:
        return images / np.float32(255)
    return np.clip(images.astype("float32") / 2 + 0.5, 0, 1)


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


def _save(figure, path):
    if path is not None:
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, bbox_inches="tight", pad_inches=0.1)
    return figure
