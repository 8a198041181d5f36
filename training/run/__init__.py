"""A run: a folder that records what was done, and from which training resumes.

run.json                what was asked for, and what has happened so far
history.csv             a row of losses and scores for each checkpoint
checkpoints/            the two newest: weights, optimizer and seed, <images seen>.weights.h5
logs/                   TensorBoard
config.json, *.safetensors  the trained model (see `keras_acai.zoo.folders`)
metrics.json            its scores
log.txt                 what it printed, if a sweep started it
"""

import contextlib
import dataclasses
import pathlib

from keras_acai.zoo import records

from ..errors import RunError
from . import checkpoints, history, record


class Run:
    """The folder of a run.

    Args:
        folder: path. `locked` makes it where it is missing.
        writes: bool. Whether this process writes: the first of those that train together.
            Defaults to True.

    Attributes:
        record: `keras_acai.zoo.schema.Run`. The content of `run.json`; None before the start.
        history: list of dict. The rows of `history.csv`, one for each checkpoint.
        images: int. Images seen in this run by its last checkpoint; `record.images` includes those
            of the model that it started from.
    """

    def __init__(self, folder, writes=True):
        self.folder = pathlib.Path(folder)
        self.writes = writes
        self.is_locked = False
        self.record = record.read(self.folder / records.RUN)
        self.history = history.read(self.folder / "history.csv")
        self.checkpoints = checkpoints.Checkpoints(self.folder / "checkpoints")
        paths = self.checkpoints.paths
        self.images = checkpoints.images_of(paths[-1]) if paths else 0

    @property
    def status(self):
        """One of "running", "interrupted", "diverged" or "complete"; None before the start."""
        return self.record.status if self.record else None

    @property
    def seconds(self):
        """Time spent training up to the last checkpoint."""
        return self.history[-1]["seconds"] if self.history else 0.0

    @contextlib.contextmanager
    def locked(self):
        """Keeps other processes out of the folder, if this process writes.

        Raises:
            RunError: when another process trains there, or the folder cannot be written.
        """
        if not self.writes:
            yield self
            return
        with checkpoints.locked(self.folder):
            self.is_locked = True
            try:
                yield self
            finally:
                self.is_locked = False

    def start(self, settings, data):
        """Begins the run, or resumes one of the same settings.

        Args:
            settings: `Settings`.
            data: dict. Name and SHA-256 of the data.

        Raises:
            RunError: when the folder holds a run with other settings or data, or another model.
        """
        if self.record is None and self.checkpoints.paths:
            raise RunError(f"{self.folder} holds checkpoints but no run.json: use another --out.")
        if self.record and (self.checkpoints.paths or self.status == "complete"):
            record.check_same(self.folder, self.record, settings, data)
        elif (self.folder / records.CONFIG).exists():
            raise RunError(f"{self.folder} holds a model of another run: use another --out.")
        else:
            self.record = record.new(settings, data)
        starts = self.record.starts
        if self.status != "complete":
            starts = [*starts, record.circumstances(self.images)]
        self.save(starts=starts)

    def save(self, **changes):
        """Updates the record and `run.json`."""
        self.record = dataclasses.replace(self._started, **changes)
        if self.writes:
            records.write_record(self.folder / records.RUN, self.record)

    def restore(self, model):
        """Loads the newest undamaged checkpoint into a compiled model.

        Nothing is deleted. While the folder is locked, a damaged file is renamed.

        Returns:
            int. The images seen by then; 0 where there is no checkpoint.

        Raises:
            RunError: for an undamaged checkpoint that does not fit the model.
        """
        self.images = self.checkpoints.restore(model, self._sha256, rename=self.is_locked)
        self.history = [row for row in self.history if row["images"] <= self.images]
        return self.images

    def checkpoint(self, model, row):
        """Adds a row to the history and a checkpoint, then deletes old ones.

        The history is written first, so that every checkpoint has its row.

        Args:
            model: the compiled model.
            row: dict of numbers with "images", "seconds" and what else is logged.

        Raises:
            OSError: when the disk is full; the last checkpoint stays.
        """
        self.history.append(row)
        self.images = row["images"]
        if not self.writes:
            checkpoints.save_elsewhere(model)
            return
        history.write(self.folder / "history.csv", self.history)
        with self.checkpoints.written(model, self.images) as (name, sha256):
            kept = {path.name: self._sha256.get(path.name) for path in self.checkpoints.paths}
            self.save(sha256=kept | {name: sha256})
        self.save(images=self._started.images_before + self.images, seconds=row["seconds"])

    @property
    def _sha256(self):
        """The SHA-256 of each checkpoint, by its file name."""
        return self._started.sha256 or {}

    @property
    def _started(self):
        """The record, of a run that has begun."""
        assert self.record is not None
        return self.record
