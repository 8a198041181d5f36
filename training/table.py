"""The paper's three tables, with our models' scores beside the paper's, as Markdown and CSV.

    keras-acai table runs/ weights/ --out tables
    keras-acai table weights/ --into docs/results.md

It reads every `metrics.json` below the folders, prints the Markdown, and with `--out` writes
tables.md and tables.csv. `--into` replaces the text between the lines `<!-- training.table -->` and
`<!-- end -->` of a page by the rows that were measured.

Runs that differ only by their seed become mean ± standard deviation. Where runs of a cell differ by
more, those that saw the most images count. A cell stays empty without a finished run. Models with
other arguments than the paper's are left out, and so are those trained without their critic. Models
trained on a part of the data have rows of their own, without figures of the paper.
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
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.errors import LoadError
from keras_acai.evaluation import paper
from keras_acai.registry import MODELS
from keras_acai.zoo import records

from . import commands, markdown, settings

TABLES = {  # title → scores
    "Lines": ("mean_distance", "smoothness"),
    "Linear classifier (joint probe), %": ("joint_probe",),
    "Linear classifier trained afterwards, on frozen codes, %": ("linear_probe",),
    "Clustering, %": ("clustering",),
    f"Images seen, millions (paper: {paper.format_score('images', paper.IMAGES)})": ("images",),
}
PART = " of {:,} train, {:,} test images"  # follows a row's name, for a part of the data
VERDICT = "against the paper"  # follows a row's name
BEGIN, END = "<!-- training.table -->", "<!-- end -->"


@dataclasses.dataclass(frozen=True)
class Cell:
    """A number of a table, from one run or from several seeds.

    Args:
        row: str. Data set and code size, and the numbers of images if they are a part of the data.
        model: str. Its column, a key of `registry.MODELS`.
        source: "paper" or "here".
        score: str. A name in `metrics.json`, or "images" for the images seen in training.
        values: tuple of float. One for each run; for the paper, its mean.
        deviation: float or None. Standard deviation.
    """

    row: str
    model: str
    source: str
    score: str
    values: tuple
    deviation: float | None = None

    @property
    def mean(self):
        """Mean over the runs."""
        return statistics.fmean(self.values)

    @property
    def text(self):
        """The number as it stands in a table."""
        return paper.format_score(self.score, self.mean, self.deviation)


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

    Example: `keras-acai table weights/ --into docs/results.md`
    """
    cells = [*paper_cells(), *measured_cells(folders)]
    print(to_markdown(cells))
    try:
        if out:
            write(out, cells)
        for page in into:
            update_page(page, cells)
    except OSError as error:
        raise OSError(f"The tables cannot be written: {error}") from error


def write(out, cells):
    """Writes OUT.md and OUT.csv."""
    for suffix, text in ((".md", to_markdown(cells)), (".csv", to_csv(cells))):
        with files.atomic_write(out.with_name(out.name + suffix)) as part:
            part.write_text(text + "\n", "utf-8")


def update_page(page, cells):
    """Replaces the tables of a page by the rows that were measured.

    Raises:
        ValueError: for a page without the two comments around its tables.
    """
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} has no line {BEGIN} followed by a line {END}: add them.")
    measured = {(cell.row, cell.score) for cell in cells if cell.source == "here"}
    tables = to_markdown([cell for cell in cells if (cell.row, cell.score) in measured])
    with files.atomic_write(page) as part:
        part.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", "utf-8")


def paper_cells():
    """Returns the paper's cells."""
    return [
        Cell(_row(preset, score), preset.model, "paper", score, (mean,), deviation)
        for preset in map(presets.get, presets.list_models())
        for score, (mean, deviation) in paper.figures(preset).items()
    ]


def measured_cells(folders):
    """Returns the cells of trained models, with all seeds of a cell together."""
    found = {}  # (row, model, score) → (images, settings except the seed) → seed → value
    for path in sorted(path for folder in folders for path in folder.rglob("metrics.json")):
        try:
            scores, recipe, seed = _read(path)
        except (LoadError, ValueError, KeyError, TypeError, AttributeError) as error:
            print(f"{path.parent} is left out ({error!r}).", file=sys.stderr)
            continue
        if not scores:
            print(f"{path.parent} is no cell of the tables.", file=sys.stderr)
        for key, value in scores.items():
            found.setdefault(key, {}).setdefault(recipe, {}).setdefault(seed, value)
    return [_cell(*key, _most_trained(recipes)) for key, recipes in found.items()]


