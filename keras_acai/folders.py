"""A trained model as a folder.

config.json          the class, its arguments, the versions that wrote it, the files' SHA-256
model.weights.h5     what `encode` and `decode` need
players.weights.h5   the other players (the critic, the probe), for those who go on training
metrics.json         scores, with the SHA-256 of the weights that they were measured on
run.json             how it was trained
README.md            a model card of all this

A folder may come from anybody. Nothing of it is unpickled and no code of it is run; hashes are
checked before a file is parsed, and what is parsed is JSON of numbers and arrays of floats.
"""

import math
import pathlib

import keras

from keras_acai import arrays, cards, files
from keras_acai.errors import FolderError
from keras_acai.initial import TooLargeError, at_most

CONFIG = "config.json"
MODEL = "model.weights.h5"
PLAYERS = "players.weights.h5"
METRICS = "metrics.json"
RUN = "run.json"
CARD = "README.md"
FORMAT = 1
LARGEST_JSON = 2**20  # bytes
DTYPES = ("float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16")


def save(model, folder, metrics=None, run=None, dtype="float32"):
    """Writes a model's folder; see `Autoencoder.save_pretrained`."""
    import keras_acai

    if metrics is not None and not isinstance(metrics.get("scores"), dict):
        raise ValueError('metrics have no scores: give {"scores": {"rmse": 12.3}}.')
    folder = pathlib.Path(folder)
    parts = {name: networks for name, networks in _parts(model).items() if networks}
    for name, networks in parts.items():
        with files.written(folder / name) as path:
            arrays.write(path, networks, dtype)
    config = {
        "format": FORMAT,
        "class": type(model).__name__,
        "config": _plain(model.get_config()),
        "keras": keras.__version__,
        "keras_acai": keras_acai.__version__,
        "sha256": {name: files.sha256(folder / name) for name in parts},
    }
    files.write_json(folder / CONFIG, config)
    if run is not None:
        files.write_json(folder / RUN, run)
    if metrics is not None:
        write_metrics(folder, metrics)
    write_card(folder)


def load(folder, players=True, within=None):
    """The model in a folder, not compiled.

    Args:
        folder: what `save` wrote.
        players: bool. Whether to load the critic and the probe. Without them the model has no
            probe, and a critic that has learnt nothing. Defaults to True.
        within: path. Where the files may lie that links in the folder lead to. Defaults to the
            folder.

    Raises:
        FolderError: when there is no model, a file is missing or its SHA-256 is another one, the
            folder's format is newer than this library, or weights do not fit.
    """
    folder = pathlib.Path(folder)
    config = read_config(folder, within)
    wanted = files_of(config, players)
    for name in wanted:
        check(folder / name, config["sha256"][name], within)
    arguments = dict(config["config"])
    if not players:
        arguments["num_classes"] = None
    found = {name: _read(folder / name) for name in wanted}
    room = sum(map(arrays.count, found.values()))
    model = _make(folder, config["class"], arguments, room if PLAYERS in wanted else 10 * room)
    parts = _parts(model)
    for name in wanted:
        try:
            arrays.assign(found[name], parts[name])
        except arrays.ArraysError as error:
            raise FolderError(f"{folder / name} does not fit {CONFIG}: {error}.") from None
    return model


def read_config(folder, within=None):
    """The content of `config.json`, checked.

    Raises:
        FolderError: where there is none, or one that this library cannot read.
    """
    folder = pathlib.Path(folder)
    config = _read_json(folder / CONFIG, within)
    if config is None:
        raise FolderError(_no_model(folder))
    if problem := _problem(config):
        raise FolderError(f"{folder / CONFIG} is damaged ({problem}): fetch it again.")
    if config["format"] != FORMAT:
        raise FolderError(
            f"{folder} has format {config['format']}, this keras_acai reads {FORMAT}: "
            "pip install --upgrade keras-acai."
        )
    if int(config["keras"].partition(".")[0]) > int(keras.__version__.partition(".")[0]):
        raise FolderError(
            f"{folder} was written with Keras {config['keras']}, this is {keras.__version__}: "
            "pip install --upgrade keras."
        )
    return config


def read_metrics(folder):
    """The content of `metrics.json`, or None where there is none for the weights that are there."""
    folder = pathlib.Path(folder)
    metrics = _read_json(folder / METRICS)
    measured = isinstance(metrics, dict) and isinstance(metrics.get("scores"), dict)
    if not measured or metrics.get("sha256") != read_config(folder)["sha256"]:
        return None
    return metrics


def read_run(folder):
    """The content of `run.json`, or None where there is none."""
    return _read_json(pathlib.Path(folder) / RUN)


def write_metrics(folder, metrics):
    """Writes `metrics.json`, with the SHA-256 of the weights that it was measured on.

    A folder without a model, such as a run's before its end, gets them without.
    """
    folder = pathlib.Path(folder)
    hashes = {"sha256": read_config(folder)["sha256"]} if (folder / CONFIG).exists() else {}
    files.write_json(folder / METRICS, metrics | hashes)


