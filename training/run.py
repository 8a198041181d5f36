"""A run: a folder that says what was done, and from which it can go on.

run.json                what was asked for, and what has happened so far
history.csv             a row of losses and scores for every checkpoint
checkpoints/            the two newest: weights, optimizer and seed, <images seen>.weights.h5
logs/                   TensorBoard
config.json, *.safetensors  the model itself, once it is trained (see `keras_acai.zoo.folders`)
metrics.json            its scores
"""

import contextlib
import csv
import datetime
import errno
import importlib.metadata
import io
import json
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

import filelock
import keras
import numpy as np

from keras_acai import backend, files
from keras_acai.zoo import records
from training.settings import completed

PACKAGES = ("keras", "keras-acai", "numpy", "tensorflow", "jax", "torch")
KEEP = 2  # checkpoints


class RunError(RuntimeError):
    """A run cannot start or go on; the message says why and what to do."""


class Run:
    """The folder of a run.

    Args:
        folder: path. Made by `locked` where it is not there.
        writes: bool. Whether this process writes, the first of those that train together.
            Defaults to True.

    Attributes:
        record: dict. The content of `run.json`.
        history: list of dicts. The rows of `history.csv`, the checkpoints' only.
        images: int. Those seen by the last checkpoint, in this run; `record["images"]` counts those
            of the model it began with, too.
    """

    def __init__(self, folder, writes=True):
        self.folder = pathlib.Path(folder)
        self.writes = writes
        self.owned = False
        self.record = _read_record(self.folder / "run.json")
        self.history = _read_history(self.folder / "history.csv")
        self.images = _images(self.checkpoints[-1]) if self.checkpoints else 0

    @contextlib.contextmanager
    def locked(self):
        """Keeps other processes out of the folder.

        Raises:
            RunError: when another process trains there, or the folder cannot be written.
        """
        if not self.writes:
            yield self
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.folder / ".lock", timeout=0)
            lock.acquire()
        except filelock.Timeout:
            raise RunError(
                f"Another process trains in {self.folder}: wait for it, or use another --out."
            ) from None
        except OSError as error:
            raise RunError(
                f"{self.folder} cannot be written ({error}): use another --out."
            ) from None
        try:
            self.owned = True
            for folder in (self.folder, self.folder / "checkpoints"):
                files.sweep(folder, seconds=0)
            yield self
        finally:
            self.owned = False
            lock.release()

    def start(self, settings, data):
        """Begins the run, or goes on with one of the same settings.

        Args:
            settings: dict. All that the outcome depends on.
            data: dict. Name and SHA-256 of the data.

        Raises:
            RunError: when the folder holds a run with other settings or data, or another model.
        """
        settings = json.loads(json.dumps(settings))  # lists for tuples, as in the file
        if not self.record and self.checkpoints:
            raise RunError(f"{self.folder} holds checkpoints but no run.json: use another --out.")
        if self.record and (self.checkpoints or self.status == "complete"):
            before, now = map(completed, (self.record["settings"], settings))
            _check_same(self.folder, before, now, "--{} {}")
            _check_same(self.folder, self.record["data"], data, "data of {} {}")
        elif (self.folder / records.CONFIG).exists():
            raise RunError(
                f"{self.folder} holds a model that is not this run's: use another --out."
            )
        else:
            self.record = {"settings": settings, "data": data, "starts": [], "images": 0}
            self.record["sha256"] = {}  # of the checkpoints
        if self.status != "complete":
            self.record["starts"].append(_circumstances(self.images))
        self.save()

    @property
    def seconds(self):
        """The time spent training up to the last checkpoint."""
        return self.history[-1]["seconds"] if self.history else 0.0

    @property
    def status(self):
        """One of "running", "interrupted", "diverged" or "complete"; None before the start."""
        return (self.record or {}).get("status")

    @property
    def checkpoints(self):
        """The checkpoint files, oldest first."""
        found = self.folder.glob("checkpoints/*.weights.h5")
        return sorted((path for path in found if _images(path) is not None), key=_images)

    def save(self, **changes):
        """Brings `run.json` up to date."""
        self.record |= changes
        if self.writes:
            files.write_json(self.folder / "run.json", self.record)

    def restore(self, model):
        """Loads the newest checkpoint that is whole into a compiled model.

        Nothing is deleted: where this process owns the folder, a damaged file is renamed.

        Returns:
            int. The images seen by then; 0 where there is none.

        Raises:
            RunError: for a whole checkpoint that does not fit the model.
        """
        self.images = 0
        for path in reversed(self.checkpoints):
            if self._is_whole(path):
                self._load(model, path)
                self.images = _images(path)
                break
            print(f"{path} is damaged: going back to the one before.")
            if self.owned:
                path.rename(path.with_name(path.name + ".damaged"))
        self.history = [row for row in self.history if row["images"] <= self.images]
        return self.images

    def _is_whole(self, path):
        expected = self.record.get("sha256", {}).get(path.name)
        return expected is None or files.sha256(path) == expected

    def _load(self, model, path):
        try:
            model.optimizer.build(model.trainable_variables)
            model.load_weights(path)
        except Exception as error:
            raise RunError(f"{path} cannot be loaded ({error}): use another --out.") from error

    def checkpoint(self, model, row):
        """Adds a row to the history and a checkpoint, then forgets old ones.

        Args:
            model: the compiled model.
            row: dict with "images", "seconds" and what else is logged, numbers all.

        Raises:
            OSError: when the disk is full; the last checkpoint is still there.
        """
        self.history.append(row)
        self.images = row["images"]
        name = f"{row['images']:010}.weights.h5"
        if not self.writes:  # saving is a joint effort on JAX
            with tempfile.TemporaryDirectory() as folder:
                model.save_weights(pathlib.Path(folder, name))
            return
        _write_history(self.folder / "history.csv", self.history)
        with files.atomic_write(self.folder / "checkpoints" / name) as part:
            _save_weights(model, part)
            hashes = {path.name: self.record["sha256"].get(path.name) for path in self.checkpoints}
            self.save(sha256=hashes | {name: files.sha256(part)})
        for old in self.checkpoints[:-KEEP]:
            old.unlink()
        before = self.record.get("before", {}).get("images", 0)
        self.save(images=before + row["images"], seconds=row["seconds"])

    @property
    def metrics(self):
        """The scores of the trained model, None before they are known."""
        return files.read_json(self.folder / "metrics.json")