def to_markdown(cells):
    """Formats the tables as Markdown: the paper's row, ours, and how ours compares."""
    texts = {(cell.row, cell.score, cell.model, cell.source): cell.text for cell in cells}
    texts |= _verdicts(cells)
    known = {(row, score) for row, score, _, _ in texts}
    titles = ["", *(model.title for model in MODELS.values())]
    lines = []
    for title, scores in TABLES.items():
        rows = list(_rows_of_texts(_rows(scores, known), texts))
        if rows:
            lines += [f"**{title}**", "", *markdown.table(titles, rows), ""]
    return "\n".join(lines).rstrip()


def _rows_of_texts(rows, texts):
    """Yields the texts of each row, the paper's and the verdict only where it reports a figure."""
    for row, score in rows:
        for source in ("paper", "here", VERDICT):
            columns = [texts.get((row, score, model, source), "") for model in MODELS]
            if source == "here" or any(columns):
                yield [f"{row}, {source}", *columns]


def _verdicts(cells):
    """How each figure of ours compares with the paper's."""
    found = {(cell.row, cell.score, cell.model, cell.source): cell for cell in cells}
    theirs = {key[:3]: cell for key, cell in found.items() if key[3] == "paper"}
    return {
        (*key[:3], VERDICT): paper.compare(
            cell.score, cell.mean, theirs[key[:3]].mean, theirs[key[:3]].deviation
        )
        for key, cell in found.items()
        if key[3] == "here" and key[:3] in theirs and cell.score != "images"
    }


def to_csv(cells):
    """Formats the cells as CSV, one in each line, in the units of `metrics.json`."""
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
    """Names a row: "MNIST (32)", "SVHN (32) of 15,756 train, 10,000 test images".

    Rows of Lines, which have one code size, are named by the score.
    """
    title = DATASETS[preset.dataset].title
    if preset.dataset == "lines":
        return title if score == "images" else paper.label_of(score)
    row = f"{title} ({preset.code_size})"
    return row + PART.format(*part) if part else row


def _rows(scores, known):
    """Returns the known (row, score) pairs of a table, those on a part of the data last.

    They are in the order of the catalogue and of code sizes.
    """
    cells = [presets.get(name) for name in presets.list_models()]
    cells.sort(key=lambda preset: (list(DATASETS).index(preset.dataset), preset.code_size))
    pairs = dict.fromkeys((_row(preset, score), score) for preset in cells for score in scores)
    part = PART.partition("{")[0]
    whole = {(row, score): (row.partition(part)[0], score) for row, score in sorted(known)}
    return [key for pair in pairs for key in whole if whole[key] == pair]


def _cell(row, model, score, values):
    deviation = statistics.stdev(values) if len(values) > 1 and score != "images" else None
    return Cell(row, model, "here", score, values, deviation)


def _most_trained(recipes):
    """Returns the scores of the runs that saw the most images."""
    most = max(recipes, key=lambda recipe: (recipe[0], len(recipes[recipe])))
    return tuple(recipes[most].values())


def _read(path):
    """Reads (scores, recipe, seed) of one `metrics.json`.

    Scores are (row, model, score) → value, empty for a run that does not belong in a table. The
    recipe is the images seen and all settings except the seed.
    """
    run = records.read_record(records.Run, path.with_name(records.RUN))
    metrics = records.read_record(records.Metrics, path)
    preset = records.preset_of(run)
    if not records.are_of(metrics, preset):
        return {}, None, None
    chosen = settings.read(records.portable(run).settings)
    before = run.images_before
    is_complete = metrics.images >= before + chosen.recipe.images
    if not is_complete or not _is_the_papers(chosen, preset, before):
        return {}, None, None
    part = paper.partial_counts(preset, metrics.counts)
    scores = {
        (_row(preset, score, part), preset.model, score): value
        for score, value in {**metrics.scores, "images": metrics.images}.items()
        if value is not None
    }
    left_out = ("seed", "n_init", "data")
    kept = {key: value for key, value in chosen.record().items() if key not in left_out}
    return scores, (metrics.images, json.dumps(kept, sort_keys=True)), chosen.seed


def _is_the_papers(chosen, preset, before):
    """Whether a run has the paper's arguments and was trained with its critic, if it has one."""
    wanted = settings.argument_defaults(chosen.model_class) | preset.arguments
    begin, end, _ = chosen.recipe.phases
    if "adversarial_weight" in wanted and not before and begin >= end:
        return False
    return chosen.arguments == wanted


if __name__ == "__main__":
    sys.exit(main())
