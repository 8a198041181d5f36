"""Scores of a model: quick ones during training, the paper's afterwards.

Each score is a function of a `Subject` that returns a dict of numbers, which is empty where the
score does not apply. The training loop and the commands do not know any score by name.
"""

import dataclasses
import functools

import numpy as np

from keras_acai import evaluation, plotting
from keras_acai.datasets import Splits
from keras_acai.datasets.catalogue import may_be_shown

QUICK_IMAGES = 1000  # test images that are scored during training
ROWS, STEPS = 6, 12  # of the pictures
OF_MEANS = "_of_means"  # ends the names of a VAE's scores by posterior means


@dataclasses.dataclass
class Subject:
    """A model, the data that it is scored on, and their codes.

    Args:
        model: a model of `keras_acai`.
        data: `datasets.Splits`.
        n_init: int. Number of k-means restarts. Defaults to the paper's 1000.
    """

    model: object
    data: Splits
    n_init: int = 1000

    @property
    def is_lines(self):
        """Whether the data are lines, whose interpolations can be scored."""
        return self.data.name == "lines"

    @property
    def has_classes(self):
        """Whether images belong to classes, other than the angles of lines."""
        labels = [y for _, y in (self.data.train, self.data.test)]
        if self.is_lines or any(y is None or y.ndim > 1 for y in labels):
            return False
        return len(np.unique(labels[0])) > 1

    @functools.cached_property
    def codes(self):
        """Latent codes (train, test), float32 (n, code size)."""
        return tuple(
            self.model.features(x, verbose=0) for x, _ in (self.data.train, self.data.test)
        )

    @property
    def paper_codes(self):
        """The codes that the authors score, (train, test), float32 (n, code size)."""
        if not self.model.samples_codes:
            return self.codes
        both = enumerate((self.data.train, self.data.test))
        return tuple(self.model.paper_codes(x, seed=i).reshape(len(x), -1) for i, (x, _) in both)


def score_lines(subject):
    """Scores interpolations between lines (section 3.2), a VAE's by samples and by means."""
    if not subject.is_lines:
        return {}
    found = {"": evaluation.lines_score(subject.model)}
    if subject.model.samples_codes:
        found[OF_MEANS] = evaluation.lines_score(subject.model, encode=subject.model.encode)
    return {
        f"{name}{suffix}": getattr(score, name)
        for suffix, score in found.items()
        for name in ("mean_distance", "smoothness")
    }


def score_reconstruction(subject):
    """Measures the error of reconstructed test images, in grey levels of 255."""
    return {"rmse": evaluation.reconstruction_rmse(subject.model, subject.data.test[0])}


def score_joint_probe(subject):
    """Measures the accuracy of the model's own probe (section 4, table 2)."""
    if not subject.has_classes or subject.model.probe is None:
        return {}
    return {"joint_probe": evaluation.joint_probe(subject.model, *subject.data.test)}


def score_linear_probe(subject):
    """Measures the accuracy of a classifier trained afterwards, on frozen codes."""
    if not subject.has_classes:
        return {}
    (train, test), (_, y), (_, y_test) = subject.codes, subject.data.train, subject.data.test
    return {"linear_probe": evaluation.linear_probe(train, y, test, y_test)}


def score_clustering(subject):
    """Measures the accuracy of k-means on codes (section 4), a VAE's by samples and by means."""
    y = subject.data.test[1]
    if not subject.has_classes or len(subject.data.train[0]) < len(np.unique(y)):
        return {}
    found = {"clustering": evaluation.clustering(*subject.paper_codes, y, subject.n_init)}
    if subject.model.samples_codes:
        means = evaluation.clustering(*subject.codes, y, subject.n_init)
        found[f"clustering{OF_MEANS}"] = means
    return found


QUICK = (score_lines, score_reconstruction, score_joint_probe)
ALL = (*QUICK, score_linear_probe, score_clustering)


def score_quickly(model, data):
    """Computes scores that take seconds, on some of the test images, named `test_…`."""
    x, y = (None if array is None else array[:QUICK_IMAGES] for array in data.test)
    subject = Subject(model, dataclasses.replace(data, test=(x, y)))
    return {f"test_{key}": value for score in QUICK for key, value in score(subject).items()}


def score_all(model, data, n_init=1000, report=print):
    """Computes every score that applies.

    Args:
        model: a model of `keras_acai`.
        data: `datasets.Splits`.
        n_init: int. Number of k-means restarts. Defaults to the paper's 1000.
        report: callable (name, value), called with each score once it is known. Defaults to
            `print`.

    Returns:
        dict: name → float.
    """
    subject, results = Subject(model, data, n_init), {}
    for score in ALL:
        for name, value in score(subject).items():
            results[name] = value
            report(name, value)
    return results


def draw_pictures(model, data):
    """Draws interpolations and reconstructions of test images, as Matplotlib figures by name.

    For data sets that may not be redistributed, only interpolations: they contain no original
    image.
    """
    images = data.test[0][: 2 * ROWS]
    rows = (len(images) + 1) // 2
    a, b = images[:rows], images[-rows:]
    if not may_be_shown(data.name):
        return {"interpolations": plotting.interpolations(model.interpolate(a, b, STEPS))}
    return {
        "interpolations": plotting.interpolations(model.interpolate(a, b, STEPS), a, b),
        "reconstructions": plotting.reconstructions(images, model.decode(model.encode(images))),
    }
