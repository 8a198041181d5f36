"""The paper's three tables, with our models' scores beside the paper's, as Markdown and CSV.

    python -m training.table runs/ weights/ --out tables
    python -m training.table weights/ --into docs/results.md

It reads every `metrics.json` below the folders, prints the Markdown, and with `--out` writes
tables.md and tables.csv. `--into` puts the rows that were measured into a page, in place of what
stands between its lines `<!-- training.table -->` and `<!-- end -->`.

Runs that differ by their seed alone become mean ± standard deviation; where runs of a cell differ
by more, those that saw the most images stand for it. A cell that nobody has trained to its end
stays empty, and so does one whose model has other arguments than the paper's or never heard its
critic. Models of a part of the data have rows of their own, which no row of the paper's belongs to.
"""

import csv
import dataclasses
import io
import json
import pathlib
import statistics
import sys
from typing import Annotated

import typer

from keras_acai import files, presets
from keras_acai.errors import LoadError
from keras_acai.evaluation import paper
from keras_acai.zoo import records
from training import commands
from training import settings as asked

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
    "Linear classifier trained afterwards, on frozen codes, %": ("linear_probe",),
    "Clustering, %": ("clustering",),
    f"Images seen, millions (paper: {paper.shown('images', paper.IMAGES)})": ("images",),
}
PART = " of {:,} train, {:,} test images"  # after a row's name, where these are not all
BEGIN, END = "<!-- training.table -->", "<!-- end -->"
DATASETS = {"lines": "Lines", "mnist": "MNIST", "svhn": "SVHN", "cifar10": "CIFAR-10"}


@dataclasses.dataclass(frozen=True)
class Cell:
    """A number of a table, of one model or of several seeds.

    Args:
        row: str. The data set with the code's size, and the images where they are but a part.
        model: str. Its column, a key of `registry.MODELS`.
        source: "paper" or "here".
        score: str. As in `metrics.json`; or "images", those that the model saw.
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


@commands.command("training.table")
def main(
    folders: Annotated[
        list[pathlib.Path],
        typer.Argument(exists=True, file_okay=False, help="Folders to search: runs/ weights/ …"),
    ],
    out: commands.Tables = None,
    into: Annotated[
        list[pathlib.Path],
        typer.Option(exists=True, dir_okay=False, help="A page to update; may be repeated."),
    ] = (),
):
    """Print the paper's tables with the scores of trained models beside the paper's.

    `--out` also writes OUT.md and OUT.csv.

    Example: `python -m training.table weights/ --into docs/results.md`
    """
    cells = [*published(), *measured(folders)]
    print(markdown(cells))
    try:
        if out:
            write(out, cells)
        for page in into:
            renew(page, cells)
    except OSError as error:
        raise OSError(f"The tables cannot be written: {error}") from error


def write(out, cells):
    """Writes OUT.md and OUT.csv."""
    for suffix, text in ((".md", markdown(cells)), (".csv", as_csv(cells))):
        with files.atomic_write(out.with_name(out.name + suffix)) as part:
            part.write_text(text + "\n", "utf-8")


def renew(page, cells):
    """Puts the rows that were measured into a page.

    Raises:
        ValueError: for a page without the two comments between which they go.
    """
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} has no line {BEGIN} with a line {END} below it: add them.")
    measured = {(cell.row, cell.score) for cell in cells if cell.source == "here"}
    tables = markdown([cell for cell in cells if (cell.row, cell.score) in measured])
    with files.atomic_write(page) as part:
        part.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", "utf-8")


def published():
    """The paper's cells."""
    return [
        Cell(_row(preset, score), preset.model, "paper", score, (mean,), deviation)
        for preset in map(presets.get, presets.list_models())
        for score, (mean, deviation) in paper.figures(preset).items()
    ]


