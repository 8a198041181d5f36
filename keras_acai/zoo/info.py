"""Facts about a model's name, without loading the model, Keras or a backend."""

import dataclasses

from keras_acai import presets
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.evaluation import paper
from keras_acai.zoo import records


@dataclasses.dataclass(frozen=True)
class Info:
    """Facts about a name. Printing it, or passing it to Rich, shows a table.

    Attributes:
        preset: `presets.Preset`, the sizes.
        where: "installed", "hub", or None for a model that is not trained yet.
        scores: dict. Score → ours; empty if unknown.
        paper: dict. Score → the paper's (mean, standard deviation or None).
        images: int. Images seen in training, or None.
        recipe: str. "fast", "paper", or None.
        terms: str. The terms of use.
        repo_id, revision: str. On the Hub, or None.
        sha256: dict. File → SHA-256; empty for an untrained model.
    """

    preset: presets.Preset
    where: str | None
    scores: dict
    paper: dict
    images: int | None
    recipe: str | None
    terms: str
    repo_id: str | None
    revision: str | None
    sha256: dict

    @property
    def name(self):
        return self.preset.name

    def __rich__(self):
        from keras_acai.zoo import tables

        return tables.info_table(self)

    def __str__(self):
        from keras_acai.zoo import tables

        return tables.as_text(self)


def info(name):
    """Returns the facts about a name of `list_models` that this machine holds, as an `Info`.

    Raises:
        ValueError: for an unknown name; the message suggests close ones.
        keras_acai.LoadError: for an installed model whose files are corrupt.
    """
    preset = presets.get(name)
    known = _of_shipped(preset) or _of_published(preset)
    where = "installed" if preset.shipped else "hub" if preset.published else None
    figures = {"scores": {}, "paper": paper.figures(preset)}
    return Info(
        preset=preset,
        where=where,
        terms=DATASETS[preset.dataset].terms,
        repo_id=preset.published.repo_id if preset.published else None,
        revision=preset.published.revision if preset.published else None,
        **{"images": None, "recipe": None, "sha256": {}, **figures, **known},
    )


def _of_shipped(preset):
    if preset.shipped is None:
        return {}
    config, metrics, run = records.read_all(preset.shipped)
    if metrics and metrics.data_name != preset.dataset:
        metrics = None
    return {
        "scores": metrics.scores if metrics else {},
        "paper": records.comparable_figures(metrics, preset) if metrics else paper.figures(preset),
        "images": run.images if run else None,
        "recipe": run.settings.get("recipe") if run else None,
        "sha256": config.sha256,
    }


def _of_published(preset):
    if preset.published is None:
        return {}
    entry = preset.published
    return {
        "scores": entry.scores,
        "paper": paper.comparable_figures(preset, preset.dataset, entry.counts),
        "images": entry.images,
        "sha256": entry.sha256,
    }
