"""Files of a model's folder, which may come from an untrusted source."""

import hashlib
import pathlib

from keras_acai.errors import FolderError


def read_verified(path, sha256):
    """Returns the bytes of a file whose SHA-256 is the expected one.

    The bytes that were hashed are the ones to parse: the file is read once.

    Raises:
        FolderError: for a file that is missing, is not a plain file, or has another SHA-256.
    """
    check_place(path)
    if not path.exists():
        raise FolderError(f"{path} is missing: download the model again.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FolderError(f"{path} has the wrong SHA-256: delete it and download it again.")
    return content


def check_place(path):
    """Refuses a link that leads out of the model's folder, and anything but a plain file.

    Raises:
        FolderError: for these. A missing file is allowed.
    """
    try:
        real, home = path.resolve(), _home(path.parent)
    except (OSError, RuntimeError) as error:
        raise FolderError(f"{path} leads nowhere ({error}).") from None
    if not real.is_relative_to(home):
        raise FolderError(f"{path} leads out of its folder, to {real}: put the file itself there.")
    if real.exists() and not real.is_file():
        raise FolderError(f"{path} is not a file: download the model again.")


def is_snapshot(folder):
    """Whether a folder is a snapshot in the Hub's cache, whose files are links."""
    cache = pathlib.Path(folder).absolute().parents
    return len(cache) > 1 and cache[0].name == "snapshots" and cache[1].name.startswith("models--")


def _home(folder):
    """The folder that a file must lie in; for a snapshot, the cache of its repository."""
    return (folder.absolute().parents[1] if is_snapshot(folder) else folder).resolve()
