"""Trained models from the Hugging Face Hub, by its own client."""

import contextlib
import functools
import pathlib
import re

from keras_acai.errors import HubError, first_line
from keras_acai.version import __version__
from keras_acai.zoo import guard, untrusted
from keras_acai.zoo.records import CONFIG, METRICS, RUN
from keras_acai.zoo.schema import MODEL, PLAYERS

COMMIT = re.compile(r"[0-9a-f]{40}")
TIMEOUT = 3  # seconds for an answer of the Hub, before the cache is used
LOG_IN = "pass a token with access (token=…), set HF_TOKEN, or run `hf auth login`"


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
        HubError: when the model cannot be downloaded.
        FolderError: for a `config.json` with the wrong SHA-256.
    """
    names = [CONFIG, MODEL, *([PLAYERS] if players else []), *([METRICS, RUN] * with_records)]
    options = {
        "revision": revision,
        "allow_patterns": names,
        "token": clean(token),
        "cache_dir": cache_dir,
        "library_name": "keras_acai",
        "library_version": __version__,
    }
    try:
        folder = _snapshot(repo_id, local_files_only, options)
    except Exception as error:  # the client's own, and those of its HTTP library
        raise HubError(explain(error, repo_id)) from error
    if sha256:
        untrusted.read_verified(pathlib.Path(folder, CONFIG), sha256[CONFIG])
    return pathlib.Path(folder)


def _snapshot(repo_id, local_files_only, options):
    """The folder in the cache, downloaded if necessary.

    A commit that is in the cache is complete, so nobody is asked. The Hub is asked once with a
    short timeout before its client is: that waits without one, and tries a listing six times.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    download = functools.partial(huggingface_hub.snapshot_download, repo_id, **options)
    if local_files_only:
        return download(local_files_only=True)
    if COMMIT.fullmatch(options["revision"] or ""):
        with contextlib.suppress(LocalEntryNotFoundError):
            return download(local_files_only=True)
    try:
        api = huggingface_hub.HfApi(token=options["token"])
        guard.call(api.model_info, repo_id, timeout=TIMEOUT, seconds=10 * TIMEOUT)
    except (HfHubHTTPError, HubError):
        pass  # the download meets it again, and knows better what the cache can do
    except Exception:  # errors of the HTTP library: there is no network
        return download(local_files_only=True)
    return guard.call(download)


def clean(token):
    """Returns a token without the blanks and the line break that files and the clipboard add.

    Raises:
        ValueError: for a token that no HTTP header can hold; the message does not show it.
    """
    if not isinstance(token, str):
        return token
    token = token.strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError("The token holds blanks or other signs: copy it from the Hub again.")
    return token or None


def explain(error, repo_id):
    """Returns the message for an error of the client, in one line.

    Args:
        error: the exception.
        repo_id: str. The repository that was asked for.
    """
    from huggingface_hub import constants, errors

    if isinstance(error, HubError):
        return f"{repo_id}: {error}."
    if isinstance(error.__cause__, errors.HfHubHTTPError):
        error = error.__cause__  # the client reports a refusal as a missing network
    page = f"{constants.ENDPOINT}/{repo_id}"
    match error:
        case errors.GatedRepoError():
            return f"{repo_id} is gated: accept its terms on {page}, then {LOG_IN}."
        case errors.RepositoryNotFoundError():
            return f"{page} does not exist, or is private: check the name, or {LOG_IN}."
        case errors.RevisionNotFoundError():
            return f"{repo_id} does not have that revision: {page}/commits/main lists them."
        case errors.LocalEntryNotFoundError() | errors.OfflineModeIsEnabled():
            return (
                f"{repo_id} is not in the cache, and {constants.ENDPOINT} was not reached: try "
                "again with a network, without HF_HUB_OFFLINE and local_files_only."
            )
    return f"{repo_id}: {first_line(error)}"