def measured(folders):
    """Our cells, the seeds of each brought together."""
    found = {}  # (row, model, score) → what the run was but for its seed → seed → value
    for path in sorted(path for folder in folders for path in folder.rglob("metrics.json")):
        try:
            scores, recipe, seed = _read(path)
        except (LoadError, ValueError, KeyError, TypeError, AttributeError) as error:
            print(f"{path.parent} is left out ({error!r}).", file=sys.stderr)
            continue
        for key, value in scores.items():
            found.setdefault(key, {}).setdefault(recipe, {}).setdefault(seed, value)
    return [_cell(*key, _most_trained(recipes)) for key, recipes in found.items()]


def markdown(cells):
    """The tables as Markdown, a row of the paper's above each of ours."""
    texts = {(cell.row, cell.score, cell.model, cell.source): cell.text for cell in cells}
    known = {(row, score) for row, score, _, _ in texts}
    lines = []
    for title, scores in TABLES.items():
        rows = _rows(scores, known)
        if not rows:
            continue
        lines += [f"**{title}**", "", f"| | {' | '.join(TITLES.values())} |"]
        lines.append("|---|" + "---|" * len(TITLES))
        for row, score in rows:
            for source in ("paper", "here"):
                columns = [texts.get((row, score, model, source), "") for model in TITLES]
                if source == "here" or any(columns):
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


def _row(preset, score, part=None):
    """What a row is called: "MNIST (32)", "SVHN (32) of 15,756 train, 10,000 test images".

    Of Lines, which have one code size, it is the score.
    """
    if preset.dataset == "lines":
        return DATASETS["lines"] if score == "images" else paper.label(score)
    row = f"{DATASETS[preset.dataset]} ({preset.code_size})"
    return row + PART.format(*part) if part else row


def _rows(scores, known):
    """Those (row, score) of a table that are known, in the paper's order, parts after the whole."""
    cells = [presets.get(name) for name in presets.list_models("acai-*")]
    cells = [preset for preset in cells if preset.dataset in DATASETS]
    cells.sort(key=lambda preset: (list(DATASETS).index(preset.dataset), preset.code_size))
    pairs = [(_row(one, score), score) for one in cells for score in scores]
    whole = {one: (one[0].split(PART.split("{")[0])[0], one[1]) for one in sorted(known)}
    return [one for pair in pairs for one in whole if whole[one] == pair]


def _cell(row, model, score, values):
    deviation = statistics.stdev(values) if len(values) > 1 and score != "images" else None
    return Cell(row, model, "here", score, values, deviation)


def _most_trained(recipes):
    """The scores of the runs that saw the most images."""
    return tuple(max(recipes.items(), key=lambda item: (item[0][0], len(item[1])))[1].values())


def _read(path):
    """(scores, recipe, seed) of one `metrics.json`.

    Scores are (row, model, score) → value, empty for a run that does not belong into a table;
    recipe is the images and all other settings but the seed.
    """
    run = records.read_record(records.Run, path.with_name(records.RUN))
    metrics = records.read_record(records.Metrics, path)
    preset = records.preset_of(run)
    if preset is None or preset.dataset not in DATASETS:
        return {}, None, None
    settings = asked.completed(records.portable(run).settings)
    before = run.images_before
    is_complete = metrics.images >= before + settings["images"]
    if not is_complete or not _is_the_papers(settings, preset, before):
        return {}, None, None
    seed, part = settings.pop("seed"), paper.part(preset, metrics.counts)
    scores = {
        (_row(preset, score, part), preset.model, score): value
        for score, value in {**metrics.scores, "images": metrics.images}.items()
        if value is not None
    }
    kept = {key: value for key, value in settings.items() if key not in ("n_init", "data")}
    return scores, (metrics.images, json.dumps(kept, sort_keys=True)), seed


def _is_the_papers(settings, preset, before):
    """Whether a run kept its model's own arguments, and its critic, if it has one, was heard."""
    wanted = {**asked.signature(preset.class_name), **preset.arguments}
    begin, end, _ = asked.recipe(settings).phases
    if "adversarial_weight" in wanted and not before and begin >= end:
        return False
    wanted, settings = json.loads(json.dumps([wanted, settings]))  # lists for tuples
    return all(settings[name] == value for name, value in wanted.items())


if __name__ == "__main__":
    sys.exit(main())