def _circumstances(images):
    """What may change from one start of a run to the next."""
    return {
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "images": images,
        "backend": keras.backend.backend(),
        "device": backend.device_name() or _processor(),
        "git_commit": _git_commit(),
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
    }


def _processor():
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{(names or [platform.machine()])[0]}, {os.cpu_count()} cores"


def _git_commit():
    """The commit of this checkout, with "+" after it where files were changed since."""
    here = pathlib.Path(__file__).parent
    try:
        commit = _git(here, "rev-parse", "HEAD")
        return commit + ("+" if _git(here, "status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(folder, *arguments):
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _check_same(folder, before, now, wording):
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if old != new:
            asked = wording.format(key.replace("_", "-"), new)
            raise RunError(
                f"{folder} holds a run with {key} = {old}, not {asked}: use another --out, or ask "
                "for the same."
            )


def _save_weights(model, path):
    """Keras's `save_weights`, with a full disk as an `OSError`: HDF5 may crash instead."""
    variables = [*model.variables, *model.optimizer.variables]
    needed = 2**20 + sum(int(np.prod(one.shape)) * 8 for one in variables)
    if shutil.disk_usage(path.parent).free < needed:
        raise OSError(
            errno.ENOSPC, f"No space left for a checkpoint of {needed:,} bytes", str(path)
        )
    try:
        model.save_weights(path)
    except RuntimeError as error:
        raise OSError(f"{path} could not be written: {error}") from error


def _images(path):
    """The images in a checkpoint's name, None for another file."""
    number = path.name.partition(".")[0]
    return int(number) if number.isdigit() else None


def _read_record(path):
    try:
        record = files.read_json(path)
    except ValueError as error:
        raise RunError(f"{path} is damaged ({error}): use another --out.") from None
    parts = {"settings": dict, "data": dict, "starts": list}
    if record is None:
        return None
    if not isinstance(record, dict) or not all(
        isinstance(record.get(name), kind) for name, kind in parts.items()
    ):
        raise RunError(f"{path} is no record of a run: use another --out.")
    record.setdefault("sha256", {})
    return record


def _read_history(path):
    if not path.exists():
        return []
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        rows = [{key: _number(value) for key, value in row.items() if value} for row in rows]
        return [row for row in rows if row["images"] >= 0 and row["seconds"] >= 0]
    except (ValueError, KeyError, AttributeError, TypeError, csv.Error) as error:
        raise RunError(f"{path} is damaged ({error!r}): mend it, or use another --out.") from None


def _write_history(path, rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    with files.atomic_write(path) as part:
        part.write_text(text.getvalue(), "utf-8", newline="")


def _number(text):
    return int(text) if text.isdigit() else float(text)
