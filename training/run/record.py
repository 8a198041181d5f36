"""`run.json`: what was asked for, and what has happened so far, as `keras_acai.zoo.schema.Run`."""

import datetime
import platform

from keras_acai import files
from keras_acai.zoo import schema

from .. import machine
from ..errors import RunError
from ..settings import completed


def read(path) -> schema.Run | None:
    """Returns the record of a run, None if the file is missing.

    Raises:
        RunError: for a file that is not the record of a run.
    """
    try:
        content = files.read_json(path)
        record = None if content is None else schema.Run.from_json(content)
    except ValueError as error:
        raise RunError(f"{path} is corrupt ({error}): use another --out.") from None
    if record and not (record.settings and record.data):
        raise RunError(f"{path} is not the record of a run: use another --out.")
    return record


def new(settings, data) -> schema.Run:
    """Returns the record of a run that begins.

    Args:
        settings: `Settings`.
        data: dict. Name and SHA-256 of the data.
    """
    return schema.Run(
        settings=settings.record(), data=schema.Data.from_json(data), images=0, sha256={}
    )


def check_same(folder, record, settings, data):
    """Checks that a run is resumed with its own settings and data.

    Raises:
        RunError: if not; the message names the first difference.
    """
    now = schema.Data.from_json(data).to_json()
    _check_equal(folder, completed(record.settings), settings.record(), "--{}")
    _check_equal(folder, record.data.to_json(), now, "data of {}")


def circumstances(images) -> schema.Start:
    """Returns what may change from one start of a run to the next.

    Args:
        images: int. Images of this run seen before this start.
    """
    import keras

    from keras_acai import backend

    return schema.Start(
        time=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        images=images,
        backend=keras.backend.backend(),
        device=backend.device_name() or machine.description(),
        git_commit=machine.git_commit(),
        python=platform.python_version(),
        versions=machine.versions(),
    )


def _check_equal(folder, before, now, wording):
    for key in sorted({*before, *now}):
        if before.get(key) != now.get(key):
            what = wording.format(key.replace("_", "-"))
            raise RunError(
                f"{folder} holds a run with {what} {before.get(key)}, and now it is "
                f"{now.get(key)}: use another --out, or the same settings."
            )
