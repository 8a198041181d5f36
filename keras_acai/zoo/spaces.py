"""Pages of `keras_acai.page` to the Hugging Face Hub, as static Spaces."""

import glob
import pathlib

from keras_acai.errors import FolderError, HubError
from keras_acai.hub import client

INDEX = "index.html"
CARD = "README.md"


def plan(folder, repo_id):
    """Returns the files that `publish` uploads: name in the Space → path.

    Raises:
        keras_acai.LoadError: for a folder that does not hold a page, and for a bad `repo_id`.
    """
    client.check_repo_id(repo_id)
    folder = pathlib.Path(folder)
    card = folder / CARD
    if not (folder / INDEX).is_file() or not card.is_file():
        raise FolderError(f"{folder} does not hold a page: write one by keras-acai app.")
    if "\nsdk: static\n" not in card.read_text("utf-8"):
        raise FolderError(f"{card} does not describe a Space of sdk: static.")
    paths = {path.relative_to(folder): path for path in folder.rglob("*")}
    return {
        name.as_posix(): path
        for name, path in paths.items()
        if path.is_file() and not path.is_symlink() and not _is_hidden(name)
    }


def _is_hidden(path):
    return any(part.startswith(".") for part in path.parts)


def publish(folder, repo_id, *, private=None, revision=None, token=None):
    """Uploads a page as one commit. Files of an older page are deleted.

    Args:
        folder: path, written by `keras_acai.page.build`.
        repo_id: str. "owner/name" of the Space, which is created if missing.
        private, revision, token: as for `keras_acai.publish`.

    Returns:
        str. The address of the Space.

    Raises:
        keras_acai.LoadError: for a folder that does not hold a page, and when the Hub refuses.
    """
    import huggingface_hub

    names = plan(folder, repo_id)
    api = huggingface_hub.HfApi(token=client.clean(token), library_name="keras_acai")
    space = {"repo_id": repo_id, "repo_type": "space"}
    try:
        url = api.create_repo(**space, space_sdk="static", private=private, exist_ok=True)
        if revision is not None:
            api.create_branch(**space, branch=revision, exist_ok=True)
        api.upload_folder(
            **space,
            folder_path=folder,
            allow_patterns=[glob.escape(name) for name in sorted(names)],
            delete_patterns="*",
            revision=revision,
            commit_message="Upload a page with keras_acai",
        )
    except Exception as error:  # the client's own, and those of its HTTP library
        raise HubError(client.explain(error, repo_id)) from error
    return str(url)
