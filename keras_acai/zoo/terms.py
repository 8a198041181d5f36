"""The licence and the terms of weights: those of the data of all runs that trained them."""

from keras_acai.datasets.catalogue import DATASETS
from keras_acai.zoo import records


def of(run):
    """Returns (licence, terms): as in `Info`, str or None each, of the weights of a `Run` or None.

    A run that began with the weights of another one has the terms of both.
    """
    names = sorted({leg.data_name or "" for leg in records.history_of(run)})
    known = [DATASETS[name] for name in names if name in DATASETS]
    licences = {DATASETS[name].licence if name in DATASETS else None for name in names}
    return narrowest(licences), " ".join(dict.fromkeys(each.terms for each in known)) or None


def narrowest(licences):
    """Returns the licence of several things together; None if their owner has to choose."""
    if "research-only" in licences:
        return "research-only"
    return "apache-2.0" if licences == {"apache-2.0"} else None
