"""Atomic writes, JSON, and hashes of files and arrays."""

import contextlib
import errno
import hashlib
import json
import math
import os
import pathlib
import shutil
import tempfile
import time

PART = ".part-"  # prefix of temporary folders, which hold files while they are written
READY = ".keras_acai-new"  # a folder of whole files on their way to the folder that it lies in
AN_HOUR = 60 * 60  # seconds; longer than any write takes


@contextlib.contextmanager
def atomic_write(path):
    """Yields a temporary path, which replaces `path` when the block ends without an error.

    Readers see the old file or the new one, never a part of it, even after a loss of power.

    Args:
        path: path. The file to write. Its folder is created.

    Raises:
        OSError: when it cannot be written; the old file is still there.
    """
    path = pathlib.Path(path)
    with _temporary(path.parent) as folder:
        part = folder / path.name
        yield part
        _sync(part)
        os.replace(part, path)
    _sync(path.parent)


@contextlib.contextmanager
def atomic_write_together(folder):
    """Yields a temporary folder, whose files move to `folder` when the block ends without an error.

    Files and folders of the same names are replaced. All move or none: a folder of whole files,
    `READY`, takes the place of the temporary one, and whatever a killed process left in it is moved
    by `settle`.

    Args:
        folder: path. It is created.

    Raises:
        OSError: when they cannot be written; the old files are still there.
    """
    folder = pathlib.Path(folder)
    with _temporary(folder) as parts:
        yield parts
        for part in parts.iterdir():
            _sync(part)
        _sync(parts)
        _make_ready(parts, folder)
        settle(folder)


def _make_ready(parts, folder):
    """Renames a folder of whole files to `READY`, once that of another process has been moved."""
    for tries_left in reversed(range(10)):
        settle(folder)
        try:
            return os.rename(parts, folder / READY)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or not tries_left:
                raise


def settle(folder):
    """Moves the files that a killed `atomic_write_together` was about to move to `folder`.

    Raises:
        OSError: when they cannot be moved.
    """
    folder = pathlib.Path(folder)
    ready = folder / READY
    if not ready.is_dir() or ready.is_symlink():
        return
    for part in sorted(ready.iterdir()):
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            if part.is_dir():
                shutil.rmtree(folder / part.name, ignore_errors=True)
            os.replace(part, folder / part.name)
    with contextlib.suppress(FileNotFoundError):
        ready.rmdir()
    _sync(folder)


def sweep(folder, seconds):
    """Removes temporary folders of killed writers from `folder`, if at least `seconds` old."""
    for part in pathlib.Path(folder).glob(f"{PART}*"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime >= seconds:
                shutil.rmtree(part)


@contextlib.contextmanager
def _temporary(folder):
    """Yields a new temporary folder in `folder`, and removes it and those of killed writers."""
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder, AN_HOUR)
    parts = pathlib.Path(tempfile.mkdtemp(dir=folder, prefix=PART))
    try:
        yield parts
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def write_json(path, content):
    """Writes `content` as indented JSON; non-finite numbers are written as null."""
    with atomic_write(path) as part:
        part.write_text(as_json(content) + "\n", "utf-8")


def as_json(content):
    """Returns `content` as indented JSON; non-finite numbers are written as null."""
    return json.dumps(_strict(content), indent=2, ensure_ascii=False, allow_nan=False)


def read_json(path):
    """Returns the content of a JSON file, or None if it does not exist.

    NaN and infinity, which some programs write, are read as None.

    Raises:
        ValueError: for a file that is not JSON.
    """
    path = pathlib.Path(path)
    try:
        if not path.exists():
            return None
        return json.loads(path.read_text("utf-8"), parse_constant=lambda name: None)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def sha256(path):
    """Returns the SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(paths, names=None):
    """Returns a hash of the names, sizes and modification times of files.

    Args:
        paths: list of paths.
        names: iterable of str, a name for each. Defaults to those of the files.

    Raises:
        OSError: for a file that does not exist.
    """
    digest = hashlib.sha256()
    names = (os.path.basename(path) for path in paths) if names is None else names
    for path, name in zip(paths, names, strict=True):
        status = os.stat(path)
        digest.update(os.fsencode(name))
        digest.update(f"\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def sha256_of_arrays(*arrays):
    """Returns the SHA-256 of the bytes of arrays in C order, one after the other."""
    import numpy as np

    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
    return digest.hexdigest()


def _strict(content):
    """Replaces NaN and infinity, which JSON does not have, by None."""
    if isinstance(content, dict):
        return {key: _strict(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_strict(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _sync(path):
    """Flushes a file to disk, or a folder where the system can open one."""
    with contextlib.suppress(PermissionError, IsADirectoryError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
