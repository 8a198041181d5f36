"""A trained model as a folder: `config.json`, `model.weights.h5`, `players.weights.h5`.

`model.weights.h5` holds what `encode` and `decode` need, `players.weights.h5` the other players
(the critic, the probe), for those who go on training. `config.json` names the class, its arguments,
the versions that wrote it and the SHA-256 of both files. Nothing is unpickled and no code is run.
"""

import json
import pathlib

import keras

from keras_acai import files

CONFIG = "config.json"
MODEL = "model.weights.h5"
PLAYERS = "players.weights.h5"
FORMAT = 1


class FolderError(RuntimeError):
    """A folder holds no model, or one that cannot be trusted; the message says what to do."""


def save(model, folder):
    """Writes a model's folder; see `Autoencoder.save_pretrained`."""
    import keras_acai

    folder = pathlib.Path(folder)
    parts = {name: layers for name, layers in _parts(model).items() if layers}
    for name, layers in parts.items():
        with files.written(folder / name) as path:
            _Parts(layers).save_weights(path)
    config = {
        "format": FORMAT,
        "class": type(model).__name__,
        "config": _plain(model.get_config()),
        "keras": keras.__version__,
        "keras_acai": keras_acai.__version__,
        "sha256": {name: files.sha256(folder / name) for name in parts},
    }
    files.write_json(folder / CONFIG, config)


def load(folder, players=True):
    """The model in a folder, not compiled.

    Args:
        folder: what `save` wrote.
        players: bool. Whether to load the critic and the probe too. Defaults to True.

    Raises:
        FolderError: when there is no model, a file is missing or its SHA-256 is another one, the
            folder's format is newer than this library, or weights do not fit.
    """
    folder = pathlib.Path(folder)
    config = _read_config(folder)
    hashes = config["sha256"]
    wanted = [name for name in (MODEL, PLAYERS) if name in hashes and (players or name == MODEL)]
    for name in wanted:
        _check_hash(folder / name, hashes[name])
    model = _class(config["class"], folder).from_config(config["config"])
    for name in wanted:
        try:
            _Parts(_parts(model)[name]).load_weights(folder / name)
        except (ValueError, KeyError, OSError) as error:
            raise FolderError(
                f"{folder / name} does not fit the model of {CONFIG}: {_first_line(error)}"
            ) from error
    return model


class _Parts(keras.Model):
    """Some layers of a model, so that Keras writes and reads just these."""

    def __init__(self, layers):
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.built = True


def _parts(model):
    """File → attribute → layer: the first player is what `encode` and `decode` need."""
    autoencoder, *others = model.players
    return {
        MODEL: {name: getattr(model, name) for name in autoencoder.moves},
        PLAYERS: {name: getattr(model, name) for player in others for name in player.moves},
    }


def _class(name, folder):
    from keras_acai import models

    if name not in models.__all__:
        raise FolderError(f"{folder / CONFIG} names the class {name!r}: use a newer keras_acai.")
    return getattr(models, name)


def _read_config(folder):
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        version = config["format"]
        config["class"], config["config"], config["sha256"][MODEL]
    except FileNotFoundError:
        raise FolderError(
            f"{folder} holds no {CONFIG}: give a folder of save_pretrained."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise FolderError(f"{folder / CONFIG} is damaged ({error!r}): fetch it again.") from None
    if version != FORMAT:
        raise FolderError(
            f"{folder} has format {version}, this keras_acai reads {FORMAT}: "
            "pip install --upgrade keras-acai."
        )
    return config


def _check_hash(path, expected):
    if not path.exists():
        raise FolderError(f"{path} is missing: fetch the model again.")
    if files.sha256(path) != expected:
        raise FolderError(f"{path} is not the file that {CONFIG} names: fetch the model again.")


def _plain(config):
    """A config that JSON can hold: dtype policies by name."""
    config = {key: value for key, value in config.items() if key not in ("name", "trainable")}
    if "dtype" in config:
        config["dtype"] = keras.dtype_policies.get(config["dtype"]).name
    return config


def _first_line(error, limit=200):
    return (str(error).splitlines() or [""])[0][:limit]
