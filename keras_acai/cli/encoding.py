"""The commands that read many pictures: their codes, and how strange each is."""

import csv
import pathlib
import sys
from typing import Annotated

import typer

from keras_acai.cli import console
from keras_acai.cli.options import (
    Background,
    BatchSize,
    Column,
    Engine,
    EngineOption,
    Measure,
    Model,
    Revision,
    ShardSize,
    Token,
    ValueRange,
    Workers,
)

Images = Annotated[
    list[pathlib.Path],
    typer.Argument(
        exists=True,
        metavar="PATH...",
        help="Pictures, folders, tars or Parquet files of them, or an .npy or .npz file.",
    ),
]


def encode(
    images: Images,
    model: Model,
    out: Annotated[
        pathlib.Path,
        typer.Option("--out", "-o", help="File to write: .npz, .csv or .parquet; or a folder."),
    ],
    indices: Annotated[
        bool, typer.Option("--indices", help="Indices of a VQ-VAE's vectors, not codes.")
    ] = False,
    batch_size: BatchSize = 256,
    value_range: ValueRange = None,
    background: Background = "white",
    column: Column = None,
    shard_size: ShardSize = 2**14,
    engine: EngineOption = Engine.local,
    workers: Workers = None,
    revision: Revision = None,
    token: Token = None,
):
    """Write the latent codes of pictures, as features for other tasks, and print the path.

    Pictures are cropped to their centre and resized. An .npy file holds images of the model's size;
    an .npz file holds them as `x`, and optionally labels `y`. The result has `codes` (n, size), and
    `names`, `y` or the columns of Parquet files.

    If `--out` is a folder, Parquet files are written to it one after the other. A stopped command
    resumes when it is typed again.

    Example: `keras-acai encode photos/ more/one.jpg --model acai-mnist --out codes.parquet`
    """
    is_file = out.suffix and not out.is_dir()
    console.check_out(out if is_file else out / "codes")
    from keras_acai import bulk
    from keras_acai.zoo import pretrained

    what = "indices" if indices else "codes"
    options = {"value_range": value_range, "background": background, "column": column}
    if is_file:
        bulk.check_suffix(out)
        if engine is not Engine.local:
            raise typer.BadParameter("Ray writes to a folder, not to a file.", param_hint="--out")
        network = console.load(model, revision, token)
        bulk.write(out, _measure(images, network, what, batch_size, options))
    else:
        found = pretrained.find(model, revision, token=token)
        options |= {"what": what, "batch_size": batch_size, "shard_size": shard_size}
        options |= {"engine": engine.value, "workers": workers}
        with console.progress("Encoding") as track:
            bulk.encode(images, found, out, track=track, **options)
    print(out)


def outliers(
    images: Images,
    model: Model,
    count: Annotated[
        int | None, typer.Option(min=1, help="Number of rows to print.  [default: all]")
    ] = None,
    by: Annotated[
        Measure,
        typer.Option(help="Reconstruction error, or the critic's estimate of α (ACAI alone)."),
    ] = Measure.error,
    batch_size: BatchSize = 256,
    value_range: ValueRange = None,
    background: Background = "white",
    column: Column = None,
    revision: Revision = None,
    token: Token = None,
):
    """Print how strange pictures are, the strangest first, as CSV.

    Reconstruction errors are root mean squares in grey levels of 255. An α of 0 looks like a
    picture, 0.5 like a mixture. Pictures of an array are named by their positions.

    Example: `keras-acai outliers photos/ --model acai-mnist --count 10`
    """
    network = console.load(model, revision, token, players=by is Measure.alpha)
    options = {"value_range": value_range, "background": background, "column": column}
    table = _measure(images, network, by.value, batch_size, options)
    values = table[by.value]
    _print(table, by.value, values, (-values).argsort()[:count])


def nearest(
    pictures: Annotated[
        list[pathlib.Path],
        typer.Argument(
            exists=True, dir_okay=False, metavar="PICTURE [PICTURE]", help="One picture, or two."
        ),
    ],
    among: Annotated[
        list[pathlib.Path],
        typer.Option(
            exists=True,
            metavar="PATH",
            help="Where to search: as for `keras-acai encode`; may be repeated.",
        ),
    ],
    model: Model,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the second picture in the mixture.")
    ] = 0.5,
    count: Annotated[int, typer.Option(min=1, help="Number of rows to print.")] = 10,
    batch_size: BatchSize = 256,
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Print the pictures whose codes are nearest to that of a picture, or of a mixture of two.

    Example: `keras-acai nearest a.png b.png --among photos/ --model acai-mnist`
    """
    from sklearn.neighbors import NearestNeighbors

    if len(pictures) > 2:
        raise typer.BadParameter("pass one picture or two.", param_hint="PICTURE")
    network = console.load(model, revision, token)
    table = _measure(among, network, "codes", batch_size, {"background": background})
    codes = network.features(pictures, verbose=0, background=background)
    mixture = (1 - share) * codes[0] + share * codes[-1]
    found = NearestNeighbors(n_neighbors=min(count, len(table["codes"]))).fit(table["codes"])
    distances, places = found.kneighbors(mixture[None])
    _print(table, "distance", dict(zip(places[0], distances[0])), places[0])


def _print(table, what, values, places):
    """Prints names and values of some rows as CSV."""
    names = table.get("names", range(len(next(iter(table.values())))))
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("name", what))
    rows.writerows((names[i], f"{values[i]:.4g}") for i in places)


def _measure(paths, model, what, batch_size, options):
    """Reads images and computes what is asked for, while a bar shows how far it is."""
    from keras_acai import bulk

    with console.progress("Reading and encoding") as track:
        return bulk.measure(paths, model, what, batch_size, track=track, **options)
