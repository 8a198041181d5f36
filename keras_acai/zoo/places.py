"""Where the files of a model's folder may lie, which may come from anybody."""

import pathlib

from keras_acai import files
from keras_acai.errors import FolderError


def check(path, expected):
    """Whether a file is the one that it should be.

    Raises:
        FolderError: when it is missing, no file, or its SHA-256 is another one.
    """
    check_place(path)
    if not path.exists():
        raise FolderError(f"{path} is missing: fetch the model again.")
    if files.sha256(path) != expected:
        raise FolderError(
            f"{path} is not the file that was saved (its SHA-256 is another one): fetch it again."
        )


def check_place(path):
    """Refuses links that lead out of a model's folder, and what is no file.

    Raises:
        FolderError: for these.
    """
    try:
        real, home = path.resolve(), _home(path.parent)
    except (OSError, RuntimeError) as error:
        raise FolderError(f"{path} leads nowhere ({error}).") from None
    if not real.is_relative_to(home):
        raise FolderError(f"{path} leads out of its folder, to {real}: put the file itself there.")
    if real.exists() and not real.is_file():
        raise FolderError(f"{path} is no file: fetch the model again.")


def is_snapshot(folder):
    """Whether a folder is one of the Hub's cache, whose files are links."""
    cache = pathlib.Path(folder).absolute().parents
    return len(cache) > 1 and cache[0].name == "snapshots" and cache[1].name.startswith("models--")


def _home(folder):
    """Where the files of a folder may lie: in it, or, of a snapshot, in the Hub's cache of it."""
    return (folder.absolute().parents[1] if is_snapshot(folder) else folder).resolve()
