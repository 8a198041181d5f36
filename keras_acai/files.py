"""Files that are whole or not there, and their hashes."""

import contextlib
import hashlib
import json
import math
import os
import pathlib
import shutil
import tempfile
import time

PART = ".part-"  # begins the names of folders that hold a file while it is written


@contextlib.contextmanager
def written(path):
    """A path to write to, which becomes `path` when the block ends well, and else vanishes.

    A reader, or a machine that loses its power, sees the old file or the new one, never a part.

    Args:
        path: the file to write; its folder is made.

    Raises:
        OSError: where it cannot be written; the old file is still there.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=PART) as folder:
        part = pathlib.Path(folder, path.name)
        yield part
        _sync(part)
        os.replace(part, path)
    _sync(path.parent)


@contextlib.contextmanager
def written_together(folder):
    """A folder to write files to, which move to `folder` when the block ends well, or vanish.

    They move one by one, in the order of their names; each is whole or not there.

    Args:
        folder: path; it is made.

    Raises:
        OSError: where they cannot be written; the old files are still there.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=PART) as parts:
        yield pathlib.Path(parts)
        for part in sorted(pathlib.Path(parts).iterdir()):
            _sync(part)
            os.replace(part, folder / part.name)
    _sync(folder)


def sweep(folder, seconds):
    """Removes what writers that were killed have left in a folder, if it is as old as that."""
    for part in pathlib.Path(folder).glob(f"{PART}*"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime >= seconds:
                shutil.rmtree(part)


def write_json(path, content):
    """Writes `content` as JSON that people can read too; what is no finite number as null."""
    text = json.dumps(_strict(content), indent=2, ensure_ascii=False, allow_nan=False)
    with written(path) as part:
        part.write_text(text + "\n", "utf-8")


def read_json(path):
    """The content of a JSON file, or None where there is none.

    Raises:
        ValueError: for a file that is no JSON.
    """
    path = pathlib.Path(path)
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def sha256(path):
    """The SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_arrays(*arrays):
    """The SHA-256 of the bytes of C-contiguous arrays, one after the other."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(memoryview(array).cast("B") if array.size else b"")
    return digest.hexdigest()


def _strict(content):
    """JSON has no NaN and no infinity."""
    if isinstance(content, dict):
        return {key: _strict(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_strict(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _sync(path):
    """Has the disk write what the system holds back (folders too, where they can be opened)."""
    with contextlib.suppress(PermissionError, IsADirectoryError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
