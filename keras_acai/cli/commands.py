"""What the commands share: options, errors of one line, exit codes.

Exit codes: 0 done, 1 failure (the message says why), 2 usage error, 130 interrupted.
"""

import sys
from typing import Annotated

import rich.console
import rich.text
import typer

from keras_acai.errors import KerasAcaiError, why_no_backend

STYLE = {
    "rich_markup_mode": "markdown",
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}

DataDir = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="TensorFlow Datasets directory (or set TFDS_DATA_DIR)."),
]


def run(app, arguments, program):
    """Runs a command and reports its failure as one line on stderr.

    Args:
        app: a `typer.Typer`, or a callable () → `typer.Typer` that may raise the same errors.
        arguments: list of str, or None for those of the process.
        program: str. The name in help texts and messages.

    Returns:
        int. The exit code.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        app = app if isinstance(app, typer.Typer) else app()
        command = typer.main.get_command(app)
        if not arguments and command.no_args_is_help:
            command.main(["--help"], program, standalone_mode=False)
            return 2
        return command.main(arguments, program, standalone_mode=False) or 0
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else program
        _report("Usage error", f"{_wording(error)} (see `{command} --help`)")
        return error.exit_code
    except ModuleNotFoundError as error:
        reason = why_no_backend(error)
        if reason is None:
            raise
        _report("ModuleNotFoundError", reason)
        return 1
    except (KerasAcaiError, ValueError, OSError) as error:
        _report(type(error).__name__, error)
        return 1


def check_preset(name):
    """Checks a preset's name, or each of several, while the command line is read.

    Raises:
        typer.BadParameter: for an unknown name; the message suggests the nearest ones.
    """
    from keras_acai import presets

    try:
        for one in [name] if isinstance(name, str) else name:
            presets.get(one)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return name


def check_model(name):
    """Checks the name of a model; a folder or hf://owner/name passes.

    Raises:
        typer.BadParameter: for an unknown name; the message suggests the nearest ones.
    """
    from keras_acai import presets

    return name if presets.is_path(name) or name.startswith("hf://") else check_preset(name)


def check_models(names):
    """Checks the names of several models, as `check_model`."""
    return names and [check_model(name) for name in names]


def trained_models(incomplete):
    """Returns the names of trained models that begin like this, for a shell's completion."""
    from keras_acai import presets

    return presets.list_models(f"{incomplete}*", trained=True)


def _wording(error):
    """A usage error in one line, with the nearest options for a misspelt one."""
    nearest = getattr(error, "possibilities", None)
    if nearest:
        return f"No such option: {error.option_name}; did you mean {' or '.join(nearest)}?"
    text = error.format_message().replace("Value error, ", "").removeprefix("Invalid value: ")
    return " ".join(text.split())


def _report(kind, message):
    text = rich.text.Text(f"{kind}: {message}")
    text.stylize("red", 0, len(kind))
    rich.console.Console(file=sys.stderr).print(text, soft_wrap=True)
