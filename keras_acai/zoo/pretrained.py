"""From a name to a trained model: `load`."""

import os
import pathlib
import warnings

from keras_acai import presets
from keras_acai.errors import LoadError
from keras_acai.hub.client import REPO_ID
from keras_acai.zoo import download, folders, records

HUB = "hf://"


def load(
    name_or_path,
    *,
    revision=None,
    token=None,
    cache_dir=None,
    local_files_only=False,
    players=True,
    trainable=True,
    dtype=None,
):
    """Loads a trained model, on whatever backend Keras runs.

    A name is looked up in the installed models, then in the cache of the Hugging Face Hub, then on
    the Hub, where published models are pinned to a commit and a SHA-256.

    Args:
        name_or_path: a name of `list_models` such as "acai-mnist"; "hf://owner/name" or
            "hf://owner/name@revision" for any model on the Hub; or a folder written by
            `save_pretrained` or by a training run.
        revision: str. A branch, tag or commit on the Hub. Defaults to the pinned commit.
        token: str. The Hub's token, for private and gated models. Defaults to `HF_TOKEN`, or that
            of `hf auth login`.
        cache_dir: path. Hugging Face cache directory. Defaults to that of `HF_HOME`.
        local_files_only: bool. Whether to stay off the network, as with `HF_HUB_OFFLINE=1`.
            Defaults to False.
        players: bool. Whether to load the critic and the probe, for `classify` and to resume
            training. Without them the model has no probe, and a critic that has to be trained
            before it is of use. Defaults to True.
        trainable: bool. False freezes the weights, for use inside other models. Defaults to True.
        dtype: str. The dtype policy to compute with, such as "float32" or "mixed_bfloat16".
            Defaults to that of the saved model; all shipped models have float32.

    Returns:
        A model of `keras_acai`, not compiled.

    Raises:
        ValueError: for an unknown name, with close ones in the message, and for another dtype.
        keras_acai.LoadError: when the model cannot be loaded, or is not the one published, and
            for an unknown name.

    Example:

    ```python
    model = keras_acai.load("acai-mnist")
    model = keras_acai.load("runs/acai-lines-fast-0")
    model = keras_acai.load("hf://somebody/acai-flowers@v1", token="hf_…")
    ```
    """
    options = {"token": token, "cache_dir": cache_dir, "local_files_only": local_files_only}
    folder = find(name_or_path, revision, players=players, **options)
    model = folders.load(folder, players, dtype)
    if not trainable:
        model.trainable = False
    return model


def find(name_or_path, revision=None, **options):
    """Returns the folder of a model: installed, downloaded, or the path itself.

    Takes the arguments of `load` and `download.fetch`, and raises the errors of `load`.
    """
    if isinstance(name_or_path, str) and name_or_path.startswith(HUB):
        return download.fetch(*_parse(name_or_path, revision), **options)
    if presets.is_path(name_or_path) or _is_keras_file(name_or_path):
        return _folder(name_or_path, revision)
    preset = presets.get(name_or_path)
    if revision is None and preset.shipped:
        _warn_of_namesake(preset)
        return preset.shipped
    if preset.published is None:
        raise LoadError(_unpublished(preset, revision))
    published = preset.published
    if revision not in (None, published.revision):
        return download.fetch(published.repo_id, revision, **options)
    return download.fetch(published.repo_id, published.revision, sha256=published.sha256, **options)


def _warn_of_namesake(preset):
    """Warns if the current folder has a model of the same name, which is not the one meant."""
    here = pathlib.Path(preset.name)
    if (here / records.CONFIG).is_file() and not here.samefile(preset.shipped):
        warnings.warn(
            f"{preset.name} is the installed model: load './{preset.name}' for the folder here.",
            stacklevel=4,
        )


def _parse(name, revision):
    """("owner/name", revision) of "hf://owner/name[@revision]"."""
    repo_id, _, written = name.removeprefix(HUB).partition("@")
    if revision and written and revision != written:
        raise ValueError(f"{name} and revision={revision!r} disagree: pass one of them.")
    if not REPO_ID.fullmatch(repo_id):
        raise ValueError(
            f"{name} is not a Hub address: write hf://owner/name, or hf://owner/name@revision."
        )
    return repo_id, revision or written or None


def _is_keras_file(name):
    return str(name).lower().endswith((".keras", ".h5"))


def _folder(path, revision):
    if revision is not None:
        raise ValueError(f"{path} is a folder, which has no revision: leave it out.")
    if _is_keras_file(path) and not os.path.isdir(path):
        raise LoadError(
            f"{path} is a file of Keras: use keras.saving.load_model({str(path)!r}), or pass a "
            "folder written by save_pretrained."
        )
    is_repo_id = REPO_ID.fullmatch(str(path)) and not str(path).startswith(".")
    if is_repo_id and not os.path.isdir(path):
        raise LoadError(f"{path} does not exist: write hf://{path} for a model on the Hub.")
    return pathlib.Path(path)


def _unpublished(preset, revision):
    """Returns why the Hub is not asked, and what to do."""
    if preset.shipped:
        return f"{preset.name} is not on the Hub, so it has no revision {revision!r}: leave it out."
    return preset.why_missing
