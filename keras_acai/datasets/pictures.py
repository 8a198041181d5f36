"""Folders of your own pictures."""

import contextlib
import hashlib
import os
import pathlib
import warnings

import keras
import numpy as np

from keras_acai.checks import check_size
from keras_acai.datasets import cache
from keras_acai.errors import DatasetError

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}


def image_folder(path, size=32, colours=3):
    """Loads every picture in a folder and its subfolders, in the order of their names.

    Each picture is rotated upright, cropped to its largest middle square and resized bicubically
    with antialiasing. The result is cached, and prepared again when a file is added, removed or
    changed. Unreadable pictures are left out with a warning.

    Args:
        path: path. The folder.
        size: int. Height and width of the result, in pixels. Defaults to 32.
        colours: 1 for grey, 3 for RGB. Defaults to 3.

    Returns:
        (x, y): uint8 (n, size, size, colours), and int64 (n,), the index of each picture's
        subfolder in alphabetical order. y is None if pictures lie in the folder itself or in a
        single subfolder.

    Raises:
        ValueError: for another size or number of colours.
        DatasetError: for a folder that does not exist or has no readable picture.
    """
    size = check_size(size, "size")
    if colours not in (1, 3):
        raise ValueError(f"colours={colours!r}: use 1 for grey or 3 for RGB.")
    folder = pathlib.Path(path)
    paths = pictures_in(folder)
    name = f"{folder.resolve().name}-{size}-{colours}"
    file = cache.cache_path(name, _fingerprint(folder, paths))
    return cache.cached(file, lambda: _read_all(folder, paths, size, colours))


def pictures_in(folder):
    """Returns the picture files in a folder and its subfolders, sorted.

    Raises:
        DatasetError: for a path that is not a folder.
    """
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder: give one with pictures in it.")
    return sorted(_walk(folder))


def _walk(folder):
    """Yields the picture files below a folder. Links are followed; each folder is read once."""
    seen = set()
    for here, below, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        paths = (pathlib.Path(here, name) for name in names)
        yield from (path for path in paths if path.suffix.lower() in SUFFIXES and path.is_file())


def _fingerprint(folder, paths):
    """Hashes names, sizes and modification times: the hash changes when a file does."""
    digest = hashlib.sha256(os.fsencode(folder.resolve()))
    for path in paths:
        status = path.stat()
        digest.update(os.fsencode(path))
        digest.update(f"\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _read_all(folder, paths, size, colours):
    bar = keras.utils.Progbar(len(paths), unit_name="picture")
    x, read = read_pictures(folder, paths, (size, size), colours, bar.update, stacklevel=6)
    return x, _classes(folder, read)


def read_pictures(folder, paths, size, colours, track=lambda count: None, stacklevel=2):
    """Reads pictures; unreadable ones are left out with a warning.

    Args:
        folder: path. The folder to name in messages.
        paths: list of path. The files to read.
        size: (height, width) of the result, in pixels.
        colours: 1 for grey, 3 for RGB.
        track: callable. Called with the number of pictures read so far. Defaults to no report.
        stacklevel: int. `stacklevel` of the warning. Defaults to 2.

    Returns:
        (x, paths): uint8 (n, height, width, colours), and the paths of these pictures.

    Raises:
        DatasetError: when none is readable.
    """
    x = np.empty((len(paths), *size, colours), "uint8")
    read, bad = [], []
    for number, path in enumerate(paths, start=1):
        try:
            x[len(read)] = picture(path, size, colours)
            read.append(path)
        except DatasetError as error:
            bad.append(str(error))
        track(number)
    if not read:
        raise DatasetError(f"{folder} has no readable picture ({len(bad)} unreadable): check it.")
    if bad:
        message = f"Unreadable pictures were left out: {len(bad)}, such as {bad[0]}."
        warnings.warn(message, stacklevel=stacklevel)
    return x[: len(read)], read


def picture(path, size, colours=3):
    """Reads one picture, rotated upright, cropped to its middle and resized with antialiasing.

    Args:
        path: path of the file, or a PIL picture.
        size: (height, width) of the result, in pixels.
        colours: 1 for grey, 3 for RGB. Defaults to 3.

    Returns:
        uint8 (height, width, colours).

    Raises:
        DatasetError: for a file that is not a picture, or has 32 bits per channel.
    """
    try:
        return _picture(path, size, colours)
    except Exception as error:  # Pillow's decoders raise errors of many kinds
        is_path = isinstance(path, (str, os.PathLike))
        name = os.fsencode(path).decode(errors="replace") if is_path else "The picture"
        raise DatasetError(f"{name} cannot be read: {error}") from error


def _picture(path, size, colours):
    from PIL import Image, ImageOps

    opened = contextlib.nullcontext(path) if isinstance(path, Image.Image) else Image.open(path)
    with opened as image:
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I;16"):  # which `convert` would clip at 255
            image = Image.fromarray((np.asarray(image) // 256).astype("uint8"))
        if image.mode in ("I", "F"):
            raise ValueError("it has 32 bits per channel, save it with 8")
        image = image.convert("L" if colours == 1 else "RGB")
    image = ImageOps.fit(image, size[::-1], Image.Resampling.BICUBIC)
    return np.asarray(image).reshape(*size, colours)


def _classes(folder, paths):
    """Returns the index of each picture's first subfolder, or None without classes."""
    names = [path.relative_to(folder).parts[0] for path in paths]
    if any(path.parent == folder for path in paths) or len(set(names)) < 2:
        return None
    return np.unique(names, return_inverse=True)[1].astype("int64")
