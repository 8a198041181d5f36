"""The JSON files of a model's folder, read, checked and written.

`metrics.json` and `run.json` name the SHA-256 of the weights that they belong to; for other weights
they are ignored. Reading needs neither Keras nor a backend.
"""

import contextlib
import dataclasses
import pathlib

from keras_acai import files, presets
from keras_acai.errors import FolderError
from keras_acai.evaluation import paper
from keras_acai.zoo import untrusted
from keras_acai.zoo.schema import Config, Leg, Metrics, Run
from keras_acai.zoo.typed import quoted

CONFIG = "config.json"
METRICS = "metrics.json"
RUN = "run.json"
FORMAT = 2  # 1 had HDF5 files
LARGEST_JSON = 2**20  # bytes


def read_config(folder):
    """Reads and checks `config.json`.

    Returns:
        `Config`.

    Raises:
        FolderError: for a folder without one, and for one that this library cannot read.
    """
    folder = _settled(folder)
    content = _read_json(folder / CONFIG)
    if content is None:
        raise FolderError(_why_no_model(folder))
    if not _is_ours(content):
        raise FolderError(f"{folder / CONFIG} is corrupt, or does not describe a keras_acai model.")
    if content["format"] != FORMAT:
        raise FolderError(_why_not_read(folder, content["format"]))
    config = _parsed(Config, content, folder / CONFIG)
    try:
        config.check()
    except ValueError as error:
        raise FolderError(_corrupt(folder / CONFIG, error)) from None
    return config


def is_unfinished(folder):
    """Whether a folder is that of a training run that has not written a model yet."""
    folder = _settled(folder)
    return (folder / RUN).exists() and not (folder / CONFIG).exists()


def check_can_save(folder):
    """Refuses a folder whose `config.json` is that of another library.

    Raises:
        ValueError: for such a folder.
    """
    path = pathlib.Path(folder, CONFIG)
    with contextlib.suppress(FolderError):  # corrupt: it is replaced
        content = _read_json(path)
        if isinstance(content, dict) and not _is_ours(content):
            raise ValueError(f"{path} belongs to another program: save into another folder.")


def or_none(read, *arguments):
    """What a reader of this module returns; None for a corrupt file, too."""
    try:
        return read(*arguments)
    except FolderError:
        return None


def read_metrics(folder, config=None):
    """Reads `metrics.json`: a `Metrics`, or None without one that belongs to the weights.

    Raises:
        FolderError: for a folder without a model, and for a corrupt file.
    """
    return _of_weights(Metrics, METRICS, folder, config)


def read_run(folder, config=None):
    """Reads `run.json`: a `Run`, or None without one that belongs to the weights.

    Raises:
        FolderError: for a folder without a model, and for a corrupt file.
    """
    return _of_weights(Run, RUN, folder, config)


def read_all(folder):
    """Reads all three: (`Config`, `Metrics` or None, `Run` or None).

    Raises:
        FolderError: for a folder without a model, and for a corrupt file.
    """
    config = read_config(folder)
    return config, read_metrics(folder, config), read_run(folder, config)


def read_record(kind, path):
    """Reads a JSON file as a `Record`, whatever weights it belongs to; None if it is missing.

    Raises:
        FolderError: for a corrupt file.
    """
    content = _read_json(path)
    return None if content is None else _parsed(kind, content, path)


def write_record(path, record):
    """Writes a `Record` as JSON."""
    files.write_json(path, record.to_json())


def write_metrics(folder, metrics):
    """Writes `metrics.json`, tied to the weights that are in the folder.

    In a folder without a model, such as that of an unfinished run, it is tied to none.
    """
    folder = pathlib.Path(folder)
    weights = read_config(folder).sha256 if (folder / CONFIG).exists() else None
    write_record(folder / METRICS, dataclasses.replace(metrics, weights=weights))


def history_of(run):
    """The runs that trained a model, the first one first; the last is `run` itself."""
    legs = []
    while run is not None:
        legs.insert(0, run)
        run = run.before
    return legs


def leg_of(folder, name):
    """Returns the `Leg` of a trained model, for the run that begins with its weights.

    Args:
        folder: the model's.
        name: str. How it was asked for: a name, a folder or an address.
    """
    run = portable(read_run(folder) or Run())
    kept = ("settings", "data", "starts", "seconds", "note", "before")
    return Leg(
        start=portable_name(name),
        images=run.images or 0,
        sha256=dict(read_config(folder).sha256),
        **{key: getattr(run, key) for key in kept},
    )