def write_card(folder, source=None):
    """Writes the card of a model's folder anew, unless somebody wrote one by hand.

    Args:
        folder: the model's.
        source: str. What `keras_acai.load` is to be given. Defaults to a placeholder.
    """
    folder = pathlib.Path(folder)
    path = folder / CARD
    if (folder / CONFIG).exists() and cards.is_ours(path):
        parts = (read_config(folder), read_metrics(folder), read_run(folder))
        text = cards.card(*parts, cards.picture(folder), source)
        with files.written(path) as part:
            part.write_text(text, "utf-8")


def files_of(config, players=True):
    """The weights files that a config names, with that of the critic and the probe or without."""
    names = (MODEL, PLAYERS) if players else (MODEL,)
    return [name for name in names if name in config["sha256"]]


def check(path, expected, within=None):
    """Whether a file is the one that it should be.

    Raises:
        FolderError: when it is missing, no file, or its SHA-256 is another one.
    """
    _check_place(path, within)
    if not path.exists():
        raise FolderError(f"{path} is missing: fetch the model again.")
    if files.sha256(path) != expected:
        raise FolderError(
            f"{path} is not the file that was saved (its SHA-256 is another one): fetch it again."
        )


def _no_model(folder):
    """Why there is no config in a folder, and what to do."""
    if not folder.is_dir():
        return f"There is no folder {folder}: give one of save_pretrained, or a name."
    if (folder / RUN).exists():
        return f"{folder} is a run that is not finished: the command that began it goes on with it."
    return f"{folder} holds no {CONFIG}: give a folder of save_pretrained."


def _check_place(path, within):
    """Refuses links that lead out of a folder, and what is no file."""
    real, home = path.resolve(), pathlib.Path(within or path.parent).resolve()
    if not real.is_relative_to(home):
        raise FolderError(f"{path} leads out of its folder, to {real}: put the file itself there.")
    if real.exists() and not real.is_file():
        raise FolderError(f"{path} is no file: fetch the model again.")


def _read_json(path, within=None):
    """The content of a JSON file; None where there is none."""
    _check_place(path, within)
    if not path.exists():
        return None
    if path.stat().st_size > LARGEST_JSON:
        raise FolderError(f"{path} is damaged (more than {LARGEST_JSON:,} bytes): fetch it again.")
    try:
        return files.read_json(path)
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{path} is damaged ({error}): fetch it again.") from None


def _problem(config):
    """What is wrong with the content of `config.json`, None if nothing is."""
    if not isinstance(config, dict):
        return "no object"
    kinds = {"format": int, "class": str, "config": dict, "sha256": dict, "keras": str}
    for key, kind in kinds.items():
        if not isinstance(config.get(key), kind):
            return f"{key} is {config.get(key)!r}"
    if not config["keras"].partition(".")[0].isdecimal():
        return f"keras is {config['keras']!r}"
    if MODEL not in config["sha256"] or not set(config["sha256"]) <= {MODEL, PLAYERS}:
        return f"sha256 names {sorted(config['sha256'])}"
    if bad := [key for key, value in config["config"].items() if not _is_plain(key, value)]:
        return f"{bad[0]} is {str(config['config'][bad[0]])[:100]}"
    return None


def _is_plain(key, value):
    """Whether an argument is a number, or a few, or the name of a dtype: nothing to deserialise."""
    if key == "dtype":
        return value in DTYPES
    if isinstance(value, list):
        return len(value) <= 16 and all(_is_plain(None, one) for one in value)
    return value is None or type(value) is int or (type(value) is float and math.isfinite(value))


def _make(folder, name, arguments, room):
    """The model of a config, untrained."""
    from keras_acai import models

    if name not in models.__all__:
        raise FolderError(f"{folder / CONFIG} names the class {name!r}: use a newer keras_acai.")
    try:
        with at_most(room):
            return getattr(models, name)(**arguments)
    except TooLargeError as error:
        raise FolderError(f"{folder / CONFIG} does not fit the weights: {error}.") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise FolderError(f"{folder / CONFIG} makes no {name}: {_first_line(error)}") from None


def _read(path):
    try:
        return arrays.read(path)
    except arrays.ArraysError as error:
        raise FolderError(f"{path} holds no weights: {error}.") from None


def _parts(model):
    """File → attribute → network: the first player is what `encode` and `decode` need."""
    autoencoder, *others = model.players
    return {
        MODEL: {name: getattr(model, name) for name in autoencoder.moves},
        PLAYERS: {name: getattr(model, name) for player in others for name in player.moves},
    }


def _plain(config):
    """A config that JSON can hold: dtype policies by name."""
    config = {key: value for key, value in config.items() if key not in ("name", "trainable")}
    if "dtype" in config:
        config["dtype"] = keras.dtype_policies.get(config["dtype"]).name
    return config


def _first_line(error, limit=200):
    return (str(error).splitlines() or [""])[0][:limit]
