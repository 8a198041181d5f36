"""The command line of `keras-acai train`: an option for every setting of the named model."""

import dataclasses
import inspect
import pathlib
from typing import Annotated, Any

import typer

from keras_acai import presets
from keras_acai.cli import commands

from . import documentation, parsers, recipes, settings
from .commands import DataDir
from .recipes import Recipe

PROGRAM = "keras-acai train"
CHOICES = {"schedule": recipes.SCHEDULES, "dtype": settings.PRECISIONS}
FIRST = ("name", "recipe", "data", "start")  # the defaults of all others depend on them

RecipeName = Annotated[
    str, typer.Option("--recipe", metavar="paper|fast", help="Recipe that gives the defaults.")
]
Data = Annotated[
    str | None,
    typer.Option(
        metavar="DATA",
        help="Folder of pictures, .npz file, or a data set's name. Default: the preset's.",
    ),
]
Start = Annotated[
    str,
    typer.Option(
        metavar="MODEL",
        help="Trained model to start from: a name, a folder or hf://owner/name.",
        show_default=False,
    ),
]
Size = Annotated[
    int | None, typer.Option(metavar="PIXELS", min=1, help="Height and width of the images.")
]


@dataclasses.dataclass(frozen=True)
class Options:
    """How and where a run is carried out; its outcome does not depend on these.

    Args:
        out: path. The folder of the run.
        data_dir: str or None. TensorFlow Datasets directory.
        devices: int. Devices of this machine to train on.
        steps_per_execution: int or None. Steps that JAX runs at once; None for the default.
        callbacks: list of str. Keras callbacks of the user's own, "module:Class" each.
    """

    out: pathlib.Path
    data_dir: str | None
    devices: int
    steps_per_execution: int | None
    callbacks: list[str] = dataclasses.field(default_factory=list)


def app(arguments, action):
    """Returns the command for these arguments.

    Args:
        arguments: list of str. The first one is the name, on which the options depend.
        action: callable. (`Settings`, `Options`) → exit code.

    Raises:
        typer.BadParameter: for a misspelt name, or an option before the name.
    """
    command = typer.Typer(add_completion=False, **commands.STYLE)
    if not arguments or arguments[0] in ("-h", "--help"):
        names = ", ".join(presets.list_models())
        command.command(no_args_is_help=True, epilog=f"Names: {names}.")(_overview)
        return command
    name, *others = arguments
    if name.startswith("-"):
        raise typer.BadParameter(f"name the model before {name}: acai-lines {' '.join(arguments)}")
    try:
        defaults = settings.defaults(name, **_first_options(others))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    command.callback()(lambda: None)  # then the name is a command, and its help is its own
    command.command(name)(_train_command(defaults, action))
    return command


def parse(arguments):
    """Returns (`Settings`, `Options`) of a command line.

    Raises:
        typer.TyperException: for a usage error.
    """
    command = typer.main.get_command(app(arguments, lambda *parsed: parsed))
    return command.main(arguments, PROGRAM, standalone_mode=False)


def _overview(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A preset, or a model with --data.")],
    recipe: RecipeName = "fast",
    data: Data = None,
    start: Start = "",
    size: Size = None,
):
    """Train a model of the paper's tables, or a model of your own pictures.

    The same command resumes a run that was stopped. `NAME --help` shows every setting of that
    model with its default.

    Example: `keras-acai train acai-lines`
    """


def _first_options(arguments):
    """The options that the defaults of all others depend on; other arguments are skipped."""

    def take(recipe: RecipeName = "fast", data: Data = None, start: Start = "", size: Size = None):
        return {"recipe_name": recipe, "data": data, "start": start, "size": size}

    tolerant = typer.Typer(add_completion=False)
    tolerant.command(
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )(take)
    return typer.main.get_command(tolerant).main(arguments, PROGRAM, standalone_mode=False)


def _train_command(defaults, action):
    """Returns the function of the command, with a parameter for each setting."""

    def train(out, data_dir, devices, steps_per_execution, callback, **given):
        changes = {name: value for name, value in given.items() if name in own}
        try:
            chosen = defaults.replace(**changes)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        out = out or pathlib.Path("runs", chosen.run_name)
        return action(chosen, Options(out, data_dir, devices, steps_per_execution, list(callback)))

    own = _setting_parameters(defaults)
    common = inspect.signature(_run_options).parameters
    train.__signature__ = inspect.Signature([*common.values(), *own.values()])
    train.__annotations__ = {
        name: parameter.annotation for name, parameter in train.__signature__.parameters.items()
    }
    train.__doc__ = f"""Train {defaults.name}, or resume a run of it that was stopped.

    Example: `{PROGRAM} {_example(defaults)}`
    """
    return train


def _example(defaults):
    """Arguments of the command that fit its name."""
    name = defaults.name
    if presets.exists(name):
        return f"{name} --seed 1 --out runs/{name}-1"
    return f"{name} --data my_pictures/ --size 64 --depth 16 --images 65536"


def _run_options(
    recipe: RecipeName = "fast",
    data: Data = None,
    start: Start = "",
    size: Size = None,
    out: Annotated[
        pathlib.Path | None,
        typer.Option(metavar="FOLDER", help="Folder of the run. Default: runs/NAME-RECIPE-SEED."),
    ] = None,
    data_dir: DataDir = None,
    devices: Annotated[
        int, typer.Option(min=1, help="Number of devices of this machine to train on.")
    ] = 1,
    steps_per_execution: Annotated[
        int | None,
        typer.Option(
            metavar="STEPS",
            min=1,
            help="Steps that JAX runs at once. Default: 64 on a GPU, 1 on a CPU.",
        ),
    ] = None,
    callback: Annotated[
        list[str],
        typer.Option(metavar="MODULE:CLASS", help="Keras callback of your own; may be repeated."),
    ] = (),
):
    """Options of every model; `inspect` reads them here."""


def _setting_parameters(defaults):
    """Returns name → parameter of each setting, with the help that its class documents."""
    model_class = defaults.model_class
    texts = documentation.arguments(*settings.bases(model_class), Recipe, settings.Settings)
    built_in = dataclasses.asdict(Recipe()) | settings.argument_defaults(model_class)
    panel = f"Settings of {defaults.name} (defaults of the recipe {defaults.recipe_name!r})"
    parameters = {}
    for name, value in defaults.record().items():
        if name not in FIRST:
            text = texts.get(name, f"any. Argument of {model_class.__name__}.")
            kind = parsers.of(built_in.get(name, value), documentation.kind(text))
            option = typer.Option(
                "--" + name.replace("_", "-"),
                parser=kind.parse,
                metavar="|".join(CHOICES[name]) if name in CHOICES else kind.metavar,
                help=documentation.meaning(text),
                rich_help_panel=panel,
            )
            parameters[name] = inspect.Parameter(
                name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=parsers.text(value),
                annotation=Annotated[Any, option],
            )
    return parameters