def preset_of(run, config=None):
    """The `Preset` that a `Run` trained; None for other data or sizes, and without a run.

    All runs of its history must be on the preset's data.

    Args:
        run: `Run`, or None. Its name says which preset it may be.
        config: `Config` of the model, which has to be of the preset's class and sizes, whatever the
            run says. Defaults to None: no model yet.
    """
    name = run.settings.get("name", "") if run else ""
    preset = presets.get(name) if presets.exists(name) else None
    if preset is None or {leg.data_name for leg in history_of(run)} != {preset.dataset}:
        return None
    if config is not None and config.class_name != preset.class_name:
        return None
    recorded = run.settings if config is None else config.arguments
    return preset if _has(recorded, preset.arguments) else None


def _has(recorded, arguments):
    """Whether recorded values, if they are there, are these arguments."""
    values = {name: recorded.get(name, value) for name, value in arguments.items()}
    return arguments == {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }


def are_of(metrics, preset):
    """Whether `Metrics` are on the data of a `presets.Preset`; False where one of them is None."""
    return None not in (metrics, preset) and metrics.data_name == preset.dataset


def comparable_figures(metrics, preset):
    """The paper's figures to print beside `Metrics`: those of the same data set, if it was whole.

    Args:
        metrics: `Metrics`, or None.
        preset: `presets.Preset`, or None.
    """
    if metrics is None:
        return {}
    return paper.comparable_figures(preset, metrics.data_name, metrics.counts)


def portable(run):
    """A `Leg` without paths that exist on this machine only: those of its data and its start."""
    settings = dict(run.settings)
    if "data" in settings:
        settings["data"] = pathlib.PurePath(settings["data"]).name
    if "start" in settings:
        settings["start"] = portable_name(settings["start"])
    return dataclasses.replace(run, settings=settings)


def portable_name(name):
    """A folder or a model's name as it was typed; of an absolute path, the last part."""
    path = pathlib.PurePath(name)
    return path.name if path.is_absolute() else str(name)


def _settled(folder):
    """The path of a folder, in which a killed `files.atomic_write_together` is completed."""
    with contextlib.suppress(OSError):  # such as a folder that is read-only
        files.settle(folder)
    return pathlib.Path(folder)


def _is_ours(content):
    """Whether the content of a `config.json` looks like that of a `Config`."""
    return isinstance(content, dict) and {"format", "class", "sha256"} <= set(content)


def _of_weights(kind, name, folder, config):
    config = config or read_config(folder)
    content = _read_json(pathlib.Path(folder, name))
    if not isinstance(content, dict) or content.get("weights") != config.sha256:
        return None
    return _parsed(kind, content, pathlib.Path(folder, name))


def _parsed(kind, content, path):
    try:
        return kind.from_json(content)
    except (ValueError, RecursionError) as error:
        raise FolderError(_corrupt(path, error)) from None


def _read_json(path):
    """The content of a JSON file; None if it is missing."""
    path = pathlib.Path(path)
    untrusted.check_place(path)
    if not path.exists():
        return None
    if path.stat().st_size > LARGEST_JSON:
        raise FolderError(_corrupt(path, f"more than {LARGEST_JSON:,} bytes"))
    try:
        return files.read_json(path)
    except ValueError as error:
        raise FolderError(_corrupt(path, error)) from None


def _why_not_read(folder, number):
    if number == 1:
        return (
            f"{folder} has format 1, with weights as HDF5, which keras_acai no longer reads: "
            "download the model again, or train it again."
        )
    return (
        f"{folder} has format {quoted(number)}, this keras_acai reads {FORMAT}: "
        "pip install --upgrade keras-acai."
    )


def _corrupt(path, why):
    return f"{path} is corrupt ({why}): download it again."


def _why_no_model(folder):
    if not folder.is_dir():
        return f"{folder} does not exist: pass a folder written by save_pretrained, or a name."
    if is_unfinished(folder):
        return f"{folder} is an unfinished run: rerun the same command to resume it."
    return f"{folder} has no {CONFIG}: pass a folder written by save_pretrained."
