"""The commands that draw: what lies between pictures, and new ones."""

import pathlib
from typing import Annotated

import typer

from keras_acai.cli import console
from keras_acai.cli.options import (
    Background,
    Method,
    MethodOption,
    Model,
    Revision,
    Scale,
    Seconds,
    Spacing,
    SpacingOption,
    Steps,
    Token,
)

Pictures = Annotated[
    list[pathlib.Path],
    typer.Argument(
        exists=True,
        dir_okay=False,
        metavar="PICTURE PICTURE...",
        help="Pictures of any size, two or more.",
    ),
]


def interpolate(
    pictures: Pictures,
    model: Model,
    steps: Steps = 16,
    method: MethodOption = Method.lerp,
    out: Annotated[
        pathlib.Path,
        typer.Option("--out", "-o", help="Picture (.png, .pdf, .svg) or animation (.gif, .webp)."),
    ] = pathlib.Path("interpolation.png"),
    closed: Annotated[
        bool, typer.Option("--closed", help="Return from the last picture to the first.")
    ] = False,
    scale: Scale = None,
    seconds: Seconds = 2.0,
    spacing: SpacingOption = Spacing.codes,
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Draw the way from each picture to the next, and print the path of the drawing.

    Pictures are cropped to their centre and resized to the model's size. A drawing has a row for
    each pair. An animation goes from the first picture to the last and, unless closed, back.

    Example: `keras-acai interpolate three.png eight.png --model acai-mnist --out strip.png`
    """
    from keras_acai import plotting

    if len(pictures) < 2:
        raise typer.BadParameter("pass at least two pictures.", param_hint="PICTURE")
    plotting.check_suffix(out, moving=True)
    console.check_out(out)
    network = console.load(model, revision, token)
    images = _read(pictures, network, background)
    options = {"steps": steps, "method": method.value, "spacing": spacing.value}
    if out.suffix.lower() in plotting.MOVING:
        path = network.path(images, closed=closed, **options)
        times = len(pictures) - 1 + closed
        plotting.animation(path, out, scale or 8, seconds * times, back=not closed)
    else:
        starts, ends = _pairs(images, closed)
        strips = network.interpolate(starts, ends, **options)
        plotting.interpolations(strips, starts, ends, path=out, scale=scale)
    print(out)


def sample(
    model: Model,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Number of pictures.")] = 16,
    like: Annotated[
        list[pathlib.Path] | None,
        typer.Option(
            exists=True,
            metavar="PATH",
            help="Picture or folder that the new ones resemble; may be repeated. Models without a "
            "prior need some.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed draws the same.")] = None,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Picture to write.")
    ] = pathlib.Path("samples.png"),
    scale: Scale = None,
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Draw new pictures from random codes, and print the path of the drawing.

    Example: `keras-acai sample --model acai-mnist --like photos/ --count 32`
    """
    from keras_acai import plotting

    plotting.check_suffix(out)
    console.check_out(out)
    network = console.load(model, revision, token)
    pictures = network.sample(count, like, seed=seed, background=background)
    plotting.pictures(pictures, path=out, scale=scale)
    print(out)


def grid(
    corners: Pictures,
    model: Model,
    size: Annotated[int, typer.Option(min=2, help="Pictures on each side.")] = 8,
    method: MethodOption = Method.lerp,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Picture to write.")
    ] = pathlib.Path("grid.png"),
    scale: Scale = None,
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Fill a square between four pictures, row by row, and print the path of the drawing.

    Example: `keras-acai grid 1.png 2.png 3.png 4.png --model acai-mnist`
    """
    from keras_acai import plotting

    if len(corners) != 4:
        raise typer.BadParameter("pass four pictures, one for each corner.", param_hint="PICTURE")
    plotting.check_suffix(out)
    console.check_out(out)
    network = console.load(model, revision, token)
    images = _read(corners, network, background)
    (square,) = network.grid(*images[:, None], size, method.value)
    plotting.pictures(square.reshape(-1, *network.image_shape), size, path=out, scale=scale)
    print(out)


def reconstruct(
    pictures: Annotated[
        list[pathlib.Path],
        typer.Argument(exists=True, metavar="PATH...", help="Pictures, or folders of them."),
    ],
    model: Model,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Picture to write.")
    ] = pathlib.Path("reconstructions.png"),
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Draw pictures above their reconstructions, and print the path of the drawing.

    Example: `keras-acai reconstruct three.png eight.png --model acai-mnist`
    """
    from keras_acai import plotting

    plotting.check_suffix(out)
    console.check_out(out)
    network = console.load(model, revision, token)
    images = _read(pictures, network, background)
    plotting.reconstructions(images, network.reconstruct(images), path=out)
    print(out)


def attribute(
    pictures: Annotated[
        list[pathlib.Path],
        typer.Argument(exists=True, metavar="PATH...", help="Pictures to change, or folders."),
    ],
    positives: Annotated[
        list[pathlib.Path],
        typer.Option(
            "--with", exists=True, metavar="PATH", help="Pictures with the attribute; repeatable."
        ),
    ],
    negatives: Annotated[
        list[pathlib.Path],
        typer.Option("--without", exists=True, metavar="PATH", help="Pictures without it."),
    ],
    model: Model,
    strength: Annotated[
        float, typer.Option(help="Multiple of the attribute's vector at the end.")
    ] = 1.0,
    steps: Steps = 8,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="Picture to write.")
    ] = pathlib.Path("attribute.png"),
    scale: Scale = None,
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Draw pictures with more and more of an attribute, and print the path of the drawing.

    Example: `keras-acai attribute me.jpg --with smiling/ --without serious/ --model my-faces`
    """
    import numpy as np

    from keras_acai import plotting

    plotting.check_suffix(out)
    console.check_out(out)
    network = console.load(model, revision, token)
    vector = network.attribute_vector(positives, negatives, background=background)
    codes = network.encode(pictures, background=background)
    amounts = np.linspace(0, strength, steps).reshape(-1, *(1,) * vector.ndim)
    changed = codes[:, None] + amounts.astype("float32") * vector
    images = network.decode(changed.reshape(-1, *network.code_shape))
    strips = images.reshape(len(codes), steps, *network.image_shape)
    plotting.interpolations(strips, path=out, scale=scale)
    print(out)


def _read(pictures, network, background):
    """Pictures as images of the model's size. Needs Keras, so it is called after all checks."""
    from keras_acai.engine import inputs

    return inputs.read(pictures, network, background=background)


def _pairs(images, closed):
    """Images at both ends of each way, (n, …) each."""
    following = [*images[1:], *images[: int(closed)]]
    return images[: len(following)], following
