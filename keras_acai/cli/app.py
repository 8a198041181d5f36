"""The command `keras-acai`: results on stdout, everything else on stderr.

Exit codes: 0 done, 1 it cannot be done (the message says why), 2 it was asked for wrongly.
"""

import contextlib
import enum
import pathlib
import sys
from typing import Annotated

import rich.console
import rich.progress
import rich.text
import typer

app = typer.Typer(
    name="keras-acai",
    help="Autoencoders that interpolate: pretrained ACAI and its baselines, in Keras 3.",
    epilog="Start with `keras-acai list --trained`, then `keras-acai interpolate a.png b.png "
    "--model acai-mnist`. KERAS_BACKEND=tensorflow|jax|torch chooses the backend.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A name such as acai-mnist, hf://owner/name[@revision], or a model's folder.",
    ),
]
Model = Annotated[
    str,
    typer.Option("--model", "-m", help="A name, hf://owner/name[@revision], or a model's folder."),
]
Revision = Annotated[str | None, typer.Option(help="A branch, tag or commit on the Hub.")]
Branch = Annotated[str | None, typer.Option("--revision", help="The branch.  [default: main]")]
Token = Annotated[
    str | None, typer.Option(envvar="HF_TOKEN", help="Of the Hub, for private models.")
]
CacheDir = Annotated[pathlib.Path | None, typer.Option(help="Of the Hub.  [default: HF_HOME]")]
Offline = Annotated[bool, typer.Option("--local-files-only", help="Stay off the network.")]
Data = Annotated[str | None, typer.Option(help="A data set or a folder.  [default: its own]")]
DataDir = Annotated[str | None, typer.Option(help="Of TensorFlow Datasets; or TFDS_DATA_DIR.")]
Starts = Annotated[
    int | None, typer.Option(min=1, help="Of k-means.  [default: as before, or 1000]")
]
BatchSize = Annotated[int, typer.Option(min=1, help="Images a pass.")]


class Method(enum.StrEnum):
    """How codes are mixed."""

    lerp = "lerp"
    slerp = "slerp"


@app.command("list")
def list_models(
    pattern: Annotated[str, typer.Argument(help="A shell pattern, in quotes: 'acai-*'.")] = "*",
    trained: Annotated[bool, typer.Option("--trained", help="Only those that load.")] = False,
):
    """Name the models, with their sizes and scores.

    Example: `keras-acai list 'acai-*'`
    """
    import keras_acai
    from keras_acai.zoo import tables

    names = keras_acai.list_models(pattern, trained=trained)
    if not names:
        raise ValueError(f"No model's name matches {pattern!r}: `keras-acai list` gives them all.")
    _show(tables.model_table(map(keras_acai.info, names)))


