"""Scores of a model, as the paper measures them (sections 3.2 and 4)."""

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

__all__ = [
    "clustering",
    "clustering_accuracy",
    "few_labels",
    "joint_probe",
    "linear_probe",
    "lines_score",
    "reconstruction_rmse",
    "whiten",
]
