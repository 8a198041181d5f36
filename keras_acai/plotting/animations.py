"""Moving pictures of paths."""

import math
import pathlib

import numpy as np

from keras_acai import checks
from keras_acai.images import to_pil
from keras_acai.plotting.arrays import check_strips

MOVING = {".gif": "GIF", ".webp": "WEBP", ".apng": "PNG"}  # suffix of an animation → format
GIF_TICK = 10  # milliseconds: GIF counts time in hundredths of a second
SLOWEST = 60  # seconds from one step of an animation to the next


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
    strips = check_strips(strips)
    scale = checks.check_number(scale, "scale", 1 / strips.shape[2])
    n, steps, height, width, colours = strips.shape
    seconds = checks.check_number(seconds, "seconds", 0.01, at_most=SLOWEST * max(1, steps - 1))
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
