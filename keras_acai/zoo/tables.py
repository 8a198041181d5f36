"""Tables of models and scores, for terminals, by Rich."""

import io

import rich.box
import rich.console
import rich.table

from keras_acai.datasets.catalogue import DATASETS
from keras_acai.evaluation import paper

WHERE = {"installed": "installed", "hub": "on the Hub", None: "not trained yet"}


def score_table(title, scores, published):
    """Returns a table of our scores beside the paper's.

    Args:
        title: str.
        scores: dict. Score → ours.
        published: dict. Score → the paper's (mean, standard deviation or None).
    """
    table = _table("score", "here", "paper", title=title)
    for name in dict.fromkeys([*scores, *published]):
        theirs = paper.format_score(name, *published[name]) if name in published else ""
        table.add_row(paper.label_of(name), paper.format_score(name, scores.get(name)), theirs)
    return table


def info_table(known):
    """Returns the table of an `Info`: facts above, scores below."""
    preset = known.preset
    table = _table("", "", title=known.name)
    table.show_header = False
    sizes = f"{preset.latent_width} wide, {preset.latent_channels} channels"
    rows = {
        "weights": WHERE[known.where],
        "model": f"keras_acai.{preset.class_name}",
        "images": f"{_shape(preset)}, {DATASETS[preset.dataset].title}",
        "code": f"{preset.code_size} numbers: {sizes}",
        "trained on": f"{known.images:,} images" if known.images else None,
        "recipe": known.recipe,
        "licence": known.terms,
        "Hub": f"{known.repo_id}@{known.revision}" if known.repo_id else None,
        **{f"SHA-256 {file}": value for file, value in known.sha256.items()},
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, value)
    return rich.console.Group(table, score_table("scores", known.scores, known.paper))


def model_table(infos):
    """Returns a table with a row for each `Info`."""
    table = _table("name", "images", "code", "weights", "trained on", "scores")
    for known in infos:
        figures = [paper.describe_score(name, value) for name, value in known.scores.items()]
        seen = f"{known.images:,}" if known.images else ""
        sizes = (_shape(known.preset), str(known.preset.code_size))
        table.add_row(known.name, *sizes, WHERE[known.where], seen, ", ".join(figures))
    return table


def as_text(renderable, width=100):
    """Returns what Rich would print, without colours."""
    text = io.StringIO()
    console = rich.console.Console(file=text, width=width, color_system=None)
    console.print(renderable)
    return text.getvalue().rstrip()


def _shape(preset):
    return "×".join(map(str, preset.image_shape))


def _table(first, *columns, title=None):
    table = rich.table.Table(title=title, title_justify="left", box=rich.box.SIMPLE_HEAD)
    table.add_column(first, overflow="fold")
    for column in columns:
        justify = "right" if column in ("here", "paper") else "left"
        table.add_column(column, justify=justify, overflow="fold")
    return table
