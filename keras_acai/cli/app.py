"""The command `keras-acai`: results on stdout, everything else on stderr.

Exit codes: 0 done, 1 failure (the message says why), 2 usage error, 130 interrupted.
"""

import contextlib
import pathlib
import sys
from typing import Annotated

import rich.console
import rich.progress
import typer

from keras_acai.cli import commands
from keras_acai.cli.commands import DataDir
from keras_acai.cli.options import (
    Background,
    BatchSize,
    Branch,
    CacheDir,
    Data,
    Method,
    MethodOption,
    Model,
    Name,
    Offline,
    Picture,
    Pictures,
    Restarts,
    Revision,
    Scale,
    Seconds,
    Spacing,
    SpacingOption,
    Steps,
    Token,
    ValueRange,
)

app = typer.Typer(
    name="keras-acai",
    help="Autoencoders that interpolate: pretrained ACAI and its baselines, in Keras 3.",
    epilog="Start with `keras-acai list --trained`, then `keras-acai interpolate a.png b.png "
    "--model acai-mnist`. KERAS_BACKEND=tensorflow|jax|torch chooses the backend.",
    no_args_is_help=True,
    **commands.STYLE,
)


@app.command("list")
def list_models(
    pattern: Annotated[str, typer.Argument(help="Shell pattern, in quotes: 'acai-*'.")] = "*",
    trained: Annotated[bool, typer.Option("--trained", help="Only models that load.")] = False,
):
    """List the models, with their sizes and scores.

    Example: `keras-acai list 'acai-*'`
    """
    import keras_acai
    from keras_acai.zoo import tables

    names = keras_acai.list_models(pattern, trained=trained)
    if not names:
        raise ValueError(f"No model's name matches {pattern!r}: `keras-acai list` shows all.")
    _show(tables.model_table(map(keras_acai.info, names)))


@app.command()
def info(name: Name):
    """Show a model's sizes, data, scores beside the paper's, licence and hashes.

    Example: `keras-acai info acai-mnist`
    """
    import keras_acai

    _show(keras_acai.info(name))


@app.command()
def load(
    name: Name,
    revision: Revision = None,
    token: Token = None,
    cache_dir: CacheDir = None,
    local_files_only: Offline = False,
):
    """Download a model if necessary, verify its files, and print their folder.

    Example: `keras-acai load hf://somebody/acai-flowers`
    """
    from keras_acai.zoo import folders, pretrained

    options = {"token": token, "cache_dir": cache_dir, "local_files_only": local_files_only}
    with _working(f"Fetching {name}"):
        folder = pretrained.find(name, revision, **options)
        model = folders.load(folder)
    _say(f"{type(model).__name__} with {model.count_params():,} weights: all hashes match.")
    print(folder)


@app.command()
def interpolate(
    a: Picture,
    b: Picture,
    model: Model,
    steps: Steps = 16,
    method: MethodOption = Method.lerp,
    out: Annotated[
        pathlib.Path,
        typer.Option("--out", "-o", help="Picture (.png, .pdf, .svg) or animation (.gif, .webp)."),
    ] = pathlib.Path("interpolation.png"),
    scale: Scale = None,
    seconds: Seconds = 2.0,
    spacing: SpacingOption = Spacing.codes,
    background: Background = "white",
    revision: Revision = None,
    token: Token = None,
):
    """Draw an interpolation between two pictures, and print the path of the drawing.

    Pictures are cropped to their centre and resized to the model's size. An animation goes from the
    first picture to the second and back.

    Example: `keras-acai interpolate three.png eight.png --model acai-mnist --out strip.png`
    """
    from keras_acai import plotting

    plotting.check_suffix(out, moving=True)
    with _working(f"Loading {model}"):
        network = _load(model, revision, token)
    images = [_picture(path, network, background) for path in (a, b)]
    strips = network.interpolate(*images, steps, method.value, spacing=spacing.value)
    if out.suffix.lower() in plotting.MOVING:
        plotting.animation(strips, out, scale or 8, seconds)
    else:
        plotting.interpolations(strips, *images, path=out, scale=scale)
    print(out)


