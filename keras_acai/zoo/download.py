"""Trained models from the Hugging Face Hub."""

import pathlib

from keras_acai.errors import FolderError, HubError
from keras_acai.hub import client
from keras_acai.zoo import records, untrusted
from keras_acai.zoo.records import CONFIG, METRICS, RUN
from keras_acai.zoo.schema import MODEL, PLAYERS


def fetch(
    repo_id,
    revision=None,
    *,
    sha256=None,
    players=True,
    token=None,
    cache_dir=None,
    local_files_only=False,
    with_records=False,
):
    """Downloads a model's files that are not in the cache, all from one commit.

    A pinned commit that is in the cache needs no request.

    Args:
        repo_id: str. "owner/name".
        revision: str. Branch, tag or commit. Defaults to the main branch.
        sha256: dict. File → SHA-256. That of `config.json` is checked here, and `config.json` has
            those of the weights. Defaults to none.
        players: bool. Whether to download the weights of the critic and the probe. Defaults to
            True.
        token, cache_dir, local_files_only: as of `load`.
        with_records: bool. Whether to download `metrics.json` and `run.json`. Defaults to False.

    Returns:
        Path of the snapshot in the cache, a folder of links.

    Raises:
        HubError: when the model cannot be downloaded, and for a repository without one.
        FolderError: for a `config.json` with the wrong SHA-256.
    """
    import huggingface_hub

    names = [CONFIG, MODEL, *([PLAYERS] if players else []), *([METRICS, RUN] * with_records)]
    folder = client.download(
        huggingface_hub.snapshot_download,
        repo_id,
        is_whole=lambda folder: _is_whole(pathlib.Path(folder), names),
        revision=revision,
        allow_patterns=names,
        token=client.clean(token),
        cache_dir=cache_dir,
        local_files_only=local_files_only,
    )
    folder = pathlib.Path(folder)
    if not (folder / CONFIG).exists():
        where = f" at {revision}" if revision else ""
        raise HubError(f"{repo_id}{where} has no {CONFIG}: it does not hold a keras_acai model.")
    if sha256:
        untrusted.read_verified(folder / CONFIG, sha256[CONFIG])
    return folder


def _is_whole(folder, names):
    """Whether a snapshot has all that is wanted, as far as its `config.json` names it.

    The Hub's client may have downloaded some of its files alone.
    """
    try:
        weights = records.read_config(folder).sha256
    except FolderError:
        return False
    wanted = [name for name in names if name in weights or name in (METRICS, RUN)]
    return all((folder / name).exists() for name in wanted)
