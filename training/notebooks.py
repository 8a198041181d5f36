"""Runs the notebooks of docs/notebooks/, and writes each as a page with what it showed.

    python -m training.notebooks

Notebooks are kept as Python files, in jupytext's light format: `jupytext --to ipynb NAME.py` makes
one that Jupyter opens.
"""

import os
import pathlib
import re
import sys
import tempfile
from typing import Annotated

import typer

from keras_acai import files

from . import commands

HOME = pathlib.Path(__file__).parents[1] / "docs" / "notebooks"
TIMEOUT = 600  # seconds that a cell may take


@commands.command("training.notebooks")
def main(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Notebooks.  [default: all]")
    ] = None,
):
    """Run notebooks, and write their pages and pictures beside them.

    Example: `python -m training.notebooks morphs`
    """
    paths = [HOME / f"{name}.py" for name in names] if names else sorted(HOME.glob("*.py"))
    for path in paths:
        text, pictures = page(run(path), path.stem)
        for name, content in {f"{path.stem}.md": text.encode(), **pictures}.items():
            with files.atomic_write(path.with_name(name)) as part:
                part.write_bytes(content)
        print(path.with_suffix(".md"))


def run(path):
    """Executes a notebook in an empty folder, with this Python and without warnings.

    Args:
        path: path of the Python file.

    Returns:
        The notebook with its outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: if a cell fails.
    """
    import jupyter_client.manager
    import jupytext
    import nbclient

    notebook = jupytext.read(path)
    manager = jupyter_client.manager.AsyncKernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = nbclient.NotebookClient(notebook, km=manager, timeout=TIMEOUT, resources=resources)
        return client.execute(env=os.environ | {"PYTHONWARNINGS": "ignore"})


def page(notebook, name):
    """Returns (text, pictures) of a notebook that was run.

    Args:
        notebook: from `run`.
        name: str. The first part of the names of its pictures.

    Returns:
        The page in Markdown, and a dict: name → bytes of each picture that it shows.
    """
    import nbconvert

    text, resources = nbconvert.MarkdownExporter().from_notebook_node(notebook)
    text = "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"
    text, pictures = re.sub(r"\n{3,}", "\n\n", text), {}
    for number, old in enumerate(re.findall(r"!\[png\]\((\S+)\)", text), 1):
        new = f"{name}-{number}.png"
        text = text.replace(f"![png]({old})", f"![What the code above shows]({new})")
        pictures[new] = resources["outputs"][old]
    return text, pictures


if __name__ == "__main__":
    sys.exit(main())
