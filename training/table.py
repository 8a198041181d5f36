"""The paper's three tables, with our models' scores beside the paper's, as Markdown and CSV.

    python -m training.table runs/ weights/ --out docs/results

It reads every `metrics.json` below the folders, prints the Markdown, and with `--out` writes
results.md and results.csv. Several seeds of one cell become mean ± standard deviation; a cell that
nobody has trained stays empty.
"""

import argparse
import csv
import dataclasses
import io
import pathlib
import statistics
import sys

from keras_acai import files, paper, presets

TITLES = {
    "ae": "Baseline",
    "denoising": "Denoising",
    "dropout": "Dropout",
    "vae": "VAE",
    "aae": "AAE",
    "vqvae": "VQ-VAE",
    "acai": "ACAI",
}
TABLES = {  # title → scores
    "Lines": ("mean_distance", "smoothness"),
    "Linear classifier (joint probe), %": ("joint_probe",),
    "Clustering, %": ("clustering",),
}
DATASETS = {"lines": "Lines", "mnist": "MNIST", "svhn": "SVHN", "cifar10": "CIFAR-10"}


@dataclasses.dataclass(frozen=True)
class Cell:
    """A number of a table, of one model or of several seeds.

    Args:
        row: str. The data set with the code's size.
        model: str. Its column, a key of `presets.MODELS`.
        source: "paper" or "here".
        score: str. As in `metrics.json`.
        values: tuple of floats, of each run; the paper's is its mean alone.
        deviation: float or None.
    """

    row: str
    model: str
    source: str
    score: str
    values: tuple
    deviation: float | None = None

    @property
    def mean(self):
        return statistics.fmean(self.values)

    @property
    def text(self):
        return paper.shown(self.score, self.mean, self.deviation)


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.table", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folders", nargs="+", type=pathlib.Path, help="runs/ weights/ …")
    parser.add_argument("--out", type=pathlib.Path, help="write OUT.md and OUT.csv too")
    options = parser.parse_args(arguments)
    missing = [str(folder) for folder in options.folders if not folder.is_dir()]
    if missing:
        print(f"No such folder: {', '.join(missing)}.", file=sys.stderr)
        return 1
    cells = [*published(), *measured(options.folders)]
    print(markdown(cells))
    if options.out:
        for suffix, text in ((".md", markdown(cells)), (".csv", as_csv(cells))):
            with files.written(options.out.with_suffix(suffix)) as part:
                part.write_text(text + "\n", "utf-8")
    return 0


def published():
    """The paper's cells."""
    return [
        Cell(_row(preset, score), preset.model, "paper", score, (mean,), deviation)
        for preset in map(presets.get, presets.list_models())
        for score, (mean, deviation) in paper.figures(preset).items()
    ]


def measured(folders):
    """Our cells, the seeds of each brought together."""
    found = {}
    for path in sorted(path for folder in folders for path in folder.rglob("metrics.json")):
        for key, value in _scores(path).items():
            found.setdefault(key, {}).setdefault(_identity(path), value)
    return [_cell(*key, tuple(seeds.values())) for key, seeds in found.items()]


def markdown(cells):
    """The tables as Markdown, a row of the paper's above each of ours."""
    texts = {(cell.row, cell.score, cell.model, cell.source): cell.text for cell in cells}
    lines = []
    for title, scores in TABLES.items():
        lines += [f"**{title}**", "", f"| | {' | '.join(TITLES.values())} |"]
        lines.append("|---|" + "---|" * len(TITLES))
        for row, score in _rows(scores):
            for source in ("paper", "here"):
                columns = [texts.get((row, score, model, source), "") for model in TITLES]
                lines.append(f"| {row}, {source} | {' | '.join(columns)} |")
        lines.append("")
    return "\n".join(lines).rstrip()


def as_csv(cells):
    """The same numbers, one a line, in the units of `metrics.json`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "score", "model", "source", "mean", "deviation", "runs"])
    for cell in cells:
        runs = len(cell.values) if cell.source == "here" else ""
        deviation = "" if cell.deviation is None else f"{cell.deviation:.6g}"
        figures = [f"{cell.mean:.6g}", deviation, runs]
        writer.writerow([cell.row, cell.score, cell.model, cell.source, *figures])
    return text.getvalue().rstrip()


def _row(preset, score):
    """What a row is called: "MNIST (32)", or of Lines, which have one code size, the score."""
    if preset.dataset == "lines":
        return paper.label(score)
    return f"{DATASETS[preset.dataset]} ({preset.code_size})"


def _rows(scores):
    """(row, score) of a table, in the paper's order: those that the paper has an ACAI for."""
    cells = [presets.get(name) for name in presets.list_models("acai-*")]
    cells = [preset for preset in cells if preset.dataset in DATASETS]
    cells.sort(key=lambda preset: (list(DATASETS).index(preset.dataset), preset.code_size))
    pairs = [(one, score) for one in cells for score in scores if score in paper.figures(one)]
    return [(_row(one, score), score) for one, score in pairs]


def _cell(row, model, score, values):
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Cell(row, model, "here", score, values, deviation)


def _scores(path):
    """(row, model, score) → value of one `metrics.json`; empty for other models or data."""
    record, metrics = files.read_json(path.parent / "run.json"), files.read_json(path)
    if not record or record["settings"]["name"] in presets.MODELS:
        return {}
    preset = presets.get(record["settings"]["name"])
    if record["data"]["name"] != preset.dataset or not _as_in_table(record["settings"], preset):
        return {}
    return {
        (_row(preset, score), preset.model, score): value
        for score, value in metrics["scores"].items()
        if value is not None and preset.dataset in DATASETS
    }


def _as_in_table(settings, preset):
    """Whether a run kept the sizes that its name stands for."""
    return all(
        settings[name] == (list(value) if isinstance(value, tuple) else value)
        for name, value in preset.arguments.items()
    )


def _identity(path):
    """What makes two runs one: runs/ and weights/ may hold the same model."""
    settings = files.read_json(path.parent / "run.json")["settings"]
    return settings["seed"], settings["recipe"], settings["images"]


if __name__ == "__main__":
    sys.exit(main())
