"""Trained models from the Hugging Face Hub, by its own client: `fetch`."""

import contextlib
import functools
import pathlib
import re
import warnings

from keras_acai.errors import FolderError, HubError, first_line
from keras_acai.version import __version__
from keras_acai.zoo import records, untrusted

LOG_IN = "give a token=… that may, set HF_TOKEN, or type `hf auth login`"


class MissingError(HubError):
    """A repository does not hold a file."""


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
    """Downloads what is not in the cache.

    All files come from one commit. A pinned commit that is in the cache costs no request. A file
    whose SHA-256 is not the one that is pinned, or that `config.json` names, is downloaded once
    more, and then refused.

    Args:
        repo_id: str. "owner/name".
        revision: str. Branch, tag or commit. Defaults to the main branch.
        sha256: dict. File → SHA-256 that is pinned. Defaults to none.
        players: bool. Whether to fetch the critic's and the probe's weights too.
        token, cache_dir, local_files_only: as of `load`.
        with_records: bool. Whether to fetch `metrics.json` and `run.json`, if there are any, too.
            Defaults to False.

    Returns:
        The snapshot in the cache, a folder of links.

    Raises:
        HubError: when it cannot be had.
        FolderError: when it is no model, or not the one that was published.
    """
    get = functools.partial(
        _download, repo_id, token=token, cache_dir=cache_dir, local_files_only=local_files_only
    )
    sha256 = sha256 or {}
    config = _verified(get, records.CONFIG, revision, sha256.get(records.CONFIG))
    folder, commit = config.parent, config.parent.name
    content = records.read_config(folder)
    for name in content.weights_files(players):
        _verified(get, name, commit, sha256.get(name, content.sha256[name]))
    for name in (records.METRICS, records.RUN) if with_records else ():
        with contextlib.suppress(MissingError):
            get(name, commit)
    return folder


def _verified(get, name, revision, expected):
    """The path of a file whose SHA-256 is the expected one, if any is."""
    path = get(name, revision)
    if expected is None:
        return path
    try:
        untrusted.read_verified(path, expected)
    except FolderError as error:
        if get.keywords["local_files_only"] or _is_offline():
            raise
        warnings.warn(f"{error} Downloading it once more.", stacklevel=2)
        path = get(name, revision, force_download=True)
        _keep_if_right(path, expected)
    return path


def _keep_if_right(path, expected):
    """Removes a file from the cache that is not the expected one, and says so."""
    try:
        untrusted.read_verified(path, expected)
    except FolderError:
        for one in (path.resolve(), path):
            one.unlink(missing_ok=True)
        raise


def _download(repo_id, name, revision, *, token, cache_dir, local_files_only, force_download=False):
    """`huggingface_hub.hf_hub_download`, whose errors become a `HubError`."""
    import huggingface_hub

    try:
        path = huggingface_hub.hf_hub_download(
            repo_id,
            name,
            revision=revision,
            token=token,
            cache_dir=cache_dir,
            local_files_only=local_files_only,
            force_download=force_download,
            library_name="keras_acai",
            library_version=__version__,
        )
    except huggingface_hub.errors.RemoteEntryNotFoundError as error:
        raise MissingError(explain(error, repo_id, revision, name)) from error
    except Exception as error:  # the client's own, and those of its HTTP library
        raise HubError(explain(error, repo_id, revision, name, local_files_only)) from error
    return pathlib.Path(path)


def explain(error, repo_id, revision=None, name=None, local_files_only=False):
    """What an error of the client means, in one line that says what to do.

    Args:
        error: the exception.
        repo_id, revision: what was asked for.
        name: str. The file that was asked for; None for an upload.
        local_files_only: bool. Whether the network was not to be used.
    """
    from huggingface_hub import errors

    if isinstance(error.__cause__, (errors.HfHubHTTPError, errors.FileMetadataError)):
        error = error.__cause__  # which the client takes for a want of network
    at = f"{repo_id} at {revision}" if revision else repo_id
    page = f"{_endpoint()}/{repo_id}"
    match error:
        case errors.HFValidationError():
            return f"{repo_id!r} is no name of a repository: write owner/name."
        case errors.GatedRepoError():
            return f"{repo_id} asks for its terms to be accepted: do so on {page}, then {LOG_IN}."
        case errors.DisabledRepoError():
            return f"{repo_id} has been disabled by the Hub: {page} says why."
        case errors.RepositoryNotFoundError() if name:
            return f"There is no model {page}, or it is private: check the name, or {LOG_IN}."
        case errors.RevisionNotFoundError():
            return f"{repo_id} has no revision {revision!r}: {page}/commits/main lists them."
        case errors.RemoteEntryNotFoundError():
            return f"{at} holds no {name}: it is no model of keras_acai, or not a whole one."
        case errors.FileMetadataError():
            return f"{_endpoint()} is no Hugging Face Hub: set HF_ENDPOINT to one, or unset it."
        case errors.LocalEntryNotFoundError() if name:
            return f"{name} of {at} is not in the cache, and {_why_offline(local_files_only)}"
        case errors.OfflineModeIsEnabled():
            return f"{repo_id} cannot be asked: {_why_offline(local_files_only)}"
        case errors.HfHubHTTPError(response=response) if response.status_code in (401, 403):
            return f"{_endpoint()} refuses {repo_id} ({response.status_code}): {LOG_IN}."
        case errors.HfHubHTTPError():
            return f"{_endpoint()} refuses {name or repo_id}: {_said(error)}"
        case OSError() if error.errno is not None and name:
            return f"{name} of {at} cannot be written to the cache: {_said(error)}"
    return f"{name or repo_id}: {_endpoint()} gives {type(error).__name__}: {_said(error)}"


def _why_offline(local_files_only):
    if local_files_only:
        return "local_files_only=True: leave it out once, with a network."
    if _is_offline():
        return "HF_HUB_OFFLINE is set: unset it once, with a network."
    return f"{_endpoint()} cannot be reached: try again with a network, or set HF_ENDPOINT."


def _is_offline():
    from huggingface_hub import constants

    return constants.HF_HUB_OFFLINE


def _endpoint():
    from huggingface_hub import constants

    return constants.ENDPOINT


def _said(error):
    """What an error says, without the number that the Hub gives a request."""
    text = re.sub(r"\s*\(Request ID: [^)]*\)", "", str(error)).strip()
    return first_line(text) if text else type(error).__name__
