"""Folders of your own pictures."""

import contextlib
import functools
import hashlib
import os
import pathlib
import warnings

import numpy as np

from keras_acai import files, quiet
from keras_acai.checks import check_number, check_size
from keras_acai.datasets import cache
from keras_acai.errors import PictureError

HELD_OUT = 10  # every tenth picture of a folder is a test image


class Pictures(tuple):
    """The pictures of a folder: (x, y), with names and classes.

    Attributes:
        x: uint8 (n, height, width, colours).
        y: int64 (n,), the index of each picture's class, or None without classes.
        names: list of str. Each picture's path in the folder, with slashes.
        classes: list of str. The subfolders that are the classes, or None without classes.
    """

    def __new__(cls, x, names):
        classes, y = _classes(names)
        pictures = super().__new__(cls, (x, y))
        pictures.x, pictures.y, pictures.names, pictures.classes = x, y, names, classes
        return pictures


def image_folder(path, size=32, colours=3, *, background="white", crop=(0, 0)):
    """Loads every picture in a folder and its subfolders, in the order of their names.

    Each picture is rotated upright, cropped to its middle, a square by default, and resized
    bicubically with antialiasing. The result is cached, and prepared again when a file is added,
    removed or changed. Unreadable pictures are left out with a warning.

    Args:
        path: path. The folder.
        size: int, or (height, width) of the result, in pixels. Defaults to 32.
        colours: 1 for grey, 3 for RGB. Defaults to 3.
        background: the colour behind transparent pictures, as for `picture`. Defaults to white.
        crop: (rows, columns) to cut from each side first, as for `picture`. Defaults to (0, 0).

    Returns:
        `Pictures`, a tuple (x, y) with `names` and `classes`: uint8 (n, height, width, colours),
        and int64 (n,), the index of each picture's subfolder in alphabetical order. y is None if
        pictures lie in the folder itself or in a single subfolder.

    Raises:
        ValueError: for another size, number of colours or background.
        PictureError: for a folder that does not exist or has no readable picture.

    Example:

    ```python
    (x, y) = flowers = keras_acai.datasets.image_folder("flowers/", size=64)
    print(flowers.names[0], flowers.classes[y[0]])
    ```
    """
    size = tuple(check_size(side, "size") for side in (size if np.ndim(size) else (size, size)))
    if colours not in (1, 3):
        raise ValueError(f"colours={colours!r}: use 1 for grey or 3 for RGB.")
    background = colour(background)
    folder = pathlib.Path(path)
    paths = pictures_in(folder)
    name = f"{folder.resolve().name}-{size[0]}x{size[1]}-{colours}"
    file = cache.cache_path(name, _fingerprint(folder, paths, background, crop))
    how = {"colours": colours, "background": background, "crop": crop}
    x, kept = cache.cached(file, lambda: _read_all(folder, paths, size, how))
    return Pictures(x, [paths[place].relative_to(folder).as_posix() for place in kept])


def held_out(x, folder):
    """Returns which pictures of a folder are test images: every tenth, at least one.

    Args:
        x: (n, …). The pictures.
        folder: path. The folder to name in the message.

    Returns:
        bool (n,).

    Raises:
        PictureError: for fewer than two pictures.
    """
    if len(x) < 2:
        raise PictureError(f"{folder} has {len(x)} picture: give at least two.")
    return np.arange(len(x)) % HELD_OUT == min(HELD_OUT, len(x)) - 1


def pictures_in(folder):
    """Returns the picture files in a folder and its subfolders, sorted.

    Raises:
        PictureError: for a path that is not a folder.
    """
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise PictureError(f"{folder} is not a folder: give one with pictures in it.")
    return sorted(_walk(folder))


@functools.cache
def suffixes():
    """The ends of names of the picture files that Pillow reads, with the plugins it knows."""
    from PIL import Image

    Image.init()
    kinds = {name for name in Image.OPEN if Image.MIME.get(name, "").startswith("image/")}
    return {end for end, name in Image.registered_extensions().items() if name in kinds}


def _walk(folder):
    """Yields the picture files below a folder. Links are followed; each folder is read once."""
    seen, ends = set(), suffixes()
    for here, below, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        paths = (pathlib.Path(here, name) for name in names)
        yield from (path for path in paths if path.suffix.lower() in ends and path.is_file())


def _fingerprint(folder, paths, background, crop):
    """Hashes names, sizes and modification times: the hash changes when a file does."""
    how = repr((folder.resolve(), background, crop))
    found = files.fingerprint(paths, map(str, paths))
    return hashlib.sha256(os.fsencode(how + found)).hexdigest()[:16]


def _read_all(folder, paths, size, how):
    bar = quiet.progress_bar(len(paths), "picture")
    return read_pictures(folder, paths, size, track=bar.update, stacklevel=6, **how)


