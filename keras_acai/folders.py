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
import re

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
LARGEST_CRITIC = 2**24  # numbers of one that is made and not loaded, for small models
DTYPES = ("float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16")


def save(model, folder, metrics=None, run=None, dtype="float32"):
    """Writes a model's folder; see `Autoencoder.save_pretrained`."""
    _check_class(model)
    _check_records(metrics, run)
    folder = pathlib.Path(folder)
    with files.written_together(folder) as new:
        for name, networks in _parts(model).items():
            if networks:
                arrays.write(new / name, networks, dtype)
        config = _config(model, new)
        files.write_json(new / CONFIG, config)
        for name, content in ((METRICS, metrics), (RUN, run)):
            if content is not None:
                files.write_json(new / name, content | {"weights": config["sha256"]})
        known = [
            _tied(new / name, config) or _tied(folder / name, config) for name in (METRICS, RUN)
        ]
        if cards.is_ours(folder / CARD):
            (new / CARD).write_text(cards.card(config, *known, cards.picture(folder)), "utf-8")
    if PLAYERS not in config["sha256"]:
        (folder / PLAYERS).unlink(missing_ok=True)


def load(folder, players=True):
    """The model in a folder, not compiled.

    Args:
        folder: what `save` wrote.
        players: bool. Whether to load the critic and the probe. Without them the model has no
            probe, and a critic that has learnt nothing. Defaults to True.

    Raises:
        FolderError: when there is no model, a file is missing or its SHA-256 is another one, the
            folder's format is newer than this library, or weights do not fit.
    """
    folder = pathlib.Path(folder)
    config = read_config(folder)
    wanted = files_of(config, players)
    for name in wanted:
        check(folder / name, config["sha256"][name])
    found = {name: _read(folder / name) for name in wanted}
    model = _make(folder, config, players, sum(map(arrays.count, found.values())))
    parts = _parts(model)
    for name in wanted:
        try:
            arrays.assign(found[name], parts[name])
        except arrays.ArraysError as error:
            raise FolderError(f"{folder / name} does not fit {CONFIG}: {error}.") from None
    return model


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
            f"{folder} has format {_quoted(config['format'])}, this keras_acai reads {FORMAT}: "
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
    return _tied(pathlib.Path(folder) / METRICS, read_config(folder))


def read_run(folder):
    """The content of `run.json`, or None where there is none for the weights that are there."""
    return _tied(pathlib.Path(folder) / RUN, read_config(folder))


def write_metrics(folder, metrics):
    """Writes `metrics.json`, with the SHA-256 of the weights that it was measured on.

    A folder without a model, such as a run's before its end, gets them without.
    """
    folder = pathlib.Path(folder)
    tie = {"weights": read_config(folder)["sha256"]} if (folder / CONFIG).exists() else {}
    files.write_json(folder / METRICS, metrics | tie)


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


def is_snapshot(folder):
    """Whether a folder is one of the Hub's cache, whose files are links."""
    cache = pathlib.Path(folder).absolute().parents
    return len(cache) > 1 and cache[0].name == "snapshots" and cache[1].name.startswith("models--")


def files_of(config, players=True):
    """The weights files that a config names, with that of the critic and the probe or without."""
    names = (MODEL, PLAYERS) if players else (MODEL,)
    return [name for name in names if name in config["sha256"]]


def check(path, expected):
    """Whether a file is the one that it should be.

    Raises:
        FolderError: when it is missing, no file, or its SHA-256 is another one.
    """
    check_place(path)
    if not path.exists():
        raise FolderError(f"{path} is missing: fetch the model again.")
    if files.sha256(path) != expected:
        raise FolderError(
            f"{path} is not the file that was saved (its SHA-256 is another one): fetch it again."
        )


def check_place(path):
    """Refuses links that lead out of a model's folder, and what is no file.

    Raises:
        FolderError: for these.
    """
    try:
        real, home = path.resolve(), _home(path.parent)
    except (OSError, RuntimeError) as error:
        raise FolderError(f"{path} leads nowhere ({_first_line(error)}).") from None
    if not real.is_relative_to(home):
        raise FolderError(f"{path} leads out of its folder, to {real}: put the file itself there.")
    if real.exists() and not real.is_file():
        raise FolderError(f"{path} is no file: fetch the model again.")


def _home(folder):
    """Where the files of a folder may lie: in it, or, of a snapshot, in the Hub's cache of it."""
    return (folder.absolute().parents[1] if is_snapshot(folder) else folder).resolve()


