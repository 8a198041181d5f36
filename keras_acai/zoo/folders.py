"""A trained model as a folder.

config.json          the class, its arguments, the versions that wrote it, the files' SHA-256
model.safetensors     the weights that `encode` and `decode` need
players.safetensors   the other players (the critic, the probe), to resume training with
metrics.json         scores, with the SHA-256 of the weights that they were measured on
run.json             how it was trained
README.md            a model card of all this

A folder may come from an untrusted source. Nothing of it is unpickled and none of its code is run;
hashes are checked before a file is parsed, and only JSON and arrays of floats are parsed.
"""

import pathlib

import keras

from keras_acai import files, registry
from keras_acai.errors import FolderError, first_line
from keras_acai.nn import own
from keras_acai.nn.initializers import TooLargeError, limit_parameters
from keras_acai.version import __version__
from keras_acai.zoo import cards, provenance, records, schema, untrusted, weights
from keras_acai.zoo.records import CONFIG, FORMAT, METRICS, RUN
from keras_acai.zoo.schema import MODEL, PLAYERS, POLICIES, Config, Metrics, Run

CARD = "README.md"
PICTURES = ("interpolations.png", "reconstructions.png")
LARGEST_CRITIC = 2**24  # values of one that is built and not loaded, for small models


def save(model, folder, metrics=None, run=None, dtype="float32"):
    """Writes a model's folder; see `Autoencoder.save_pretrained`.

    Args:
        metrics, run: as of `save_pretrained`, or a `Metrics` and a `Run`.
    """
    _check_class(model)
    _check_networks(model)
    provenance.check_trained(model, _parts(model)[PLAYERS])
    weights.check_dtype(dtype)
    records.check_can_save(folder)
    known = provenance.of(model, dtype)
    metrics = _record(Metrics, metrics, 'metrics={"scores": {"rmse": 12.3}}') or known[0]
    run = _record(Run, run, 'run={"images": 5000, "settings": {…}}') or known[1]
    folder = pathlib.Path(folder)
    before = _recorded_sha256(folder)
    with files.atomic_write_together(folder) as new:
        for name, networks in _parts(model).items():
            if networks:
                weights.write(new / name, networks, dtype)
        config = _config(model, new)
        _check_loads(config)
        provenance.check_kept(model, folder, before, config.sha256)
        records.write_record(new / CONFIG, config)
        for name, record in ((METRICS, metrics), (RUN, run)):
            if record is not None:
                records.write_record(new / name, schema.tied(record, config))
        metrics, run = (
            records.or_none(read, new if (new / name).exists() else folder, config)
            for name, read in ((METRICS, records.read_metrics), (RUN, records.read_run))
        )
        is_another = before not in (None, config.sha256)
        if cards.is_ours(folder / CARD):
            picture = None if is_another else cards.picture(folder)
            (new / CARD).write_text(cards.card(config, metrics, run, picture), "utf-8")
    if PLAYERS not in config.sha256:
        (folder / PLAYERS).unlink(missing_ok=True)
    if is_another:
        delete_pictures(folder)


def load(folder, players=True, dtype=None):
    """Returns the model in a folder, not compiled.

    Args:
        folder: path, written by `save`.
        players: bool. Whether to load the critic and the probe. Without them the model has no
            probe, and a critic that has to be trained before it is of use. Defaults to True.
        dtype: str. The dtype policy to compute with. Defaults to that of `config.json`.

    Raises:
        ValueError: for a dtype that is not one of these policies.
        FolderError: for a folder without a model, a file that is missing or has the wrong SHA-256,
            a format that this library does not read, or weights that do not fit.
    """
    if dtype not in (None, *POLICIES):
        raise ValueError(f"dtype={dtype!r}: use one of {', '.join(POLICIES)}.")
    folder = pathlib.Path(folder)
    config = records.read_config(folder)
    _check_keras(folder, config)
    arrays = {
        name: _read(folder / name, config.sha256[name]) for name in config.weights_files(players)
    }
    changes = ({"dtype": dtype} if dtype else {}) | ({} if players else {"num_classes": None})
    model = _make(folder, config, arrays, changes)
    _assign(model, arrays, folder, config)
    networks = [name for group in arrays.values() for name in group]
    left_out = [] if players else _parts(model)[PLAYERS]
    provenance.attach(model, networks, left_out, folder, config)
    return model


def delete_pictures(folder):
    """Deletes the pictures of a model's folder, which are of other weights or of other data."""
    for name in PICTURES:
        pathlib.Path(folder, name).unlink(missing_ok=True)


def write_card(folder, source=None):
    """Writes the card of a model's folder again, unless it was written by hand.

    Args:
        folder: path of the model.
        source: str. What the card passes to `keras_acai.load`. Defaults to a placeholder.
    """
    folder = pathlib.Path(folder)
    path = folder / CARD
    if (folder / CONFIG).exists() and cards.is_ours(path):
        text = cards.card(*records.read_all(folder), cards.picture(folder), source)
        with files.atomic_write(path) as part:
            part.write_text(text, "utf-8")


