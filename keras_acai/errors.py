"""Errors of loading models and data; every message says what to do."""


class LoadError(RuntimeError):
    """A model cannot be loaded."""


class FolderError(LoadError):
    """A folder does not hold a model, or holds one that cannot be trusted."""


class HubError(LoadError):
    """A model cannot be loaded from the Hugging Face Hub or its cache."""


class DatasetError(RuntimeError):
    """A data set is not in the cache and cannot be prepared."""


def first_line(error, limit=200):
    """The first line of an error's message, for messages of one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:limit]
