"""A job of bulk encoding: what a process needs to take part in it."""

import dataclasses
import os
import pathlib

from keras_acai.bulk import passes, sources, tables
from keras_acai.bulk.shards import Shards
from keras_acai.zoo import pretrained, weights


@dataclasses.dataclass(frozen=True)
class Job:
    """What to encode, how, and where to: all that a process needs to take part.

    Args:
        paths: list of paths, as for `sources.open_source`.
        model: a model, or its name or folder.
        folder: `pathlib.Path` of the shards.
        batch_size: int. Images per pass.
        shard_size: int. Images per shard.
        options: dict. Options of `sources.open_source`.
        what: str. "codes", or "indices" of a VQ-VAE.
    """

    paths: list
    model: object
    folder: pathlib.Path
    batch_size: int
    shard_size: int
    options: dict
    what: str


class Work:
    """A job that is open: its model, its source and its shards."""

    def __init__(self, job):
        self.job = job
        named = isinstance(job.model, (str, os.PathLike))
        self.model = pretrained.load(job.model, players=False) if named else job.model
        passes.method_of(self.model, job.what)
        self.source = sources.open_source(job.paths, self.model, **job.options)
        self.shards = Shards(job.folder, len(self.source), job.shard_size)
        self.batch_size = min(job.batch_size, len(self.source))

    def description(self):
        """Returns all that the shards depend on, for `Shards.begin`."""
        settings = {name: value for name, value in self.job.options.items() if value is not None}
        return {
            "kind": self.job.what,
            "images": len(self.source),
            "input": self.source.fingerprint(),
            "model": self._model_description(),
            "shard_size": self.job.shard_size,
            "settings": {name: _written(value) for name, value in settings.items()},
        }

    def _model_description(self):
        """The class, the precision and a hash of the weights that codes depend on."""
        names = [name for name in self.model.players[0].layers if name != "decoder"]
        encoding = weights.fingerprint([getattr(self.model, name) for name in names])
        return f"{type(self.model).__name__} {self.model.dtype_policy.name} {encoding}"

    def run(self, numbers, track):
        """Writes some shards."""
        spans = map(self.shards.span, numbers)
        done = passes.run(self.source, self.model, self.job.what, spans, self.batch_size, track)
        for number, (_, table) in zip(numbers, done, strict=True):
            tables.write(self.shards.path(number), table)


def _written(setting):
    """A setting as text; the same for a list and a tuple, and for 255 and 255.0."""
    if isinstance(setting, (tuple, list)):
        return str(tuple(float(one) for one in setting))
    return str(setting)
