"""Errors of loading models and data; every message says what to do."""


class KerasAcaiError(RuntimeError):
    """The base of all other errors of this package: commands report them in one line."""


class LoadError(KerasAcaiError):
    """A model cannot be loaded."""


class FolderError(LoadError):
    """A folder does not hold a model, or holds one that cannot be trusted."""


class HubError(LoadError):
    """A model cannot be loaded from the Hugging Face Hub or its cache."""


class UnknownModelError(LoadError, ValueError):
    """There is no model of that name."""


class DatasetError(KerasAcaiError):
    """A data set is not in the cache and cannot be prepared."""


class PictureError(DatasetError, ValueError):
    """A file or a folder holds no picture that can be read."""


FRAMEWORKS = ("jax", "tensorflow", "torch")


def why_no_backend(error):
    """What to do about an `ImportError` of Keras's backend; None for that of another module."""
    framework = (error.name or "").partition(".")[0]
    if framework not in FRAMEWORKS:
        return None
    return (
        f"Keras is set to run on {framework} (KERAS_BACKEND, or ~/.keras/keras.json), which is not "
        f"installed: pip install {framework}, or set KERAS_BACKEND to another one."
    )


def first_line(error, limit=200):
    """The first line of an error's message, for messages of one line."""
    return printable((str(error).strip().splitlines() or [type(error).__name__])[0], limit)


def printable(text, limit=200):
    """Text of a file or a server for a terminal: one line, without control characters, cut short.

    Terminals obey escape characters, and marks of writing direction reorder a line.
    """
    line = " ".join(str(text).split())
    line = "".join(sign if sign.isprintable() else "�" for sign in line)
    return line if len(line) <= limit else f"{line[:limit]}…"
