"""The pages tell the truth: code runs, links lead somewhere, figures agree."""

import pathlib
import re

import pytest

pytestmark = pytest.mark.once
ROOT = pathlib.Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "weights" / "README.md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:keras_acai|training|tests|docs|weights)/[\w./-]*)`")
TABLES = {"joint probe": "Linear classifier (joint probe)", "clustering": "Clustering"}


def name_of(path):
    return str(path.relative_to(ROOT))


def anchors(page):
    """The headings of a page as GitHub links to them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table_rows(text):
    """The rows of the Markdown tables in a text: lists of cells."""
    lines = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def results():
    """The figures of docs/results.md: (table, row, "here" or "paper") → column → text."""
    text = (ROOT / "docs" / "results.md").read_text("utf-8")
    figures = {}
    for title, table in re.findall(r"^\*\*(.+)\*\*\n\n((?:\|.*\n)+)", text, re.MULTILINE):
        head, _, *rows = table_rows(table)
        for row in rows:
            name, source = row[0].rsplit(", ", 1)
            figures[title.split(",")[0], name, source] = dict(zip(head, row))
    return figures


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for link in LINK.findall(page.read_text("utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        target, _, anchor = link.partition("#")
        if target == "zoo.md":  # written by training.site
            continue
        path = (page.parent / target) if target else page
        assert path.exists(), link
        assert not anchor or anchor in anchors(path), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_exist(page):
    for path in PATH.findall(page.read_text("utf-8")):
        assert (ROOT / path).exists(), path


def test_the_first_block_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1)
    names = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["strips"].shape == (6, 16, 32, 32, 1)
    assert (tmp_path / "strips.png").read_bytes().startswith(b"\x89PNG")


def test_the_readme_gives_the_figures_of_the_results():
    figures = results()
    text = (ROOT / "README.md").read_text("utf-8").partition("## Results")[2]
    head, _, *rows = table_rows(text)
    assert len(rows) > 4
    for name, *cells in rows:
        row, score = name.removesuffix(", %").split(": ", 1)
        title, row = (row, score) if row == "Lines" else (TABLES[score], row)
        for column, cell in zip(head[1:], cells):
            model, _, source = column.partition(", ")
            assert figures[title, row, source or "here"][model] == cell, (name, column)