@app.command()
def info(name: Annotated[str, typer.Argument(metavar="NAME", help="Such as acai-mnist.")]):
    """Tell what is known of a model: sizes, data, scores beside the paper's, licence, hashes.

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
    """Fetch a model, verify its files, and print the folder that they are in.

    Example: `keras-acai load hf://somebody/acai-flowers`
    """
    from keras_acai.zoo import folders, pretrained

    how = {"token": token, "cache_dir": cache_dir, "local_files_only": local_files_only}
    with _working(f"Fetching {name}"):
        folder = pretrained.find(name, revision, **how)
        model = folders.load(folder)
    _say(f"{type(model).__name__} with {model.count_params():,} weights: all files are as saved.")
    print(folder)


@app.command()
def interpolate(
    a: Annotated[pathlib.Path, typer.Argument(exists=True, dir_okay=False, metavar="A.png")],
    b: Annotated[pathlib.Path, typer.Argument(exists=True, dir_okay=False, metavar="B.png")],
    model: Model,
    steps: Annotated[int, typer.Option(min=2, help="Pictures, both ends included.")] = 16,
    method: Annotated[Method, typer.Option(help="Straight line, or great circle.")] = Method.lerp,
    out: Annotated[pathlib.Path, typer.Option("--out", "-o")] = pathlib.Path("interpolation.png"),
    revision: Revision = None,
    token: Token = None,
):
    """Draw what lies between two pictures, and print the path of the drawing.

    Pictures are cut to their middle and resized to what the model takes.

    Example: `keras-acai interpolate three.png eight.png --model acai-mnist --out strip.png`
    """
    from keras_acai import plotting

    plotting.check_suffix(out)
    with _working(f"Loading {model}"):
        network = _load(model, revision, token)
    images = [_picture(path, network) for path in (a, b)]
    strips = network.interpolate(*images, steps=steps, method=method.value)
    plotting.interpolations(strips, *images, path=out)
    print(out)


@app.command()
def encode(
    images: Annotated[
        pathlib.Path,
        typer.Argument(exists=True, metavar="FOLDER_OR_NPZ", help="Pictures, or an .npz with x."),
    ],
    model: Model,
    out: Annotated[pathlib.Path, typer.Option("--out", "-o", help="codes.npz or codes.parquet")],
    batch_size: BatchSize = 256,
    revision: Revision = None,
    token: Token = None,
):
    """Write the latent codes of pictures, as features for other tasks, and print the path.

    From a folder, every picture is cut to its middle and resized; an .npz holds `x`, images of the
    model's size, and may hold labels `y`. The result has `codes` (n, size), and `names` or `y`.

    Example: `keras-acai encode photos/ --model acai-mnist --out codes.parquet`
    """
    from keras_acai.cli import codes

    codes.check_suffix(out)
    with _working(f"Loading {model}"):
        network = _load(model, revision, token)
    with _working(f"Reading {images}"):
        table = codes.read(images, network.image_shape)
    table["codes"] = codes.encode(network, table.pop("x"), batch_size, _track)
    codes.write(out, table)
    print(out)


@app.command()
def evaluate(
    name: Name,
    data: Data = None,
    data_dir: DataDir = None,
    n_init: Starts = None,
    check: Annotated[bool, typer.Option("--check", help="Compare with its metrics.json.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write metrics.json and card.")] = False,
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
            raise ValueError(
                f"{name} lies in the Hub's cache: leave out --write, or copy {folder}."
            )
        report = reports.Report.open(folder, name, data, data_dir)
    if check:
        report.check_comparable()
    found = report.measure(n_init, lambda *score: _say(paper.describe_score(*score)))
    _show(tables.score_table(name, found.scores, found.paper))
    if check:
        report.check(found)
        _say("These are the scores of its metrics.json.")
    if write:
        report.write(found)


@app.command()
def publish(
    folder: Annotated[pathlib.Path, typer.Argument(exists=True, file_okay=False)],
    repo_id: Annotated[str, typer.Argument(metavar="OWNER/NAME")],
    private: Annotated[bool | None, typer.Option(help="Of a new repository.")] = None,
    revision: Branch = None,
    token: Token = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
):
    """Upload a model's folder to the Hugging Face Hub as one commit; print what loads it.

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
    """The command; returns its exit code."""
    from keras_acai.datasets import DatasetError
    from keras_acai.errors import LoadError

    try:
        app(arguments, prog_name="keras-acai")
    except SystemExit as done:
        return done.code
    except (LoadError, DatasetError, ValueError, OSError) as error:
        text = rich.text.Text(f"{type(error).__name__}: {error}")
        text.stylize("red", 0, len(type(error).__name__))
        _console().print(text, soft_wrap=True)
        return 1


def _load(name, revision, token):
    import keras_acai

    return keras_acai.load(name, revision=revision, token=token, players=False)


def _picture(path, model):
    from keras_acai import datasets

    height, width, colours = model.image_shape
    return datasets.picture(path, (height, width), colours)[None]


def _console():
    return rich.console.Console(stderr=True)


def _say(text):
    _console().print(text, markup=False, highlight=False)


def _working(text):
    """A spinner on stderr while something goes on."""
    return _console().status(f"{text} …")


def _track(batches, total):
    """A progress bar on stderr over batches."""
    return rich.progress.track(batches, "Encoding", total, console=_console())


def _show(table):
    """A table as a result: as wide as it needs to be where no terminal reads it."""
    width = None if sys.stdout.isatty() else 160
    rich.console.Console(width=width).print(table)


if __name__ == "__main__":
    sys.exit(main())
