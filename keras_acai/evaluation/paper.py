"""The paper's figures, mean ± standard deviation over its runs, to print beside ours.

Rows and columns are those of its tables 1, 2 and 3, without the dropout autoencoder's.
"""

from keras_acai.datasets.catalogue import DATASETS

IMAGES = 2**24  # seen by each of its models
COLUMNS = ("ae", "denoising", "vae", "aae", "vqvae", "acai")
LINES = """
mean_distance 6.88±0.21 4.21±0.32 1.21±0.17 3.26±0.19 5.41±0.49 0.24±0.01
smoothness    0.44±0.04 0.66±0.02 0.49±0.13 0.14±0.02 0.77±0.02 0.10±0.01
"""
PROBE = """
mnist-32     94.90±0.14 96.00±0.27 96.56±0.31 70.74±3.27 97.50±0.18  98.25±0.11
mnist-256    93.94±0.13 98.51±0.04 98.74±0.14 90.03±0.54 97.25±1.42  99.00±0.08
svhn-32      26.21±0.42 25.15±0.78 29.58±3.22 23.43±0.79 24.53±1.33  34.47±1.14
svhn-256     22.74±0.05 77.89±0.35 66.30±1.06 22.81±0.24 44.94±20.42 85.14±0.20
cifar10-256  47.92±0.20 53.78±0.36 47.49±0.22 40.65±1.45 42.80±0.44  52.77±0.45
cifar10-1024 51.62±0.25 60.65±0.14 51.39±0.46 42.86±0.88 16.22±12.44 63.99±0.47
"""
CLUSTERING = """
mnist-32  77.56 82.59 75.74 79.19 82.39 94.38
mnist-256 53.70 70.89 83.44 81.00 96.80 96.17
svhn-32   19.38 17.91 16.83 17.35 15.19 20.86
svhn-256  15.62 31.49 11.36 13.59 18.84 24.98
"""
LOWER_IS_BETTER = ("mean_distance", "smoothness", "rmse")
LAST_DIGIT = 0.005
UNITS = {  # score → (unit, factor to convert a score to this unit)
    "mean_distance": ("·10⁻³", 1000),
    "smoothness": ("", 1),
    "rmse": ("of 255", 1),
    "joint_probe": ("%", 100),
    "linear_probe": ("%", 100),
    "clustering": ("%", 100),
    "images": ("millions", 1e-6),
}


def figures(preset):
    """Returns the figures that the paper reports for one cell of its tables.

    Args:
        preset: a `presets.Preset`.

    Returns:
        dict: name of a score as in `metrics.json` → (mean, standard deviation or None). It is empty
        for cells that the paper does not report. Accuracies are in [0, 1], as ours are.
    """
    if preset.dataset == "lines":
        rows = _table(LINES)
    else:
        row = f"{preset.dataset}-{preset.code_size}"
        rows = {"joint_probe": _table(PROBE).get(row), "clustering": _table(CLUSTERING).get(row)}
    return {
        name: _scaled(cells[preset.model], UNITS[name][1])
        for name, cells in rows.items()
        if cells and preset.model in cells
    }


def partial_counts(preset, counts):
    """Tells whether scores are on a part of a preset's data set.

    Args:
        preset: a `presets.Preset`.
        counts: (int, int) or None. Train and test images that were used; None if unknown or
            endless.

    Returns:
        The counts as a tuple for a part of the data set, or None for all of it.
    """
    whole = DATASETS[preset.dataset].counts
    return tuple(counts) if whole and counts and tuple(counts) != whole else None


def comparable_figures(preset, data, counts):
    """Returns the paper's figures for the same data set, if scores are on all of it.

    Args:
        preset: a `presets.Preset`, or None.
        data: str. Name of the data that was scored on.
        counts: (int, int) or None. Train and test images that were used; None if unknown or
            endless.

    Returns:
        dict, as `figures` returns it; empty if the scores do not compare with the paper's.
    """
    if preset is None or data != preset.dataset or partial_counts(preset, counts):
        return {}
    return figures(preset)


def label_of(score):
    """Returns a score's name with its unit: "mean distance, ·10⁻³"."""
    unit, _ = _unit(score)
    return score.replace("_", " ") + (f", {unit}" if unit else "")


def format_score(score, mean, deviation=None):
    """Formats a score in its unit, as the paper does: "98.25" or "98.25±0.11"; "–" for None."""
    if mean is None:
        return "–"
    _, scale = _unit(score)
    text = f"{mean * scale:.2f}"
    return text if deviation is None else f"{text}±{deviation * scale:.2f}"


def compare(score, mean, paper_mean, deviation=None):
    """Says how a figure compares with the paper's.

    Args:
        score: str. A name in `metrics.json`.
        mean: float. The figure.
        paper_mean, deviation: float. The paper's; the standard deviation may be None.

    Returns:
        str. "matches" within the standard deviation or to the last digit, else "beats by 0.21" or
        "misses by 0.59", in the unit of the score.
    """
    _, scale = _unit(score)
    gain = (paper_mean - mean if score in LOWER_IS_BETTER else mean - paper_mean) * scale
    if abs(gain) <= max((deviation or 0) * scale, LAST_DIGIT):
        return "matches"
    return f"{'beats' if gain > 0 else 'misses'} by {abs(gain):.2f}"


def describe_score(score, mean):
    """Returns name, value and unit of a score: "joint probe 96.09 %"."""
    unit, _ = _unit(score)
    gap = "" if unit.startswith("·") or not unit else " "
    return f"{score.replace('_', ' ')} {format_score(score, mean)}{gap}{unit}"


def _unit(score):
    return UNITS.get(score.removesuffix("_of_means"), ("", 1))


def _table(text):
    """Parses a table: name of the row → model → (mean, standard deviation or None)."""
    rows = (line.split() for line in text.strip().splitlines())
    return {row: dict(zip(COLUMNS, map(_cell, cells))) for row, *cells in rows}


def _cell(text):
    mean, _, deviation = text.partition("±")
    return float(mean), float(deviation) if deviation else None


def _scaled(cell, scale):
    return tuple(None if number is None else round(number / scale, 8) for number in cell)
