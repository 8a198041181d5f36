"""The checkpoints of a run: weights, optimizer and random state, and a lock on their folder."""

import contextlib
import errno
import pathlib
import shutil
import tempfile

import filelock
import numpy as np

from keras_acai import files

from ..errors import RunError

KEPT = 2  # checkpoints
SUFFIX = ".weights.h5"


@contextlib.contextmanager
def locked(folder):
    """Keeps other processes out of a run's folder, which is made if it is missing.

    Raises:
        RunError: when another process trains there, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except filelock.Timeout:
        raise RunError(
            f"Another process trains in {folder}: wait for it, or use another --out."
        ) from None
    except OSError as error:
        raise RunError(f"{folder} cannot be written ({error}): use another --out.") from None
    try:
        for swept in (folder, folder / "checkpoints"):
            files.sweep(swept, seconds=0)
        yield
    finally:
        lock.release()


class Checkpoints:
    """The folder of a run's checkpoints, `<images seen>.weights.h5`.

    Args:
        folder: path. It need not exist.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    @property
    def paths(self) -> list[pathlib.Path]:
        """The files, oldest first."""
        found = ((images_of(path), path) for path in self.folder.glob(f"*{SUFFIX}"))
        return [path for _, path in sorted(item for item in found if item[0] is not None)]

    def restore(self, model, sha256, rename=False) -> int:
        """Loads the newest undamaged checkpoint that the run's record knows into a compiled model.

        Args:
            model: the model.
            sha256: dict. File name → expected SHA-256.
            rename: bool. Whether to rename damaged files. Defaults to False.

        Returns:
            int. The images seen by then; 0 where there is no checkpoint.

        Raises:
            RunError: for an undamaged checkpoint that does not fit the model.
        """
        for path in reversed(self.paths):
            if sha256.get(path.name) == files.sha256(path):
                _load(model, path)
                return images_of(path) or 0
            known = path.name in sha256
            print(
                f"{path} is {'damaged' if known else 'not in the record of the run'}: going back "
                "to the one before."
            )
            if rename:
                path.rename(path.with_name(path.name + ".damaged"))
        return 0

    @contextlib.contextmanager
    def written(self, model, images):
        """Writes a checkpoint, whole or not at all, then deletes those that are no longer kept.

        Yields:
            (str, str): its file name and SHA-256, to be recorded before the file takes its place.

        Raises:
            OSError: when the disk is full; the last checkpoint stays.
        """
        path = self.folder / f"{images:010}{SUFFIX}"
        with files.atomic_write(path) as part:
            _save(model, part)
            yield path.name, files.sha256(part)
        for old in self.paths[:-KEPT]:
            old.unlink()


def save_elsewhere(model):
    """Takes part in saving from a process that does not write: on JAX all processes must."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_weights(pathlib.Path(folder, f"other{SUFFIX}"))


def images_of(path) -> int | None:
    """Returns the number of images in a checkpoint's name, None for another file."""
    number = path.name.partition(".")[0]
    return int(number) if number.isdigit() else None


def _load(model, path):
    try:
        model.optimizer.build(model.trainable_variables)
        model.load_weights(path)
    except Exception as error:
        raise RunError(f"{path} cannot be loaded ({error}): use another --out.") from error


def _save(model, path):
    """Keras's `save_weights`, with a full disk as an `OSError`: HDF5 may crash instead."""
    variables = [*model.variables, *model.optimizer.variables]
    needed = 2**20 + sum(int(np.prod(variable.shape)) * 8 for variable in variables)
    if shutil.disk_usage(path.parent).free < needed:
        raise OSError(
            errno.ENOSPC, f"No space left for a checkpoint of {needed:,} bytes", str(path)
        )
    try:
        model.save_weights(path)
    except RuntimeError as error:
        raise OSError(f"{path} could not be written: {error}") from error
