"""Scores of models and of latent codes, as the paper measures them (sections 3.2 and 4)."""

import typing

import lazy_loader

if typing.TYPE_CHECKING:  # for editors and type checkers
    from keras_acai.evaluation import paper, scores
    from keras_acai.evaluation.protocols import (
        clustering,
        clustering_accuracy,
        few_labels,
        joint_probe,
        linear_probe,
        lines_score,
        reconstruction_rmse,
        whiten,
    )

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["paper", "scores"],
    submod_attrs={
        "protocols": [
            "clustering",
            "clustering_accuracy",
            "few_labels",
            "joint_probe",
            "linear_probe",
            "lines_score",
            "reconstruction_rmse",
            "whiten",
        ],
    },
)
