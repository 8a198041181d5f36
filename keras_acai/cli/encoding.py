"""The commands that read many pictures: their codes, and how strange each is."""

import csv
import pathlib
import sys
from typing import Annotated

import typer

from keras_acai.cli import console
from keras_acai.cli.options import Background, BatchSize, Model, Revision, Token, ValueRange

Images = Annotated[
    list[pathlib.Path],
    typer.Argument(
        exists=True, metavar="PATH...", help="Pictures, folders of them, or an .npy or .npz file."
    ),
]


def encode(
    images: Images,
    model: Model,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="File to write: .npz, .csv or .parquet.")
    ],
    batch_size: BatchSize = 256,
    value_range: ValueRange = None,
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Write the latent codes of pictures, as features for other tasks, and print the path.

    Pictures are cropped to their centre and resized. An .npy file holds images of the model's size;
    an .npz file holds them as `x`, and optionally labels `y`. The result has `codes` (n, size), and
    `names` or `y`.

    Example: `keras-acai encode photos/ more/one.jpg --model acai-mnist --out codes.parquet`
    """
    from keras_acai.cli import codes

    codes.check_suffix(out)
    network = console.load(model, revision, token)
    with console.working("Reading the images"):
        table = codes.read(images, network.image_shape, value_range, background)
    table["codes"] = codes.encode(network, table.pop("x"), batch_size, console.track)
    codes.write(out, table)
    print(out)


def outliers(
    images: Images,
    model: Model,
    count: Annotated[
        int | None, typer.Option(min=1, help="Number of rows to print.  [default: all]")
    ] = None,
    batch_size: BatchSize = 256,
    value_range: ValueRange = None,
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Print how far pictures are from their reconstructions, the strangest first, as CSV.

    Errors are root mean squares in grey levels of 255. Pictures of an array are named by their
    positions.

    Example: `keras-acai outliers photos/ --model acai-mnist --count 10`
    """
    from keras_acai.cli import codes

    network = console.load(model, revision, token)
    with console.working("Reading the images"):
        table = codes.read(images, network.image_shape, value_range, background)
    x = table["x"]
    errors = network.reconstruction_error(x, batch_size, value_range=codes.range_of(x))
    names = table.get("names", range(len(x)))
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("name", "error"))
    rows.writerows((names[i], f"{errors[i]:.4g}") for i in (-errors).argsort()[:count])
