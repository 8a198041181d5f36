"""Bulk encoding by Ray Data: each actor holds a model and writes shards whole.

A shard is Ray's unit of work. If an actor dies, Ray gives its shard to another, which writes it
again. If the driver dies, the next start makes the shards that are missing.
"""

import contextlib
import importlib.util
import logging
import os

import keras

from keras_acai import checks
from keras_acai.bulk.work import Work

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}


def run(job, numbers, workers=None, track=lambda count: None):
    """Writes shards of a job by actors of Ray.

    Args:
        job: `work.Job` whose model is a name or a folder. On a cluster, its paths must mean the
            same on every node.
        numbers: list of int. The shards to write.
        workers: int. Number of actors. Defaults to None: one for each core but one.
        track: callable. Called with the number of images of each shard. Defaults to no report.

    Returns:
        list of the names of unreadable pictures.

    Raises:
        ValueError: if Ray is missing, and for a model without a name.
    """
    if importlib.util.find_spec("ray") is None:
        raise ValueError('engine="ray" needs Ray: pip install "keras-acai[ray]".')
    if not isinstance(job.model, (str, os.PathLike)):
        raise ValueError('engine="ray" loads the model in each process: pass its name or folder.')
    if not numbers:
        return []
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    _start(ray)
    cores = int(ray.cluster_resources()["CPU"])
    workers = max(1, cores - 1) if workers is None else checks.check_size(workers, "workers")
    shards = ray.data.from_items(
        [{"shard": number} for number in numbers], override_num_blocks=len(numbers)
    )
    results = shards.map(
        Worker,
        fn_constructor_args=(job, os.getcwd()),
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(numbers))),
        num_cpus=min(1, 0.9 * cores / workers),  # reading tasks need some, too
    )
    unreadable = []
    for result in results.iter_rows():
        track(result["images"])
        unreadable += result["unreadable"]
    return list(unreadable)


class Worker:
    """An actor: opens a job once, then writes the shards that it is given.

    Args:
        job: `work.Job`.
        folder: str. The folder that its paths are relative to, so that names are as they are
            without Ray. Left out on a node that does not have it.
    """

    def __init__(self, job, folder):
        with contextlib.suppress(OSError):
            os.chdir(folder)
        self.work = Work(job)

    def __call__(self, row):
        """Writes a shard; returns its number of images and the names of unreadable ones."""
        start, stop = self.work.shards.span(int(row["shard"]))
        before = len(self.work.source.unreadable)
        self.work.run([int(row["shard"])], lambda count: None)
        names = list(self.work.source.unreadable[before:])
        return {"shard": row["shard"], "images": stop - start, "unreadable": names}


def _start(ray):
    """Connects to the cluster of RAY_ADDRESS, or starts Ray on this machine."""
    if ray.is_initialized():
        return
    ray.data.DataContext.get_current().enable_progress_bars = False
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    environment = {"env_vars": {"KERAS_BACKEND": keras.backend.backend()}}
    local = {} if "RAY_ADDRESS" in os.environ else {"include_dashboard": False}
    ray.init(runtime_env=environment, log_to_driver=False, logging_level="error", **local)
