"""Notebooks run from start to end, and their pages show the same code."""

import re

import pytest

from training import notebooks

pytest.importorskip("nbconvert")
jupytext = pytest.importorskip("jupytext")

pytestmark = pytest.mark.once
PATHS = sorted(notebooks.HOME.glob("*.py"))


def code_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_page_is_of_this_notebook(path):
    page = path.with_suffix(".md").read_text("utf-8")
    notebook = jupytext.read(path)
    assert re.findall(r"```python\n(.*?)\n```", page, re.DOTALL) == code_of(notebook)
    for cell in notebook.cells:
        assert cell.cell_type == "code" or cell.source in page
    for picture in re.findall(r"!\[.+\]\((.+)\)", page):
        assert path.with_name(picture).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_runs(path, monkeypatch):
    monkeypatch.setenv("KERAS_MAX_EPOCHS", "1")
    monkeypatch.setenv("KERAS_MAX_STEPS_PER_EPOCH", "2")
    notebook = notebooks.run(path)
    text, pictures = notebooks.page(notebook, path.stem)
    expected = path.with_suffix(".md").read_text("utf-8")
    assert list(pictures) == re.findall(r"!\[.+\]\((.+)\)", expected)
    assert all(content.startswith(b"\x89PNG") for content in pictures.values())
    assert "Traceback" not in text and "Warning" not in text


def test_a_cell_that_fails(tmp_path):
    nbclient = pytest.importorskip("nbclient")
    (tmp_path / "bad.py").write_text("1 / 0\n")
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="ZeroDivisionError"):
        notebooks.run(tmp_path / "bad.py")