def read_pictures(
    folder,
    paths,
    size,
    colours,
    background="white",
    crop=(0, 0),
    track=lambda count: None,
    stacklevel=2,
):
    """Reads pictures; unreadable ones are left out with a warning.

    Args:
        folder: path. The folder to name in messages.
        paths: list of path. The files to read.
        size: (height, width) of the result, in pixels.
        colours: 1 for grey, 3 for RGB.
        background, crop: as for `picture`. Default to white and (0, 0).
        track: callable. Called with the number of pictures read so far. Defaults to no report.
        stacklevel: int. `stacklevel` of the warning. Defaults to 2.

    Returns:
        (x, kept): uint8 (n, height, width, colours), and int64 (n,), their places in `paths`.

    Raises:
        PictureError: when none is readable.
    """
    x = np.empty((len(paths), *size, colours), "uint8")
    kept, bad = [], []
    for place, path in enumerate(paths):
        try:
            x[len(kept)] = picture(path, size, colours, background, crop)
            kept.append(place)
        except PictureError as error:
            bad.append(str(error))
        track(place + 1)
    if not kept:
        raise PictureError(f"{folder} has no readable picture ({len(bad)} unreadable): check it.")
    if bad:
        message = f"Unreadable pictures were left out: {len(bad)}, such as {bad[0]}."
        warnings.warn(message, stacklevel=stacklevel)
    return x[: len(kept)], np.array(kept, "int64")


def picture(path, size, colours=3, background="white", crop=(0, 0)):
    """Reads one picture, rotated upright, cropped to its middle and resized with antialiasing.

    Args:
        path: path of the file, or a PIL picture.
        size: (height, width) of the result, in pixels.
        colours: 1 for grey, 3 for RGB. Defaults to 3.
        background: the colour behind a transparent picture: a name or a code that Pillow knows,
            such as "black" or "#ffcc00", or (red, green, blue). Defaults to white.
        crop: (rows, columns) to cut from each side first, unless the picture has the right size
            already. Defaults to (0, 0).

    Returns:
        uint8 (height, width, colours).

    Raises:
        ValueError: for another background.
        PictureError: for a file that is not a picture, or has 32 bits per channel.
    """
    background = colour(background)
    try:
        return _picture(path, size, colours, background, crop)
    except Exception as error:  # Pillow's decoders raise errors of many kinds
        is_path = isinstance(path, (str, os.PathLike))
        name = printed(path) if is_path else "The picture"
        raise PictureError(f"{name} cannot be read: {error}") from error


def printed(path):
    """Returns a path as text; signs that are not UTF-8, as in old archives, become U+FFFD."""
    return os.fsencode(path).decode(errors="replace")


def colour(background):
    """Returns a colour as (red, green, blue), or raises a `ValueError`."""
    from PIL import ImageColor

    try:
        if isinstance(background, str):
            return ImageColor.getrgb(background)[:3]
        red, green, blue = (check_number(each, "background", 0, 255) for each in background)
        return int(red), int(green), int(blue)
    except (TypeError, ValueError):
        raise ValueError(
            f"background={background!r}: give a colour such as 'white', '#ffcc00' or (255, 204, 0)."
        ) from None


def _picture(path, size, colours, background, crop):
    from PIL import Image, ImageOps

    opened = contextlib.nullcontext(path) if isinstance(path, Image.Image) else Image.open(path)
    with opened as image:
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I;16"):  # which `convert` would clip at 255
            image = Image.fromarray((np.asarray(image) // 256).astype("uint8"))
        if image.mode in ("I", "F"):
            raise ValueError("it has 32 bits per channel, save it with 8")
        if image.has_transparency_data:
            ground = Image.new("RGBA", image.size, background)
            image = Image.alpha_composite(ground, image.convert("RGBA"))
        image = image.convert("L" if colours == 1 else "RGB")
    if image.size != size[::-1]:
        image = _cropped(image, *crop)
    image = ImageOps.fit(image, size[::-1], Image.Resampling.BICUBIC)
    return np.asarray(image).reshape(*size, colours)


def _cropped(image, rows, columns):
    """The picture without so many rows and columns on each side."""
    if min(rows, columns) < 0 or 2 * rows >= image.height or 2 * columns >= image.width:
        raise ValueError(f"crop={rows, columns} does not fit its {image.height}×{image.width}")
    return image.crop((columns, rows, image.width - columns, image.height - rows))


def _classes(names):
    """The first subfolders of pictures and the index of each picture's, or twice None."""
    folders, slashes, _ = zip(*(name.partition("/") for name in names), strict=True)
    if not all(slashes) or len(set(folders)) < 2:
        return None, None
    classes, y = np.unique(folders, return_inverse=True)
    return classes.tolist(), y.astype("int64")
