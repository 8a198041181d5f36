"""Tables of models and scores, for terminals, by Rich."""

import io
import math

import rich.box
import rich.console
import rich.table
import rich.text

from keras_acai.errors import printable
from keras_acai.evaluation import paper

WHERE = {
    "installed": "installed",
    "hub": "on the Hub",
    "checkout": "in weights/ of a checkout, not installed by pip",
    "folder": "in this folder",
    "run": "not yet: an unfinished run",
    None: "not trained yet",
}


def score_table(title, scores, published):
    """Returns a table of our scores beside the paper's.

    Args:
        title: str.
        scores: dict. Score → ours.
        published: dict. Score → the paper's (mean, standard deviation or None).
    """
    table = _table("score", "here", *["paper"] * bool(published), title=_text(title))
    for name in dict.fromkeys([*scores, *published]):
        row = [_text(paper.label_of(name)), paper.format_score(name, scores.get(name))]
        if published:
            row.append(paper.format_score(name, *published[name]) if name in published else "")
        table.add_row(*row)
    return table


def info_table(known):
    """Returns the table of an `Info`: facts above, scores below."""
    table = _table("", "", title=_text(known.name))
    table.show_header = False
    rows = {
        "weights": WHERE[known.where],
        "model": f"keras_acai.{known.class_name}" if known.class_name else None,
        "images": ", ".join(filter(None, (_shape(known.image_shape), known.data))),
        "code": f"{_shape(known.code_shape)}: {_size(known)} numbers" if known.code_shape else None,
        "trained on": f"{known.images:,} images" if known.images else None,
        "recipe": known.recipe,
        "licence": known.terms,
        "Hub": f"{known.repo_id}@{known.revision}" if known.repo_id else None,
        **{f"SHA-256 {file}": value for file, value in known.sha256.items()},
    }
    for name, value in rows.items():
        if value:
            table.add_row(_text(name), _text(value))
    if not (known.scores or known.paper):
        return table
    return rich.console.Group(table, score_table("scores", known.scores, known.paper))


def model_table(infos):
    """Returns a table with a row for each `Info`."""
    table = _table("name", "images", "code", "weights", "trained on", "scores")
    for known in infos:
        figures = [paper.describe_score(name, value) for name, value in known.scores.items()]
        seen = f"{known.images:,}" if known.images else ""
        sizes = (_shape(known.image_shape), str(_size(known)))
        table.add_row(known.name, *sizes, WHERE[known.where], seen, ", ".join(figures))
    return table


def as_text(renderable, width=100):
    """Returns what Rich would print, without colours."""
    text = io.StringIO()
    console = rich.console.Console(file=text, width=width, color_system=None, force_jupyter=False)
    console.print(renderable)
    return text.getvalue().rstrip()


def _text(value):
    """A value of a record as text without Rich's markup and without control characters."""
    return rich.text.Text(printable(value))


def _shape(sides):
    return "×".join(map(str, sides or ()))


def _size(known):
    return math.prod(known.code_shape)


def _table(first, *columns, title=None):
    table = rich.table.Table(title=title, title_justify="left", box=rich.box.SIMPLE_HEAD)
    table.add_column(first, overflow="fold")
    for column in columns:
        justify = "right" if column in ("here", "paper") else "left"
        table.add_column(column, justify=justify, overflow="fold")
    return table
