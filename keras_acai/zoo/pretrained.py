"""From a name to a trained model: `load`, and what there is to know of one before: `info`."""

import dataclasses
import os
import pathlib
import re

from keras_acai import presets
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.errors import LoadError
from keras_acai.evaluation import paper
from keras_acai.zoo import folders, hub, records

HUB = "hf://"
REPO_ID = r"[\w.-]+/[\w.-]+"


def load(
    name_or_path,
    *,
    revision=None,
    token=None,
    cache_dir=None,
    local_files_only=False,
    players=True,
    trainable=True,
    dtype=None,
):
    """A trained model, on whatever backend Keras runs.

    A name is looked for in what is installed, in the cache of the Hugging Face Hub and on the Hub,
    where published models are pinned to a commit and a SHA-256.

    Args:
        name_or_path: a name of `list_models` such as "acai-mnist"; "hf://owner/name" or
            "hf://owner/name@revision" for anybody's model on the Hub; or the folder of
            `save_pretrained`, or of a run.
        revision: str. A branch, tag or commit on the Hub instead of the pinned one.
        token: str. Of the Hub, for private and gated models. Defaults to `HF_TOKEN`, or that of
            `hf auth login`.
        cache_dir: path. Defaults to the Hub's own (`HF_HOME`).
        local_files_only: bool. Whether to stay off the network, as `HF_HUB_OFFLINE=1` does.
            Defaults to False.
        players: bool. Whether to bring the critic and the probe, for `classify` and to go on
            training. Without them the model has no probe and a critic that has learnt nothing.
            Defaults to True.
        trainable: bool. False freezes the weights, for use inside other models. Defaults to True.
        dtype: str. What to compute with: "float32", "mixed_bfloat16" … Defaults to what the model
            was saved with, float32 for all that ship.

    Returns:
        A model of `keras_acai`, not compiled.

    Raises:
        ValueError: for a name that does not exist, with those that are close; for another dtype.
        keras_acai.LoadError: when the model cannot be had, or is not what was published; the
            message says why and what to do.

    Example:

    ```python
    model = keras_acai.load("acai-mnist")
    model = keras_acai.load("runs/acai-lines-fast-0")
    model = keras_acai.load("hf://somebody/acai-flowers@v1", token="hf_…")
    ```
    """
    how = {"token": token, "cache_dir": cache_dir, "local_files_only": local_files_only}
    folder = find(name_or_path, revision, players=players, **how)
    model = folders.load(folder, players, dtype)
    if not trainable:
        model.trainable = False
    return model


def find(name_or_path, revision=None, **how):
    """The folder of a model, installed, fetched, or the path itself.

    Takes the arguments of `load` and `hub.fetch`, and raises what `load` raises.
    """
    if isinstance(name_or_path, str) and name_or_path.startswith(HUB):
        return hub.fetch(*_parse(name_or_path, revision), **how)
    if _is_folder(name_or_path):
        return _folder(name_or_path, revision)
    preset = presets.get(name_or_path)
    if revision is None and preset.shipped:
        return preset.shipped
    if preset.published is None:
        raise LoadError(_unpublished(preset, revision))
    published = preset.published
    if revision not in (None, published.revision):
        return hub.fetch(published.repo_id, revision, **how)
    return hub.fetch(published.repo_id, published.revision, sha256=published.sha256, **how)


@dataclasses.dataclass(frozen=True)
class Info:
    """What is known of a name. Printing it, or giving it to Rich, shows a table.

    Attributes:
        preset: `presets.Preset`, the sizes.
        where: "installed", "hub", or None for a model that nobody has trained yet.
        scores: dict. Score → our figure; empty where there is none.
        paper: dict. Score → the paper's (mean, standard deviation or None).
        images: int. Those seen in training, or None.
        recipe: str. "fast", "paper", or None.
        terms: str. What the model may be used for.
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

        return tables.info(self)

    def __str__(self):
        from keras_acai.zoo import tables

        return tables.as_text(self)


def info(name):
    """What is known of a name of `list_models`, from what is on this machine: an `Info`.

    Raises:
        ValueError: for a name that does not exist, with those that are close.
        keras_acai.LoadError: for one that is installed, and damaged.
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
    is_of = metrics is not None and metrics.data_name == preset.dataset
    return {
        "scores": metrics.scores if is_of else {},
        "paper": records.comparable_figures(metrics, preset) if is_of else paper.figures(preset),
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


def _parse(name, revision):
    """("owner/name", revision) of "hf://owner/name[@revision]"."""
    repo_id, _, written = name.removeprefix(HUB).partition("@")
    if revision and written and revision != written:
        raise ValueError(f"{name} and revision={revision!r} disagree: give one of them.")
    if not re.fullmatch(REPO_ID, repo_id):
        raise ValueError(
            f"{name} names no model: write hf://owner/name, or hf://owner/name@revision."
        )
    return repo_id, revision or written or None


def _is_folder(name):
    """Whether a path is meant: a path object, a text with a slash, or no name but a folder."""
    if isinstance(name, os.PathLike):
        return True
    if not isinstance(name, str) or presets.exists(name):
        return False
    return "/" in name or os.sep in name or os.path.isdir(name)


def _folder(path, revision):
    if revision is not None:
        raise ValueError(f"{path} is a folder and has no revision: leave it out.")
    if not os.path.isdir(path) and re.fullmatch(REPO_ID, str(path)):
        raise LoadError(f"There is no folder {path}: write hf://{path} for the Hub's model.")
    return pathlib.Path(path)


def _unpublished(preset, revision):
    """Why the Hub is not asked, and what to do."""
    if preset.shipped:
        return f"{preset.name} is not on the Hub, so it has no revision {revision!r}: leave it out."
    if presets.checkout() is None:
        return (
            f"{preset.name} is not among the models that pip brings, nor on the Hub. A checkout "
            f"holds in weights/ all that were trained; there, load('weights/{preset.name}') gives "
            f"it, or `python -m training.train {preset.name}` trains it."
        )
    return (
        f"{preset.name} is a cell of the paper's tables that nobody has trained and published yet. "
        f"Train it in a checkout with `python -m training.train {preset.name}`, then "
        f"load('runs/{preset.name}-fast-0'); list_models(trained=True) gives those that are there."
    )