def _recorded_sha256(folder):
    """The hashes of the weights in a folder, or None without a model."""
    config = records.or_none(records.read_config, folder)
    return config and config.sha256


def _record(kind, content, example):
    """Returns the `Record` of a caller's argument, or None."""
    if content is None or isinstance(content, kind):
        return content
    try:
        return kind.from_json(content, kind.__name__.lower())
    except ValueError as error:
        raise ValueError(f"{error}: pass {example}.") from None


def _check_class(model):
    if registry.name_of(type(model)) is None:
        raise ValueError(
            f"load() can only rebuild registered classes, not {type(model).__name__}: use "
            'model.save("model.keras"), or put @keras_acai.register("a_name") over the class.'
        )


def _check_networks(model):
    """Refuses networks that `load` could not build from numbers."""
    names = own.named_in(model.get_config())
    if names:
        raise ValueError(
            f"load() cannot rebuild networks of your own ({', '.join(names)}): use "
            'model.save("model.keras") and keras.saving.load_model.'
        )


def _config(model, folder):
    """Returns the `Config` of a model whose weights are in a folder."""
    return Config(
        format=FORMAT,
        class_name=type(model).__name__,
        arguments=_arguments(model.get_config()),
        keras=keras.__version__,
        keras_acai=__version__,
        sha256={
            name: files.sha256(folder / name)
            for name in (MODEL, PLAYERS)
            if (folder / name).exists()
        },
    )


def _check_loads(config):
    """Refuses to save what `load` would refuse to read."""
    try:
        config.check()
    except ValueError as error:
        raise ValueError(
            f"load() could not rebuild this model ({error}): arguments in get_config() have to be "
            'numbers or lists of numbers. Use model.save("model.keras").'
        ) from None


def _check_keras(folder, config):
    """Refuses a folder that a later major version of Keras wrote."""
    if int(config.keras.partition(".")[0]) > int(keras.__version__.partition(".")[0]):
        raise FolderError(
            f"{folder} was written with Keras {config.keras}, this is {keras.__version__}: "
            "pip install --upgrade keras."
        )


def _make(folder, config, arrays, changes):
    """Builds the model of a config, with kernels of no more values together than were read.

    Players whose weights were not read may be larger.
    """
    name, arguments = config.class_name, config.arguments | changes
    model_class = registry.class_named(name)
    if model_class is None:
        raise FolderError(
            f"{folder / CONFIG} names the class {records.quoted(name)}: use a newer keras_acai."
        )
    if unknown := set(arguments) - registry.arguments_of(model_class):
        raise FolderError(
            f"{folder / CONFIG} cannot build {name}, which has no argument "
            f"{records.quoted(min(unknown))}: use a newer keras_acai."
        )
    count = sum(map(weights.count, arrays.values()))
    if PLAYERS not in arrays:
        count += max(9 * count, LARGEST_CRITIC)
    try:
        with limit_parameters(count):
            return model_class(**arguments)
    except TooLargeError as error:
        raise FolderError(f"{folder / CONFIG} does not fit the weights: {error}.") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise FolderError(f"{folder / CONFIG} cannot build {name}: {first_line(error)}") from None


def _read(path, sha256):
    """Returns the arrays of a weights file, parsed from the bytes whose hash was checked."""
    try:
        return weights.parse(untrusted.read_verified(path, sha256))
    except weights.WeightsError as error:
        raise FolderError(f"{path} has no usable weights: {error}.") from None


def _assign(model, arrays, folder, config):
    """Gives a model its weights.

    Raises:
        FolderError: for weights that do not fit, and for players whose file has no recorded hash.
    """
    parts = _parts(model)
    if parts[PLAYERS] and PLAYERS not in config.sha256:
        raise FolderError(
            f"{folder / CONFIG} has no SHA-256 for {PLAYERS}, but the model has "
            f"{' and '.join(parts[PLAYERS])}: download it again."
        )
    for name, networks in arrays.items():
        try:
            weights.assign(networks, parts[name])
        except weights.WeightsError as error:
            raise FolderError(f"{folder / name} does not fit {CONFIG}: {error}.") from None


def _parts(model):
    """Returns file → attribute → network. `encode` and `decode` need the first player alone."""
    autoencoder, *others = model.players
    return {
        MODEL: {name: getattr(model, name) for name in autoencoder.layers},
        PLAYERS: {name: getattr(model, name) for player in others for name in player.layers},
    }


def _arguments(config):
    """Returns the arguments of a model as JSON: lists for tuples, names for dtype policies."""
    arguments = {key: value for key, value in config.items() if key not in ("name", "trainable")}
    if "dtype" in arguments:
        arguments["dtype"] = keras.dtype_policies.get(arguments["dtype"]).name
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in arguments.items()
    }
