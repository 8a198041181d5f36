"""Scores and records that a loaded model keeps, as long as its weights stay as they are."""

import dataclasses

from keras_acai.errors import FolderError
from keras_acai.zoo import records, weights


@dataclasses.dataclass(frozen=True)
class Provenance:
    """What a model was loaded with.

    Attributes:
        networks: tuple of str. The attributes whose weights were read.
        fingerprint: str. Of these weights.
        metrics: `Metrics`, or None.
        run: `Run`, or None.
    """

    networks: tuple[str, ...]
    fingerprint: str
    metrics: records.Metrics | None
    run: records.Run | None


def attach(model, networks, folder, config):
    """Remembers the scores and the record of the folder that a model was loaded from.

    A model without its probe has no score of it. Corrupt files count as missing.

    Args:
        networks: list of str. The attributes whose weights were read.
        config: `Config` of the folder.
    """
    metrics, run = (
        _or_none(read, folder, config) for read in (records.read_metrics, records.read_run)
    )
    if metrics and model.probe is None:
        scores = {name: one for name, one in metrics.scores.items() if name != "joint_probe"}
        metrics = dataclasses.replace(metrics, scores=scores)
    networks = tuple(networks)
    model._provenance = Provenance(networks, _fingerprint(model, networks), metrics, run)


def of(model, dtype):
    """Returns (`Metrics` or None, `Run` or None) of a model that is saved with weights of a dtype.

    Both are None once its weights have changed, and scores where the dtype rounds them.
    """
    known = getattr(model, "_provenance", None)
    if known is None or _fingerprint(model, known.networks) != known.fingerprint:
        return None, None
    is_exact = _fingerprint(model, known.networks, dtype) == known.fingerprint
    return known.metrics if is_exact else None, known.run


def _fingerprint(model, networks, dtype="float32"):
    return weights.fingerprint([getattr(model, name) for name in networks], dtype)


def _or_none(read, *arguments):
    try:
        return read(*arguments)
    except FolderError:
        return None