def _no_model(folder):
    """Why there is no config in a folder, and what to do."""
    if not folder.is_dir():
        return f"There is no folder {folder}: give one of save_pretrained, or a name."
    if (folder / RUN).exists():
        return f"{folder} is a run that is not finished: the command that began it goes on with it."
    return f"{folder} holds no {CONFIG}: give a folder of save_pretrained."


def _read_json(path):
    """The content of a JSON file; None where there is none."""
    check_place(path)
    if not path.exists():
        return None
    if path.stat().st_size > LARGEST_JSON:
        raise FolderError(f"{path} is damaged (more than {LARGEST_JSON:,} bytes): fetch it again.")
    try:
        return files.read_json(path)
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{path} is damaged ({error}): fetch it again.") from None


def _tied(path, config):
    """The content of a record, or None where there is none for the weights of a config.

    Raises:
        FolderError: for a record that is damaged.
    """
    content = _read_json(path)
    if not isinstance(content, dict) or content.get("weights") != config["sha256"]:
        return None
    try:
        _check_records(**{"metrics" if path.name == METRICS else "run": content})
    except ValueError as error:
        raise FolderError(f"{path} is damaged ({error})") from None
    return content


def _check_records(metrics=None, run=None):
    """Whether `metrics.json` and `run.json` can be of these contents.

    Raises:
        ValueError: if not.
    """
    if metrics is not None and not _are_scores(metrics):
        raise ValueError('these metrics hold no scores: give {"scores": {"rmse": 12.3}}.')
    if run is not None and not _is_run(run):
        raise ValueError('this is no record of a run: give {"images": 5000, "settings": {…}}.')


def _are_scores(metrics):
    scores = metrics.get("scores") if isinstance(metrics, dict) else None
    return isinstance(scores, dict) and all(
        value is None or type(value) in (int, float) for value in scores.values()
    )


def _is_run(run):
    kinds = {"settings": dict, "data": dict, "starts": list, "images": int, "seconds": (int, float)}
    return (
        isinstance(run, dict)
        and all(isinstance(run[key], kind) for key, kind in kinds.items() if key in run)
        and all(isinstance(one, dict) for one in run.get("starts", []))
    )


def _check_class(model):
    from keras_acai import models

    if type(model) is not getattr(models, type(model).__name__, None):
        raise ValueError(
            f"{type(model).__name__} is no class of keras_acai, which load would make: "
            'use model.save("model.keras").'
        )


def _config(model, folder):
    """The content of `config.json`, for weights that are in a folder."""
    import keras_acai

    return {
        "format": FORMAT,
        "class": type(model).__name__,
        "config": _plain(model.get_config()),
        "keras": keras.__version__,
        "keras_acai": keras_acai.__version__,
        "sha256": {path.name: files.sha256(path) for path in sorted(folder.glob("*.h5"))},
    }


def _problem(config):
    """What is wrong with the content of `config.json`, None if nothing is."""
    kinds = {"class": str, "config": dict, "sha256": dict, "keras": str}
    for key, kind in kinds.items():
        if not isinstance(config.get(key), kind):
            return f"{key} is {_quoted(config.get(key))}"
    if not re.fullmatch(r"\d{1,4}(\.\w+)*", config["keras"]):
        return f"keras is {_quoted(config['keras'])}"
    if MODEL not in config["sha256"] or not set(config["sha256"]) <= {MODEL, PLAYERS}:
        return f"sha256 names {_quoted(sorted(config['sha256']))}"
    if bad := [key for key, value in config["config"].items() if not _is_plain(key, value)]:
        return f"{_quoted(bad[0])} is {_quoted(config['config'][bad[0]])}"
    return None


def _is_plain(key, value):
    """Whether an argument is a number, or a few, or the name of a dtype: nothing to deserialise."""
    if key == "dtype":
        return value in DTYPES
    if isinstance(value, list):
        return len(value) <= 16 and all(_is_plain(None, one) for one in value)
    return value is None or type(value) is int or (type(value) is float and math.isfinite(value))


def _make(folder, config, players, count):
    """The model of a config, untrained, with kernels of no more numbers than there are to load.

    Without `players`, which then are not loaded, they may be larger than what is.
    """
    from keras_acai import models

    name, arguments = config["class"], dict(config["config"])
    if name not in models.__all__:
        raise FolderError(
            f"{folder / CONFIG} names the class {_quoted(name)}: use a newer keras_acai."
        )
    if not players:
        arguments["num_classes"] = None
        count += max(9 * count, LARGEST_CRITIC)
    try:
        with at_most(count):
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


def _quoted(value, limit=100):
    """A value of a file as a message may hold it."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
