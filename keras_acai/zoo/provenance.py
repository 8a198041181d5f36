"""Scores and records that a loaded model keeps, as long as its weights stay as they are."""

import dataclasses

import keras

from keras_acai import presets
from keras_acai.errors import printable
from keras_acai.evaluation import paper
from keras_acai.zoo import records, weights


@dataclasses.dataclass(frozen=True)
class Provenance:
    """What a model was loaded with.

    Attributes:
        networks: tuple of str. The attributes whose weights were read.
        fingerprint: str. Of these weights.
        left_out: dict. Attributes whose weights were not read → fingerprint of the initial ones.
        sha256: dict. Of the weights files in the folder.
        metrics: `Metrics`, or None.
        run: `Run`, or None.
        preset: `presets.Preset` that it is, or None.
    """

    networks: tuple[str, ...]
    fingerprint: str
    left_out: dict[str, str]
    sha256: dict[str, str]
    metrics: records.Metrics | None
    run: records.Run | None
    preset: presets.Preset | None


def attach(model, networks, left_out, folder, config):
    """Remembers the scores and the record of the folder that a model was loaded from.

    A model without its probe has no score of it, and one whose dtype rounds weights has none at
    all. Corrupt files count as missing.

    Args:
        networks, left_out: lists of str. The attributes whose weights were read, and were not.
        config: `Config` of the folder.
    """
    metrics, run = (
        records.or_none(read, folder, config) for read in (records.read_metrics, records.read_run)
    )
    saved_dtype = keras.dtype_policies.get(config.arguments.get("dtype", "float32"))
    if model.variable_dtype not in ("float32", "float64", saved_dtype.variable_dtype):
        metrics = None
    if metrics and model.probe is None:
        scores = {name: one for name, one in metrics.scores.items() if name != "joint_probe"}
        metrics = dataclasses.replace(metrics, scores=scores)
    model.provenance = Provenance(
        networks=tuple(networks),
        fingerprint=_fingerprint(model, networks),
        left_out={name: _fingerprint(model, [name]) for name in left_out},
        sha256=dict(config.sha256),
        metrics=metrics,
        run=run,
        preset=records.preset_of(run, config),
    )


def check_trained(model, networks):
    """Refuses networks that `load` left out and that were not trained since.

    Args:
        networks: names of attributes.

    Raises:
        ValueError: if one of them still has its initial weights.
    """
    left_out = model.provenance.left_out if model.provenance else {}
    for name, initial in left_out.items():
        if name in networks and _fingerprint(model, [name]) == initial:
            raise ValueError(
                f"the {name} is untrained, because the model was loaded with players=False: load "
                "it without that."
            )


def check_kept(model, folder, before, after):
    """Refuses to delete the players of a folder that a model was loaded from without them.

    Args:
        before, after: dicts of weights file → SHA-256. The folder's, and those about to be saved.

    Raises:
        ValueError: if players would be lost.
    """
    known = model.provenance
    if known and known.sha256 == before and set(before) - set(after):
        raise ValueError(
            f"{folder} has players, such as a probe, that load(…, players=False) left out: save "
            "into another folder, or load it without that."
        )


def of(model, dtype):
    """Returns (`Metrics` or None, `Run` or None) of a model that is saved with weights of a dtype.

    Both are None once its weights have changed, and scores where the dtype rounds them.
    """
    known = model.provenance
    if known is None or _fingerprint(model, known.networks) != known.fingerprint:
        return None, None
    is_exact = dtype == "float32" or _fingerprint(model, known.networks, dtype) == known.fingerprint
    return known.metrics if is_exact else None, known.run


def describe(model):
    """Returns a model in one line: sizes, and what it was trained on and scored if it was loaded.

    The scores are those that it was loaded with: training it further does not change the line.
    """
    known = model.provenance
    metrics, run, preset = (known.metrics, known.run, known.preset) if known else (None,) * 3
    facts = [
        f"images {_shape(model.image_shape)}, codes {_shape(model.code_shape)}",
        f"{model.count_params():,} weights",
        f"trained on {printable(run.data_name, 40)}" if run and run.data_name else None,
    ]
    if metrics:
        facts += [paper.describe_score(*each) for each in list(metrics.scores.items())[:4]]
    name = f" {preset.name}" if preset else ""
    return f"<{type(model).__name__}{name}: {printable(', '.join(filter(None, facts)), 300)}>"


def _shape(sides):
    return "×".join(map(str, sides))


def _fingerprint(model, networks, dtype="float32"):
    return weights.fingerprint([getattr(model, name) for name in networks], dtype)
