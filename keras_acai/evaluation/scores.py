"""The scores of a model: quick ones while it trains, the paper's when it is trained.

Each score is a function of a `Subject` that returns a dict of numbers, empty where it does not
apply; the train loop and the commands know none of them by name.
"""

import dataclasses
import functools

import numpy as np

from keras_acai import evaluation, plotting
from keras_acai.datasets import Splits
from keras_acai.datasets.catalogue import DATASETS

QUICK = 1000  # test images that are looked at while a model trains
ROWS, STEPS = 6, 12


@dataclasses.dataclass
class Subject:
    """A model and the data that it is scored on, with the codes that several scores need.

    Args:
        model: a model of `keras_acai`.
        data: `datasets.Splits`.
        n_init: int. Starts of k-means.
    """

    model: object
    data: Splits
    n_init: int = 1000

    @property
    def is_lines(self):
        return self.data.name == "lines"

    @property
    def has_classes(self):
        """Whether images are labelled, by more than an angle."""
        y = self.data.train[1]
        return y is not None and y.ndim == 1 and not self.is_lines and len(np.unique(y)) > 1

    @functools.cached_property
    def codes(self):
        """(train, test), float32 (n, code size)."""
        return tuple(
            self.model.features(x, verbose=0) for x, _ in (self.data.train, self.data.test)
        )


def lines(subject):
    """Section 3.2."""
    if not subject.is_lines:
        return {}
    score = evaluation.lines_score(subject.model)
    return {"mean_distance": score.mean_distance, "smoothness": score.smoothness}


def reconstruction(subject):
    """In grey levels of 255, on the test images."""
    return {"rmse": evaluation.reconstruction_rmse(subject.model, subject.data.test[0])}


def joint_probe(subject):
    """Section 4, table 2."""
    if not subject.has_classes or subject.model.probe is None:
        return {}
    return {"joint_probe": evaluation.joint_probe(subject.model, *subject.data.test)}


def linear_probe(subject):
    """A classifier on frozen codes."""
    if not subject.has_classes:
        return {}
    (train, test), (_, y), (_, y_test) = subject.codes, subject.data.train, subject.data.test
    return {"linear_probe": evaluation.linear_probe(train, y, test, y_test)}


def clustering(subject):
    """Section 4, table 3."""
    if not subject.has_classes or len(subject.codes[0]) < len(np.unique(subject.data.test[1])):
        return {}
    accuracy = evaluation.clustering(*subject.codes, subject.data.test[1], subject.n_init)
    return {"clustering": accuracy}


QUICK_ONES = (lines, reconstruction, joint_probe)
ALL = (lines, reconstruction, joint_probe, linear_probe, clustering)


def quick(model, data):
    """Scores that take seconds, on a part of the test images, named `test_…`."""
    x, y = data.test
    few = dataclasses.replace(data, test=(x[:QUICK], None if y is None else y[:QUICK]))
    subject = Subject(model, few)
    return {f"test_{key}": value for one in QUICK_ONES for key, value in one(subject).items()}


def paper(model, data, n_init, report=print):
    """Every score that applies, by name; `report` hears of each as it is known."""
    subject, results = Subject(model, data, n_init), {}
    for one in ALL:
        for name, value in one(subject).items():
            results[name] = value
            report(name, value)
    return results


def pictures(model, data):
    """Strips of interpolations and reconstructions of test images, as Matplotlib figures.

    Of images that may not be passed on, strips alone: all pictures in them are the model's.
    """
    some = data.test[0][: 2 * ROWS]
    rows = (len(some) + 1) // 2
    a, b = some[:rows], some[-rows:]
    if data.name in DATASETS and not DATASETS[data.name].may_be_shown:
        return {"interpolations": plotting.interpolations(model.interpolate(a, b, STEPS))}
    return {
        "interpolations": plotting.interpolations(model.interpolate(a, b, STEPS), a, b),
        "reconstructions": plotting.reconstructions(some, model.decode(model.encode(some))),
    }
