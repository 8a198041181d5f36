"""A person's own pictures."""

import hashlib
import pathlib
import warnings

import keras
import numpy as np

from keras_acai.datasets import cache
from keras_acai.datasets.tfds import DatasetError
from keras_acai.inputs import check_size

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}


def image_folder(path, size=32, colours=3):
    """Every picture in a folder and its subfolders, in the order of their names.

    Each is turned upright, cut to its largest middle square and resized bicubically with
    antialiasing. The result is cached; it is prepared anew when a file is added, removed or
    changed. Pictures that cannot be read are left out with a warning.

    Args:
        path: the folder.
        size: int. The side of the result, in pixels. Defaults to 32.
        colours: 1 for grey, 3 for RGB. Defaults to 3.

    Returns:
        (x, y): uint8 (n, size, size, colours), and int64 (n,): the index of each picture's
        subfolder in alphabetical order, or None where all pictures lie in the folder itself.

    Raises:
        ValueError: for another size or number of colours.
        DatasetError: for a folder that is not there or holds no picture that can be read.
    """
    size = check_size(size, "size")
    if colours not in (1, 3):
        raise ValueError(f"colours={colours!r}: use 1 for grey or 3 for RGB.")
    folder = pathlib.Path(path)
    if not folder.is_dir():
        raise DatasetError(f"{folder} is no folder: give one with pictures in it.")
    paths = sorted(one for one in folder.rglob("*") if one.suffix.lower() in SUFFIXES)
    name = f"{folder.resolve().name}-{size}-{colours}"
    file = cache.cache_path(name, _fingerprint(folder, paths))
    return cache.cached(file, lambda: _read_all(folder, paths, size, colours))


def _fingerprint(folder, paths):
    """What changes when a file does: names, sizes and times of change."""
    digest = hashlib.sha256(str(folder.resolve()).encode())
    for path in paths:
        status = path.stat()
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _read_all(folder, paths, size, colours):
    x = np.empty((len(paths), size, size, colours), "uint8")
    read, bad = [], []
    bar = keras.utils.Progbar(len(paths), unit_name="picture")
    for number, path in enumerate(paths, start=1):
        try:
            x[len(read)] = _picture(path, size, colours)
            read.append(path)
        except (OSError, ValueError, SyntaxError) as error:
            bad.append(f"{path} ({error})")
        bar.update(number)
    if not read:
        raise DatasetError(f"{folder} holds no picture that can be read ({len(bad)} cannot).")
    if bad:
        warnings.warn(f"{len(bad)} pictures were left out, such as {bad[0]}.", stacklevel=5)
    return x[: len(read)], _classes(folder, read)


def _picture(path, size, colours):
    """One picture as uint8 (size, size, colours)."""
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I"):  # 16 bits a pixel, which convert would cut off at 255
            image = Image.fromarray((np.asarray(image) // 256).astype("uint8"))
        image = image.convert("L" if colours == 1 else "RGB")
    image = ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
    return np.asarray(image).reshape(size, size, colours)


def _classes(folder, paths):
    """The index of each picture's first subfolder, or None where there is none."""
    names = [path.relative_to(folder).parts[0] for path in paths]
    if any(path.parent == folder for path in paths):
        return None
    return np.unique(names, return_inverse=True)[1].astype("int64")
