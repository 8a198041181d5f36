"""The paper's figures are found by cell and formatted as in the paper."""

import pytest

from keras_acai import presets
from keras_acai.evaluation import paper

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "name, score, figure",
    [
        ("acai-lines", "mean_distance", (0.00024, 0.00001)),
        ("aae-lines", "smoothness", (0.14, 0.02)),
        ("vqvae-lines", "mean_distance", (0.00541, 0.00049)),
        ("acai-svhn", "joint_probe", (0.8514, 0.002)),
        ("vqvae-cifar10", "joint_probe", (0.1622, 0.1244)),
        ("acai-cifar10-256", "joint_probe", (0.5277, 0.0045)),
        ("vqvae-mnist", "clustering", (0.968, None)),
        ("ae-svhn-32", "clustering", (0.1938, None)),
    ],
)
def test_figures_of_a_cell(name, score, figure):
    assert paper.figures(presets.get(name))[score] == pytest.approx(figure)


def test_cells_that_the_paper_does_not_report_are_empty():
    for name in ("acai-celeba", "dropout-mnist", "dropout-lines"):
        assert paper.figures(presets.get(name)) == {}
    assert set(paper.figures(presets.get("acai-cifar10"))) == {"joint_probe"}


def test_scores_are_formatted_as_in_the_paper():
    assert paper.format_score("joint_probe", 0.98251, 0.0011) == "98.25±0.11"
    assert paper.format_score("mean_distance", 0.00024) == "0.24"
    assert paper.format_score("smoothness", None) == "–"
    assert paper.label_of("mean_distance") == "mean distance, ·10⁻³"


def test_a_score_is_described_with_its_unit():
    assert paper.describe_score("joint_probe", 0.96091) == "joint probe 96.09 %"
    assert paper.describe_score("mean_distance", 0.00129) == "mean distance 1.29·10⁻³"
    assert paper.describe_score("smoothness", 0.1) == "smoothness 0.10"
    assert paper.describe_score("rmse", 23.2) == "rmse 23.20 of 255"


@pytest.mark.parametrize(
    "score, here, theirs, expected",
    [
        ("joint_probe", 0.9766, (0.9825, 0.0011), "misses by 0.59"),
        ("joint_probe", 0.9511, (0.9490, 0.0014), "beats by 0.21"),
        ("joint_probe", 0.9815, (0.9825, 0.0011), "matches"),
        ("clustering", 0.9438, (0.9438, None), "matches"),
        ("mean_distance", 0.00033, (0.00024, 0.00001), "misses by 0.09"),
        ("smoothness", 0.084, (0.10, 0.01), "beats by 0.02"),
    ],
)
def test_figures_compare_with_the_papers(score, here, theirs, expected):
    assert paper.compare(score, here, *theirs) == expected
