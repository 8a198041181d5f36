"""What can go wrong between a name and a model; every message says what to do."""


class LoadError(RuntimeError):
    """A model cannot be had."""


class FolderError(LoadError):
    """A folder holds no model, or one that cannot be trusted."""


class HubError(LoadError):
    """The Hugging Face Hub, or the cache of what came from there, does not give a model."""


class DatasetError(RuntimeError):
    """A data set is not in the cache and cannot be prepared."""


def first_line(error, limit=200):
    """What an error says, for a message of one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:limit]
