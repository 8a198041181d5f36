"""Encoding of any number of pictures to a folder of Parquet shards."""

import pathlib

from keras_acai import checks
from keras_acai.bulk import passes, sources, tables
from keras_acai.bulk.parquet import pyarrow
from keras_acai.bulk.work import Job, Work

KINDS = ("codes", "indices")
ENGINES = ("local", "ray")


def encode(
    paths,
    model,
    folder,
    *,
    what="codes",
    batch_size=256,
    shard_size=2**14,
    value_range=None,
    background="white",
    column=None,
    engine="local",
    workers=None,
    track=lambda done, total: None,
):
    """Write the latent codes of any number of pictures to a folder of Parquet files.

    Pictures are read, encoded and written in bounded memory. A call that was stopped, even by
    `kill -9`, is resumed by the same call: whole files are kept, and no picture is lost or written
    twice. The files are the same as without the stop. Unreadable pictures are left out with a
    warning, at every call.

    Args:
        paths: a path or a list of paths, as of `sources.open_source`: pictures, folders, tars and
            Parquet files of pictures, or one .npy or .npz file.
        model: a model of `keras_acai`, or its name or folder.
        folder: path. It is created.
        what: "codes", or "indices" for those of a VQ-VAE's vectors. Defaults to "codes".
        batch_size: int. Images per pass. Defaults to 256.
        shard_size: int. Images per file. Defaults to 16,384.
        value_range: (low, high), black and white in an array, as for `encode`. Defaults to None.
        background: the colour behind transparent pictures. Defaults to white.
        column: str. The column of pictures in Parquet files. Defaults to None: the only one, or
            `image`.
        engine: "local" for this process, or "ray" for Ray's cluster or the cores of this machine.
            Defaults to "local".
        workers: int. Processes of Ray, each with a model. Defaults to None: one for each core but
            one.
        track: callable. Called with the numbers of images done and in all. Defaults to no report.

    Returns:
        list of paths, `codes-00000-of-00062.parquet` and so on. Columns are "row", the position
        in the input, "codes", lists of float32 or of integers, and "names", "y", or those of
        Parquet files.

    Raises:
        ValueError: for images that do not fit the model, a folder that holds other codes, and
            missing packages.
        keras_acai.errors.DatasetError: for files that cannot be read at all.

    Example:

    ```python
    keras_acai.bulk.encode("photos/", "acai-mnist", "codes/")
    codes = pandas.read_parquet("codes/")
    ```
    """
    pyarrow()
    if what not in KINDS:
        raise ValueError(f"what={what!r}: choose from {', '.join(KINDS)}.")
    if engine not in ENGINES:
        raise ValueError(f"engine={engine!r}: choose from {', '.join(ENGINES)}.")
    batch_size = checks.check_size(batch_size, "batch_size")
    shard_size = checks.check_size(shard_size, "shard_size")
    options = {"value_range": value_range, "background": background, "column": column}
    paths, folder = sources.listed(paths), pathlib.Path(folder)
    work = Work(Job(paths, model, folder, batch_size, shard_size, options, what))
    work.shards.begin(work.description())
    missing = work.shards.missing()
    count = Counter(track, len(work.source))
    count(len(work.source) - sum(stop - start for start, stop in map(work.shards.span, missing)))
    if engine == "ray":
        from keras_acai.bulk import on_ray

        unreadable = on_ray.run(work.job, missing, workers, count)
    else:
        work.run(missing, count)
        unreadable = work.source.unreadable
    written = [work.shards.path(number) for number in range(len(work.shards))]
    missing = len(work.source) - sum(map(tables.count_rows, written))
    passes.report_unreadable(missing, len(work.source), unreadable)
    return written


def measure(paths, model, what="codes", batch_size=256, track=lambda done, total: None, **options):
    """Computes codes, their indices, errors or estimates of α, as one table in memory.

    Args:
        paths, batch_size, track: as for `encode`.
        model: a model of `keras_acai`.
        what: "codes" for flat codes, "indices" for those of a VQ-VAE's vectors, "error" for how far
            pictures are from their reconstructions, or "alpha" for what the critic of ACAI
            estimates. Defaults to "codes".
        **options: `value_range`, `background` and `column`, as for `encode`.

    Returns:
        dict of arrays, (n, …), for `write`: the results by the name of `what` ("codes" for indices,
        too), and "names", "y" or the columns of Parquet files.

    Raises:
        ValueError, keras_acai.errors.DatasetError: as `encode`, and if no picture is readable.
    """
    source = sources.open_source(paths, model, **options)
    count = len(source)
    batch_size = min(checks.check_size(batch_size, "batch_size"), count)
    ((_, table),) = passes.run(source, model, what, [(0, count)], batch_size, Counter(track, count))
    passes.report_unreadable(len(source.unreadable), count, source.unreadable)
    del table["row"]
    return table


class Counter:
    """Adds up images and reports the sum: `track(done, total)`."""

    def __init__(self, track, total):
        self.track, self.total, self.done = track, total, 0

    def __call__(self, count):
        self.done += count
        self.track(self.done, self.total)
