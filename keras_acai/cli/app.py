"""The command `keras-acai`: results on stdout, everything else on stderr.

Exit codes: 0 done, 1 failure (the message says why), 2 usage error, 130 interrupted.
"""

import contextlib
import pathlib
import sys
from typing import Annotated

import typer

from keras_acai import version
from keras_acai.cli import commands, console, drawing, encoding, exporting, plugins
from keras_acai.cli.commands import DataDir
from keras_acai.cli.options import (
    Branch,
    CacheDir,
    Data,
    Json,
    Name,
    Offline,
    Pictures,
    Restarts,
    Revision,
    Token,
)

app = typer.Typer(
    name="keras-acai",
    cls=plugins.Commands,
    epilog="Start with `keras-acai list --trained`, then `keras-acai interpolate a.png b.png "
    "--model acai-mnist`. KERAS_BACKEND=tensorflow|jax|torch chooses the backend.",
    no_args_is_help=True,
    **commands.STYLE,
)


def _print_version(wanted):
    if wanted:
        print(f"keras-acai {version.__version__}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
):
    """Autoencoders that interpolate: pretrained ACAI and its baselines, in Keras 3."""


@app.command("list")
def list_models(
    pattern: Annotated[str, typer.Argument(help="Shell pattern, in quotes: 'acai-*'.")] = "*",
    trained: Annotated[bool, typer.Option("--trained", help="Only models that load.")] = False,
    as_json: Json = False,
):
    """List the models, with their sizes and scores.

    Example: `keras-acai list 'acai-*'`
    """
    import keras_acai
    from keras_acai.zoo import tables

    names = keras_acai.list_models(pattern, trained=trained)
    if not names:
        raise ValueError(f"No model's name matches {pattern!r}: `keras-acai list` shows all.")
    found = [keras_acai.info(name) for name in names]
    if as_json:
        console.show_json([one.as_dict() for one in found])
    else:
        console.show(tables.model_table(found))


@app.command()
def info(name: Name, as_json: Json = False):
    """Show a model's sizes, data, scores beside the paper's, licence and hashes.

    Example: `keras-acai info acai-mnist`
    """
    import keras_acai

    found = keras_acai.info(name)
    if as_json:
        console.show_json(found.as_dict())
    else:
        console.show(found)


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
    with console.working(f"Fetching {name}"):
        folder = pretrained.find(name, revision, **options)
        model = folders.load(folder)
    console.say(f"{type(model).__name__} with {model.count_params():,} weights: all hashes match.")
    print(folder)


app.command()(drawing.interpolate)
app.command()(drawing.grid)
app.command()(drawing.reconstruct)
app.command()(drawing.attribute)
app.command()(drawing.sample)
app.command()(encoding.encode)
app.command()(encoding.outliers)
app.command()(encoding.nearest)


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
    as_json: Json = False,
    revision: Revision = None,
    token: Token = None,
):
    """Measure a model by the paper's protocols, beside the paper's figures.

    A run that is not finished is measured at its last checkpoint.

    Example: `keras-acai evaluate acai-lines`
    """
    from keras_acai.evaluation import paper
    from keras_acai.zoo import tables

    with console.working(f"Loading {name}"), contextlib.redirect_stdout(sys.stderr):
        report = _report(name, data, data_dir, revision, token, write)
    if report.is_on_other_data:
        console.say("The data differ from those in the run's record.")
    if check:
        report.check_comparable()
    found = report.measure(n_init, lambda *score: console.say(paper.describe_score(*score)))
    if as_json:
        console.show_json({"name": name, "scores": found.scores, "paper": found.paper})
    else:
        console.show(tables.score_table(name, found.scores, found.paper))
    if check:
        report.check(found)
        console.say("The scores match metrics.json.")
    if write:
        report.write(found, pictures=pictures)


app.command()(exporting.export)
app.command("app")(exporting.page)


@app.command()
def publish(
    folder: Annotated[
        pathlib.Path,
        typer.Argument(exists=True, file_okay=False, help="Folder of a model or a page."),
    ],
    repo_id: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="Repository on the Hugging Face Hub.")
    ],
    private: Annotated[bool | None, typer.Option(help="Create the repository as private.")] = None,
    space: Annotated[
        bool, typer.Option("--space", help="The folder is a page of `keras-acai app`.")
    ] = False,
    revision: Branch = None,
    token: Token = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the files; upload nothing.")
    ] = False,
):
    """Upload a model's folder, or a page, to the Hugging Face Hub as one commit; print its address.

    Example: `keras-acai publish runs/acai-flowers me/acai-flowers --dry-run`
    """
    from keras_acai.zoo import publishing, spaces

    if dry_run:
        plan = spaces.plan if space else publishing.plan
        for path in sorted(plan(folder, repo_id)):
            print(path)
        return
    options = {"private": private, "revision": revision, "token": token}
    with console.working(f"Uploading {folder}"):
        if space:
            address = spaces.publish(folder, repo_id, **options)
        else:
            done = publishing.publish(folder, repo_id, **options)
            address = f"hf://{done.repo_id}@{done.revision}"
    print(address)


def _report(name, data, data_dir, revision, token, write):
    """The `Report` of a model, or of an unfinished run."""
    from keras_acai import presets
    from keras_acai.zoo import pretrained, records, reports, untrusted

    if presets.is_path(name) and records.is_unfinished(name):
        return plugins.load(plugins.RUNS, "open_report")(name, name, data, data_dir)
    folder = pretrained.find(name, revision, token=token, with_records=True)
    if write and untrusted.is_snapshot(folder):
        raise ValueError(f"{name} is in the Hub's cache: leave out --write, or copy {folder}.")
    return reports.Report.open(folder, name, data, data_dir)


def main(arguments=None):
    """Runs the command; returns its exit code."""
    return commands.run(app, arguments, "keras-acai")


if __name__ == "__main__":
    sys.exit(main())
