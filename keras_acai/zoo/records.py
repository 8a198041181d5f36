"""The JSON files of a model's folder, which may come from anybody: read, checked, written.

`metrics.json` and `run.json` name the SHA-256 of the weights that they belong to, and count for no
others.
"""

import math
import pathlib
import re

import keras

from keras_acai import files
from keras_acai.errors import FolderError
from keras_acai.zoo import places

CONFIG = "config.json"
MODEL = "model.weights.h5"
PLAYERS = "players.weights.h5"
METRICS = "metrics.json"
RUN = "run.json"
FORMAT = 1
LARGEST_JSON = 2**20  # bytes
DTYPES = ("float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16")


def read_config(folder):
    """The content of `config.json`, checked.

    Raises:
        FolderError: where there is none, or one that this library cannot read.
    """
    folder = pathlib.Path(folder)
    config = _read_json(folder / CONFIG)
    if config is None:
        raise FolderError(_no_model(folder))
    if not isinstance(config, dict) or not {"format", "class", "sha256"} <= set(config):
        raise FolderError(f"{folder / CONFIG} is damaged, or of no model of keras_acai.")
    if config["format"] != FORMAT:
        raise FolderError(
            f"{folder} has format {quoted(config['format'])}, this keras_acai reads {FORMAT}: "
            "pip install --upgrade keras-acai."
        )
    if problem := _problem(config):
        raise FolderError(f"{folder / CONFIG} is damaged ({problem}): fetch it again.")
    if int(config["keras"].partition(".")[0]) > int(keras.__version__.partition(".")[0]):
        raise FolderError(
            f"{folder} was written with Keras {config['keras']}, this is {keras.__version__}: "
            "pip install --upgrade keras."
        )
    return config


def read_metrics(folder):
    """The content of `metrics.json`, or None where there is none for the weights that are there."""
    return tied(pathlib.Path(folder) / METRICS, read_config(folder))


def read_run(folder):
    """The content of `run.json`, or None where there is none for the weights that are there."""
    return tied(pathlib.Path(folder) / RUN, read_config(folder))


def read_all(folder):
    """(config, metrics, run): the contents of all three, None for a record that counts for nothing.

    Raises:
        FolderError: for a folder without a model, and for files that are damaged.
    """
    folder, config = pathlib.Path(folder), read_config(folder)
    return config, tied(folder / METRICS, config), tied(folder / RUN, config)


def write_metrics(folder, metrics):
    """Writes `metrics.json`, with the SHA-256 of the weights that it was measured on.

    A folder without a model, such as a run's before its end, gets them without.
    """
    folder = pathlib.Path(folder)
    tie = {"weights": read_config(folder)["sha256"]} if (folder / CONFIG).exists() else {}
    files.write_json(folder / METRICS, metrics | tie)


def files_of(config, players=True):
    """The weights files that a config names, with that of the critic and the probe or without."""
    names = (MODEL, PLAYERS) if players else (MODEL,)
    return [name for name in names if name in config["sha256"]]


def tied(path, config):
    """The content of a record, or None where there is none for the weights of a config.

    Raises:
        FolderError: for a record that is damaged.
    """
    content = _read_json(path)
    if not isinstance(content, dict) or content.get("weights") != config["sha256"]:
        return None
    try:
        check_records(**{"metrics" if path.name == METRICS else "run": content})
    except ValueError as error:
        raise FolderError(f"{path} is damaged ({error})") from None
    return content


def check_records(metrics=None, run=None):
    """Whether `metrics.json` and `run.json` can be of these contents.

    Raises:
        ValueError: if not.
    """
    if metrics is not None and not _are_scores(metrics):
        raise ValueError('these metrics hold no scores: give {"scores": {"rmse": 12.3}}.')
    if run is not None and not _is_run(run):
        raise ValueError('this is no record of a run: give {"images": 5000, "settings": {…}}.')


def _no_model(folder):
    """Why there is no config in a folder, and what to do."""
    if not folder.is_dir():
        return f"There is no folder {folder}: give one of save_pretrained, or a name."
    if (folder / RUN).exists():
        return f"{folder} is a run that is not finished: the command that began it goes on with it."
    return f"{folder} holds no {CONFIG}: give a folder of save_pretrained."


def _read_json(path):
    """The content of a JSON file; None where there is none."""
    places.check_place(path)
    if not path.exists():
        return None
    if path.stat().st_size > LARGEST_JSON:
        raise FolderError(f"{path} is damaged (more than {LARGEST_JSON:,} bytes): fetch it again.")
    try:
        return files.read_json(path)
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{path} is damaged ({error}): fetch it again.") from None


def _are_scores(metrics):
    if not isinstance(metrics, dict):
        return False
    scores, counts = metrics.get("scores"), metrics.get("counts")
    return (
        isinstance(scores, dict)
        and all(value is None or type(value) in (int, float) for value in scores.values())
        and isinstance(metrics.get("data") or {}, dict)
        and (counts is None or (isinstance(counts, list) and [*map(type, counts)] == [int, int]))
    )


def _is_run(run):
    return isinstance(run, dict) and all(map(_is_leg, legs(run)))


def _is_leg(run):
    kinds = {"settings": dict, "data": dict, "before": dict, "starts": list}
    kinds |= {"images": int, "seconds": (int, float), "note": str}
    right = all(isinstance(run[key], kind) for key, kind in kinds.items() if key in run)
    return right and all(isinstance(one, dict) for one in run.get("starts", []))


def _problem(config):
    """What is wrong with the content of `config.json`, None if nothing is."""
    kinds = {"class": str, "config": dict, "sha256": dict, "keras": str}
    for key, kind in kinds.items():
        if not isinstance(config.get(key), kind):
            return f"{key} is {quoted(config.get(key))}"
    if not re.fullmatch(r"\d{1,4}(\.\w+)*", config["keras"]):
        return f"keras is {quoted(config['keras'])}"
    if MODEL not in config["sha256"] or not set(config["sha256"]) <= {MODEL, PLAYERS}:
        return f"sha256 names {quoted(sorted(config['sha256']))}"
    if bad := [key for key, value in config["config"].items() if not _is_plain(key, value)]:
        return f"{quoted(bad[0])} is {quoted(config['config'][bad[0]])}"
    return None


def _is_plain(key, value):
    """Whether an argument is a number, or a few, or the name of a dtype: nothing to deserialise."""
    if key == "dtype":
        return value in DTYPES
    if isinstance(value, list):
        return len(value) <= 16 and all(_is_plain(None, one) for one in value)
    return value is None or type(value) is int or (type(value) is float and math.isfinite(value))


def quoted(value, limit=100):
    """A value of a file as a message may hold it."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"


def legs(run):
    """A run's record, and before it those of the runs that it goes on from; the first one first."""
    found = []
    while isinstance(run, dict):
        found.insert(0, run)
        run = run.get("before")
    return found


def portable(record):
    """A run's record without the paths that its data and its start have on this machine."""
    settings = dict(record.get("settings") or {})
    if isinstance(settings.get("data"), str):
        settings["data"] = pathlib.PurePath(settings["data"]).name
    if isinstance(settings.get("start"), str):
        settings["start"] = portable_name(settings["start"])
    return record | {"settings": settings} if settings else record


def portable_name(folder):
    """A folder or a name as it was typed, but no path that only this machine has."""
    path = pathlib.PurePath(folder)
    return path.name if path.is_absolute() else str(folder)
