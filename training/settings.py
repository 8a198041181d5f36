"""What the command line of `training.train` says, as one dict that a run records."""

import argparse
import dataclasses
import inspect
import os.path
import pathlib
import sys

import keras_acai
from keras_acai import presets
from keras_acai.registry import MODELS, class_named
from training import recipes

PICTURES = "pictures"  # the recipe for a folder of one's own
DTYPES = ("float32", "mixed_bfloat16")
FIRST = ("name", "recipe", "data", "start")  # what the defaults of all others depend on


def parse(arguments=None):
    """The command line as (settings, options).

    Returns:
        (settings, options): a dict of all that the outcome of a run depends on, and a namespace
        of what it does not (`out`, `data_dir`, `devices`, `steps_per_execution`).

    Exits with a message for what makes no sense.
    """
    parser = _first_parser()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments and arguments[0].startswith("-") and arguments[0] not in ("-h", "--help"):
        parser.error(f"name the model before {arguments[0]}: acai-lines {' '.join(arguments)}")
    known, _ = parser.parse_known_args(arguments)
    if known.name is None:
        parser.print_help()
        parser.exit(0 if known.help else 2)
    try:
        settings = _defaults(known)
        parser = _full_parser(settings)
        options = vars(parser.parse_args(arguments))
        chosen = {key: options.pop(key) for key in settings if key in options}
        settings |= {key: value for key, value in chosen.items() if key not in FIRST}
        _check(settings)
    except ValueError as error:
        parser.error(str(error))
    options["out"] = options["out"] or pathlib.Path("runs", _run_name(settings))
    return settings, argparse.Namespace(**options)


def build(settings):
    """The untrained model of these settings.

    Raises:
        ValueError: for sizes that do not fit each other.
    """
    arguments = {name: settings[name] for name in _model_arguments(settings)}
    return _class(settings)(**arguments, dtype=settings.get("dtype"))


def recipe(settings):
    """The `Recipe` of these settings, `completed`."""
    settings = completed(settings)
    return recipes.Recipe(**{name: settings[name] for name in _recipe_defaults()})


def completed(recorded):
    """A record's settings, with what it did before it could be told so: the paper's defaults."""
    return _recipe_defaults() | {"start": ""} | signature(_class(recorded).__name__) | recorded


def preset(settings):
    """The `Preset` that was named, or None for one's own pictures."""
    return None if settings["name"] in MODELS else presets.get(settings["name"])


def _defaults(known):
    """Every setting of a cell, before any is overridden."""
    if known.name in MODELS:
        if known.data is None:
            raise ValueError(
                f"{known.name} alone names no data: add --data FOLDER, or name a cell."
            )
        cell, dataset = {"image_shape": (32, 32, 3), "num_classes": None}, PICTURES
    else:
        named = presets.get(known.name)
        cell, dataset = named.arguments, named.dataset
    data = dataset if known.data is None else os.path.normpath(known.data)
    settings = {"name": known.name, "recipe": known.recipe, "data": data}
    arguments = {**signature(MODELS[_model(known.name)].class_name), **cell}
    if known.size is not None:
        arguments["image_shape"] = (known.size, known.size, arguments["image_shape"][2])
    settings |= {"start": known.start, "seed": 0}
    settings["dtype"] = "float32"
    settings |= dataclasses.asdict(recipes.get(dataset, known.recipe, _class(settings)))
    if known.start:  # with a model that has had it
        settings["head_start"] = 0
    return settings | arguments


def _first_parser():
    """What has to be known before the other options are."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Trains one cell of the paper's tables, or a model of your own pictures. The "
        "same command goes on with a run that was stopped. `… NAME --help` shows every setting of "
        "that cell with its default.",
        epilog="names: " + " ".join(presets.list_models()),
        add_help=False,
        allow_abbrev=False,
    )
    _add_common(parser)
    parser.add_argument("-h", "--help", action="store_true")
    return parser


def _add_common(parser):
    parser.add_argument("name", nargs="?", help="acai-mnist, vae-svhn-32 …; or acai with --data")
    parser.add_argument("--recipe", default="fast", help="paper or fast (default: fast)")
    parser.add_argument("--data", help="a folder of your own pictures, or another data set's name")
    start = "a trained model to begin with: a name, a folder, hf://owner/name"
    parser.add_argument("--start", default="", help=start)
    parser.add_argument("--size", type=int, help="side of the pictures, in pixels (default: 32)")


def _full_parser(settings):
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        usage=f"%(prog)s {settings['name']} [--recipe RECIPE] [--out OUT] [--<setting> VALUE …]",
        allow_abbrev=False,
    )
    _add_common(parser)
    defaults = _recipe_defaults() | signature(_class(settings).__name__)
    parser.add_argument("--out", type=pathlib.Path, help="the run's folder; runs/… if not given")
    parser.add_argument("--data-dir", help="the folder of TensorFlow Datasets; or TFDS_DATA_DIR")
    parser.add_argument("--devices", type=int, default=1, help="of this machine to train on")
    at_once = "that JAX is asked for at once (default: 64 on a GPU, 1 on a CPU)"
    parser.add_argument("--steps-per-execution", type=int, metavar="STEPS", help=at_once)
    group = parser.add_argument_group("settings of this cell")
    for key, value in settings.items():
        if key not in FIRST:
            flag = "--" + key.replace("_", "-")
            kind = _type(defaults.get(key, value))
            group.add_argument(flag, type=kind, default=value, help="default: %(default)s")
    return parser


def _type(default):
    """How the text of a flag becomes a setting of the same kind as its default."""
    if isinstance(default, tuple):
        return _sizes
    return _number_or_none if default is None else type(default)


def _sizes(text):
    return tuple(int(part) for part in text.strip("()[] ").split(","))


def _number_or_none(text):
    if text.lower() == "none":
        return None
    return int(text) if text.isdigit() else float(text)


def _check(settings):
    recipe(settings)
    if settings["seed"] < 0:
        raise ValueError(f"seed={settings['seed']}: give 0 or more.")
    if settings["dtype"] not in DTYPES:
        raise ValueError(f"dtype={settings['dtype']!r}: use {' or '.join(DTYPES)}.")


def _model(name):
    return name if name in MODELS else presets.get(name).model


def _class(settings):
    return MODELS[_model(settings["name"])].model_class


def _model_arguments(settings):
    return [name for name in signature(_class(settings).__name__) if name in settings]


def signature(class_name):
    """The arguments of a model's class and of its base, with their defaults."""
    arguments = {}
    for one in (keras_acai.Autoencoder, class_named(class_name)):
        parameters = inspect.signature(one).parameters.values()
        named = [one for one in parameters if one.default is not inspect.Parameter.empty]
        arguments |= {one.name: one.default for one in named}
    return arguments


def _recipe_defaults():
    return dataclasses.asdict(recipes.Recipe())


def _run_name(settings):
    data = settings["data"]
    own = preset(settings) is not None and preset(settings).dataset == data
    name = settings["name"] + ("" if own else f"-{pathlib.Path(data).name}")
    return f"{name}-{settings['recipe']}-{settings['seed']}"
