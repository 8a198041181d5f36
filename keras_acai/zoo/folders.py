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

import pathlib

import keras

from keras_acai import files, registry
from keras_acai.errors import FolderError, first_line
from keras_acai.nn.initializers import TooLargeError, at_most
from keras_acai.zoo import cards, places, records, weights
from keras_acai.zoo.records import CONFIG, FORMAT, METRICS, MODEL, PLAYERS, RUN

CARD = "README.md"
LARGEST_CRITIC = 2**24  # numbers of one that is made and not loaded, for small models


def save(model, folder, metrics=None, run=None, dtype="float32"):
    """Writes a model's folder; see `Autoencoder.save_pretrained`."""
    _check_class(model)
    records.check_records(metrics, run)
    folder = pathlib.Path(folder)
    with files.atomic_write_together(folder) as new:
        for name, networks in _parts(model).items():
            if networks:
                weights.write(new / name, networks, dtype)
        config = _config(model, new)
        files.write_json(new / CONFIG, config)
        for name, content in ((METRICS, metrics), (RUN, run)):
            if content is not None:
                files.write_json(new / name, content | {"weights": config["sha256"]})
        known = [
            records.tied(new / name, config) or records.tied(folder / name, config)
            for name in (METRICS, RUN)
        ]
        if cards.is_ours(folder / CARD):
            (new / CARD).write_text(cards.card(config, *known, cards.picture(folder)), "utf-8")
    if PLAYERS not in config["sha256"]:
        (folder / PLAYERS).unlink(missing_ok=True)


def load(folder, players=True, dtype=None):
    """The model in a folder, not compiled.

    Args:
        folder: what `save` wrote.
        players: bool. Whether to load the critic and the probe. Without them the model has no
            probe, and a critic that has learnt nothing. Defaults to True.
        dtype: str. The policy to compute with. Defaults to that of `config.json`.

    Raises:
        ValueError: for another dtype than these policies.
        FolderError: when there is no model, a file is missing or its SHA-256 is another one, the
            folder's format is newer than this library, or weights do not fit.
    """
    if dtype not in (None, *records.DTYPES):
        raise ValueError(f"dtype={dtype!r}: use one of {', '.join(records.DTYPES)}.")
    folder = pathlib.Path(folder)
    config = records.read_config(folder)
    config["config"] |= {"dtype": dtype} if dtype else {}
    wanted = records.files_of(config, players)
    for name in wanted:
        places.check(folder / name, config["sha256"][name])
    found = {name: _read(folder / name) for name in wanted}
    model = _make(folder, config, players, sum(map(weights.count, found.values())))
    parts = _parts(model)
    for name in wanted:
        try:
            weights.assign(found[name], parts[name])
        except weights.ArraysError as error:
            raise FolderError(f"{folder / name} does not fit {CONFIG}: {error}.") from None
    return model


def write_card(folder, source=None):
    """Writes the card of a model's folder anew, unless somebody wrote one by hand.

    Args:
        folder: the model's.
        source: str. What `keras_acai.load` is to be given. Defaults to a placeholder.
    """
    folder = pathlib.Path(folder)
    path = folder / CARD
    if (folder / CONFIG).exists() and cards.is_ours(path):
        text = cards.card(*records.read_all(folder), cards.picture(folder), source)
        with files.atomic_write(path) as part:
            part.write_text(text, "utf-8")


def _check_class(model):
    if registry.name_of(type(model)) is None:
        raise ValueError(
            f"load() can only rebuild registered classes, not {type(model).__name__}: use "
            'model.save("model.keras"), or put @keras_acai.register("a_name") over the class.'
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


def _make(folder, config, players, count):
    """The model of a config, untrained, with kernels of no more numbers than there are to load.

    Without `players`, which then are not loaded, they may be larger than what is.
    """
    name, arguments = config["class"], dict(config["config"])
    model_class = registry.class_named(name)
    if model_class is None:
        raise FolderError(
            f"{folder / CONFIG} names the class {records.quoted(name)}: use a newer keras_acai."
        )
    if not players:
        arguments["num_classes"] = None
        count += max(9 * count, LARGEST_CRITIC)
    try:
        with at_most(count):
            return model_class(**arguments)
    except TooLargeError as error:
        raise FolderError(f"{folder / CONFIG} does not fit the weights: {error}.") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise FolderError(f"{folder / CONFIG} makes no {name}: {first_line(error)}") from None


def _read(path):
    try:
        return weights.read(path)
    except weights.ArraysError as error:
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