@app.command()
def encode(
    images: Annotated[
        list[pathlib.Path],
        typer.Argument(
            exists=True,
            metavar="PATH...",
            help="Pictures, folders of them, or an .npy or .npz file.",
        ),
    ],
    model: Model,
    out: Annotated[
        pathlib.Path, typer.Option("--out", "-o", help="File to write: .npz or .parquet.")
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
    with _working(f"Loading {model}"):
        network = _load(model, revision, token)
    with _working("Reading the images"):
        table = codes.read(images, network.image_shape, value_range, background)
    table["codes"] = codes.encode(network, table.pop("x"), batch_size, _track)
    codes.write(out, table)
    print(out)


@app.command()
def evaluate(
    name: Name,
    data: Data = None,
    data_dir: DataDir = None,
    n_init: Restarts = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the recorded scores.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write metrics.json and the model card.")
    ] = False,
    pictures: Pictures = False,
    revision: Revision = None,
    token: Token = None,
):
    """Measure a model by the paper's protocols, beside the paper's figures.

    Example: `keras-acai evaluate acai-lines`
    """
    from keras_acai.evaluation import paper
    from keras_acai.zoo import pretrained, reports, tables, untrusted

    with _working(f"Loading {name}"), contextlib.redirect_stdout(sys.stderr):
        folder = pretrained.find(name, revision, token=token, with_records=True)
        if write and untrusted.is_snapshot(folder):
            raise ValueError(f"{name} is in the Hub's cache: leave out --write, or copy {folder}.")
        report = reports.Report.open(folder, name, data, data_dir)
    if check:
        report.check_comparable()
    found = report.measure(n_init, lambda *score: _say(paper.describe_score(*score)))
    _show(tables.score_table(name, found.scores, found.paper))
    if check:
        report.check(found)
        _say("The scores match metrics.json.")
    if write:
        report.write(found, pictures=pictures)


@app.command()
def publish(
    folder: Annotated[
        pathlib.Path,
        typer.Argument(exists=True, file_okay=False, help="Folder written by save_pretrained."),
    ],
    repo_id: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="Repository on the Hugging Face Hub.")
    ],
    private: Annotated[bool | None, typer.Option(help="Create the repository as private.")] = None,
    revision: Branch = None,
    token: Token = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the files; upload nothing.")
    ] = False,
):
    """Upload a model's folder to the Hugging Face Hub as one commit; print its address.

    Example: `keras-acai publish runs/acai-flowers me/acai-flowers --dry-run`
    """
    from keras_acai.zoo import publishing

    if dry_run:
        for path in sorted(publishing.plan(folder, repo_id)):
            print(path)
        return
    with _working(f"Uploading {folder}"):
        done = publishing.publish(folder, repo_id, private=private, revision=revision, token=token)
    print(f"hf://{done.repo_id}@{done.revision}")


def main(arguments=None):
    """Runs the command; returns its exit code."""
    return commands.run(app, arguments, "keras-acai")


def _load(name, revision, token):
    import keras_acai

    return keras_acai.load(name, revision=revision, token=token, players=False)


def _picture(path, model, background):
    from keras_acai import datasets

    height, width, colours = model.image_shape
    return datasets.picture(path, (height, width), colours, background)[None]


def _console():
    return rich.console.Console(stderr=True)


def _say(text):
    _console().print(text, markup=False, highlight=False)


def _working(text):
    """Returns a context manager that shows a spinner on stderr."""
    return _console().status(f"{text} …")


def _track(batches, total):
    """Iterates over batches with a progress bar on stderr."""
    return rich.progress.track(batches, "Encoding", total, console=_console())


def _show(table):
    """Prints a table to stdout, 160 columns wide where that is not a terminal."""
    width = None if sys.stdout.isatty() else 160
    rich.console.Console(width=width).print(table)


if __name__ == "__main__":
    sys.exit(main())
