"""The commands that write models for use without Keras: files and a web page."""

import pathlib
from typing import Annotated

import typer

from keras_acai.cli import console
from keras_acai.cli.commands import check_models, trained_models
from keras_acai.cli.options import (
    Format,
    FormatOption,
    Name,
    Part,
    PartsOption,
    Revision,
    Token,
)


def export(
    model: Name,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Folder to write.")
    ] = pathlib.Path("exported"),
    format: FormatOption = Format.onnx,
    parts: PartsOption = None,
    uint8: Annotated[
        bool, typer.Option("--uint8", help="Images are uint8 in 0…255, not floats in [-1, 1].")
    ] = False,
    half: Annotated[
        bool, typer.Option("--half", help="Store the weights of ONNX files as float16.")
    ] = False,
    revision: Revision = None,
    token: Token = None,
):
    """Write encoder, decoder and both together for use without Keras; print their paths.

    Example: `keras-acai export acai-mnist --out site/models --uint8 --half`
    """
    network = console.load(model, revision, token, players=Part.critic in (parts or ()))
    chosen = {"parts": [part.value for part in parts]} if parts else {}
    with console.working(f"Exporting {model}"):
        paths = network.export(out, format.value, uint8=uint8, half=half, **chosen)
    for path in paths.values():
        print(path)


def page(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            callback=check_models,
            autocompletion=trained_models,
            help="Names or folders; the page opens with the first.  "
            "[default: acai-mnist acai-lines]",
        ),
    ] = None,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Folder to write.")
    ] = pathlib.Path("site"),
    beside: Annotated[
        list[str] | None,
        typer.Option(
            help="Model to show beside each; may be repeated.  [default: the plain autoencoder]"
        ),
    ] = None,
    pictures: Annotated[
        list[pathlib.Path] | None,
        typer.Option(
            exists=True,
            metavar="PATH",
            help="Picture or folder to begin with; may be repeated.  [default: samples]",
        ),
    ] = None,
    runtime: Annotated[
        pathlib.Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder dist of the npm package onnxruntime-web.  [default: fetched by npm]",
        ),
    ] = None,
):
    """Write a web page that mixes pictures in the browser, and print its path.

    It is a folder of static files. Look at it by `python -m http.server --directory site`, and put
    it on the Hub by `keras-acai publish site OWNER/NAME --space`.

    Example: `keras-acai app acai-mnist acai-lines --out site`
    """
    from keras_acai.page import build

    chosen = {"models": models} if models else {}
    options = {"beside": beside, "pictures": pictures, "runtime_folder": runtime}
    with console.working("Writing the page"):
        path = build(out, **chosen, **options)
    print(path)
