"""The Hub's own client, asked in a way that fails fast, and its errors as messages of one line."""

import functools
import re
import urllib.parse

from keras_acai import files
from keras_acai.errors import HubError, first_line
from keras_acai.hub import guard
from keras_acai.version import __version__

COMMIT = re.compile(r"[0-9a-f]{40}")
REPO_ID = re.compile(r"[\w.-]+/[\w.-]+")  # owner/name
UNREACHED = ("ConnectError", "ConnectTimeout", "ReadTimeout")  # of the HTTP library
TIMEOUT = 3  # seconds for an answer of the Hub, before the cache is used
LOG_IN = "pass a token with access (token=…), set HF_TOKEN, or run `hf auth login`"


def download(
    function,
    repo_id,
    *,
    is_whole=None,
    local_files_only=False,
    seconds=guard.SECONDS,
    **options,
):
    """Calls `snapshot_download` or `hf_hub_download`, and returns the path that it returns.

    For a commit that is in the cache as a whole, nobody is asked. The Hub is asked once with a
    short timeout before its client is: that waits without one, and tries a listing six times.

    Args:
        function: callable. One of the two.
        repo_id: str. "owner/name".
        is_whole: callable. Path in the cache → whether all files are there. Defaults to None: they
            are.
        local_files_only: bool. Whether to stay off the network. Defaults to False.
        seconds: float. The time that it may take. Defaults to 15 minutes.
        **options: passed on.

    Raises:
        HubError: when it cannot be downloaded.
    """
    library = {"library_name": "keras_acai", "library_version": __version__}
    try:
        fetch = functools.partial(function, repo_id, **options, **library)
        if local_files_only:
            return fetch(local_files_only=True)
        return _fetch(fetch, is_whole, seconds)
    except Exception as error:  # the client's own, and those of its HTTP library
        raise HubError(explain(error, repo_id)) from error


def data_file(repo_id, path, commit, sha256=None, seconds=guard.SECONDS):
    """Downloads a file of a data set's repository, or finds it in the cache.

    Args:
        repo_id: str. "owner/name".
        path: str. The file in the repository.
        commit: str. 40 hexadecimal digits.
        sha256: str. Of the file. Defaults to None: the commit alone says what it is.
        seconds: float. The time that it may take. Defaults to 15 minutes.

    Returns:
        str. Its path on this machine.

    Raises:
        HubError: when it cannot be downloaded, or has another SHA-256.
    """
    import huggingface_hub

    options = {"filename": path, "repo_type": "dataset", "revision": commit, "seconds": seconds}
    found = download(huggingface_hub.hf_hub_download, repo_id, **options)
    if sha256 and files.sha256(found) != sha256:
        raise HubError(f"{path} of {repo_id} has the wrong SHA-256: remove {found}, and try again.")
    return found


def clean(token):
    """Returns a token without the blanks and the line break that files and the clipboard add.

    Args:
        token: str, or None for that of `HF_TOKEN` or `hf auth login`, which is checked, too.

    Raises:
        ValueError: for a token that no HTTP header can hold; the message does not show it.
    """
    import huggingface_hub

    known = token if isinstance(token, str) else huggingface_hub.get_token() or ""
    known = known.strip()
    if not (known.isascii() and known.isprintable()) or " " in known:
        raise ValueError("The token holds blanks or other signs: copy it from the Hub again.")
    return (known or None) if isinstance(token, str) else token


def check_repo_id(repo_id):
    """Raises a `HubError` unless `repo_id` is "owner/name", as the Hub takes it."""
    import huggingface_hub

    if not (isinstance(repo_id, str) and REPO_ID.fullmatch(repo_id)):
        raise HubError(f"{repo_id!r} is not the name of a repository: write owner/name.")
    try:
        huggingface_hub.utils.validate_repo_id(repo_id)
    except ValueError as error:
        raise HubError(f"{repo_id}: {first_line(error)}") from None


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
    endpoint = _without_password(constants.ENDPOINT)
    page = f"{endpoint}/{repo_id}"
    match error:
        case errors.GatedRepoError():
            return f"{repo_id} is gated: accept its terms on {page}, then {LOG_IN}."
        case errors.RepositoryNotFoundError():
            return f"{page} does not exist, or is private: check the name, or {LOG_IN}."
        case errors.RevisionNotFoundError():
            return f"{repo_id} does not have that revision: {page}/commits/main lists them."
        case errors.OfflineModeIsEnabled():
            return f"{page} was not asked, because HF_HUB_OFFLINE is set: unset it."
        case errors.LocalEntryNotFoundError():
            return (
                f"{repo_id} is not in the cache, and {endpoint} was not reached: try again with a "
                "network, without HF_HUB_OFFLINE and local_files_only."
            )
        case _ if type(error).__name__ in UNREACHED:
            return f"{endpoint} was not reached: try again with a network."
    return f"{repo_id}: {first_line(error)}"


def _without_password(address):
    """An address without the name and the password that may stand before its host."""
    parts = urllib.parse.urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _fetch(fetch, is_whole, seconds):
    """Calls a partial of one of the client's functions, with the network where it is needed."""
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError

    (repo_id,), options = fetch.args, fetch.keywords
    if COMMIT.fullmatch(options.get("revision") or "") and (path := _from_cache(fetch, is_whole)):
        return path

    def ask(headers):
        api = huggingface_hub.HfApi(token=options.get("token"), headers=headers)
        api.repo_info(repo_id, repo_type=options.get("repo_type"), timeout=TIMEOUT)

    try:
        guard.call(ask, seconds=10 * TIMEOUT)
    except (HfHubHTTPError, HubError):
        pass  # the download meets it again, and knows better what the cache can do
    except Exception as error:  # of the HTTP library: there is no network, or a slow server
        if type(error).__name__ != "ReadTimeout":
            return fetch(local_files_only=True)
        if path := _from_cache(fetch, is_whole):
            return path
    return guard.call(lambda headers: fetch(headers=headers), seconds)


def _from_cache(fetch, is_whole):
    """The path that one of the client's functions finds in its cache, or None if a part is lost."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        path = fetch(local_files_only=True)
    except LocalEntryNotFoundError:
        return None
    return path if is_whole is None or is_whole(path) else None
