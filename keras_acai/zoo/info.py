"""Facts about a model, without loading it, Keras or a backend."""

import dataclasses
import pathlib
from typing import Any

from keras_acai import presets
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.errors import HubError
from keras_acai.evaluation import paper
from keras_acai.zoo import records, terms


@dataclasses.dataclass(frozen=True, kw_only=True)
class Info:
    """Facts about a model. Printing it, or passing it to Rich, shows a table.

    Attributes:
        name: str. As it was asked for.
        preset: `presets.Preset` of that name, or that the folder's model was trained for; or None.
        where: "installed", "hub", "checkout" for weights that pip does not install, "folder", "run"
            for an unfinished one, or None for a name that is not trained yet.
        class_name: str. The model's class; None for an unfinished run of no preset.
        image_shape: tuple (height, width, channels), or None if unknown.
        code_shape: tuple (height, width, channels), or None if unknown.
        data: str. What it was trained on, or None.
        scores: dict. Score → ours; empty if unknown.
        paper: dict. Score → the paper's (mean, standard deviation or None).
        images: int. Images seen in training, or None.
        recipe: str. "fast", "paper", or None.
        licence: str. "apache-2.0" or "research-only", or None if unknown.
        terms: str. The terms of use in words, or None if unknown.
        repo_id, revision: str. On the Hub, or None.
        sha256: dict. File → SHA-256; empty for an untrained model.
    """

    name: str
    preset: presets.Preset | None = None
    where: str | None = None
    class_name: str | None = None
    image_shape: tuple | None = None
    code_shape: tuple | None = None
    data: str | None = None
    scores: dict = dataclasses.field(default_factory=dict)
    paper: dict = dataclasses.field(default_factory=dict)
    images: int | None = None
    recipe: str | None = None
    licence: str | None = None
    terms: str | None = None
    repo_id: str | None = None
    revision: str | None = None
    sha256: dict = dataclasses.field(default_factory=dict)

    def as_dict(self):
        """The facts as values of JSON, with the preset's name."""
        preset = self.preset.name if self.preset else None
        return dataclasses.asdict(dataclasses.replace(self, preset=None)) | {"preset": preset}

    def __rich__(self):
        from keras_acai.zoo import tables

        return tables.info_table(self)

    def __repr__(self):
        from keras_acai.zoo import tables

        return tables.as_text(self)


def info(name_or_path):
    """Returns the facts about a model that this machine holds, as an `Info`.

    Args:
        name_or_path: a name of `list_models`, the folder of a model or of a training run, or
            "hf://owner/name" for a model that has been downloaded.

    Raises:
        ValueError: for an unknown name; the message suggests close ones.
        keras_acai.LoadError: for an unknown name, for a model whose files are corrupt, and for a
            folder without a model or a run.
    """
    if str(name_or_path).startswith("hf://"):
        return _of_download(name_or_path)
    if presets.is_path(name_or_path):
        return _of_folder(str(name_or_path), pathlib.Path(name_or_path))
    return _of_preset(presets.get(name_or_path))


def _of_download(address):
    """The facts about a model in the Hub's cache."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    from keras_acai.zoo import pretrained

    try:
        folder = pretrained.find(address, local_files_only=True, players=False)
    except HubError as error:
        if isinstance(error.__cause__, LocalEntryNotFoundError):
            raise HubError(f"{address} was not downloaded: `keras-acai load {address}`.") from error
        raise
    repo_id, _, _ = address.removeprefix(pretrained.HUB).partition("@")
    found = _of_folder(address, folder)
    return dataclasses.replace(found, where="hub", repo_id=repo_id, revision=folder.name)


def _of_preset(preset):
    dataset = DATASETS[preset.dataset]
    facts: dict[str, Any] = _sizes(preset.arguments) | {
        "class_name": preset.class_name,
        "data": dataset.title,
        "licence": dataset.licence,
        "terms": dataset.terms,
        "paper": paper.figures(preset),
        "where": _where(preset),
    }
    facts |= _of_recorded(preset) or _of_published(preset)
    pins = preset.published.sha256 if preset.published else {}
    if pins and facts["sha256"].items() <= pins.items():
        facts |= {"repo_id": preset.published.repo_id, "revision": preset.published.revision}
    return Info(name=preset.name, preset=preset, **facts)


def _where(preset):
    if preset.shipped:
        return "installed"
    return "hub" if preset.published else "checkout" if preset.recorded else None


def _of_recorded(preset) -> dict[str, Any]:
    if preset.recorded is None:
        return {}
    config, metrics, run = records.read_all(preset.recorded)
    if not records.are_of(metrics, preset):
        metrics = None
    compares = {"paper": records.comparable_figures(metrics, preset)} if metrics else {}
    facts = _of_records(metrics, run) | compares | {"sha256": config.sha256}
    return facts | (_of_data(run) if run and run.data_name else {})


def _of_published(preset) -> dict[str, Any]:
    if preset.published is None:
        return {}
    entry = preset.published
    return {
        "scores": entry.scores,
        "paper": paper.comparable_figures(preset, preset.dataset, entry.counts),
        "images": entry.images,
        "sha256": entry.sha256,
    }


def _of_folder(name, folder):
    """The facts about the folder of a model, or of a run that has none yet."""
    if records.is_unfinished(folder):
        run = records.read_record(records.Run, folder / records.RUN)
        preset = records.preset_of(run)
        facts = _of_data(run) | _of_records(None, run)
        facts |= _sizes(preset.arguments) if preset else {}
        class_name = preset.class_name if preset else None
        return Info(name=name, preset=preset, where="run", class_name=class_name, **facts)
    config, metrics, run = records.read_all(folder)
    preset = records.preset_of(run, config)
    facts = _sizes(config.arguments) | _of_data(run) | _of_records(metrics, run)
    return Info(
        name=name,
        preset=preset,
        where="folder",
        class_name=config.class_name,
        paper=records.comparable_figures(metrics, preset),
        sha256=config.sha256,
        **facts,
    )


def _of_records(metrics, run) -> dict[str, Any]:
    return {
        "scores": metrics.scores if metrics else {},
        "images": run.images if run else None,
        "recipe": run.settings.get("recipe") if run else None,
    }


def _of_data(run) -> dict[str, Any]:
    """What a `Run` was trained on, and the terms that follow."""
    name = run.data_name if run else None
    licence, found = terms.of(run)
    title = DATASETS[name].title if name in DATASETS else name
    return {"data": title, "licence": licence, "terms": found}


def _sizes(arguments) -> dict[str, Any]:
    """The shapes of images and codes by the arguments of a model; nothing for odd ones."""
    try:
        height, width, channels = arguments["image_shape"]
        columns, depth = arguments["latent_width"], arguments["latent_channels"]
        code_shape = (height * columns // width, columns, depth)
        return {"image_shape": (height, width, channels), "code_shape": code_shape}
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return {}
