"""The documentation as a web site: the pages of docs/, the reference, and an index of the zoo.

    python -m training.site
    python -m http.server --directory build/site

It gathers the pages in build/docs, and Zensical turns them into build/site, as `mkdocs.yml` says
(`pip install -e ".[site]"`). A link that leads nowhere stops it. With `--app`, the site has the
page of `keras-acai app` as `try/`, which needs npm.
"""

import pathlib
import shutil
import subprocess
import sys
from typing import Annotated

import typer

import keras_acai
from keras_acai import presets
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.evaluation import paper

from . import commands, markdown
from .errors import RunError

ROOT = pathlib.Path(__file__).parents[1]
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md")  # pages that lie outside docs/
LINKS = {  # in the repository → in the site
    "](../weights)": "](zoo.md)",
    "](../weights/": "](weights/",
    "](../CONTRIBUTING.md": "](CONTRIBUTING.md",
    "](docs/": "](",
}
ZOO = """# Zoo

Models that are trained, each with test images that turn into one another. `keras_acai.load(NAME)`
loads one, `keras-acai evaluate NAME` measures its scores again. [Results](results.md) has all
tables of the paper.
"""
TRY = "\nThe site has a page to [try the models](try/index.html) on pictures of your own.\n"


def gather(folder):
    """Writes the pages of the site, with what they refer to.

    Args:
        folder: path. It is replaced.
    """
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    for name in BESIDE:
        shutil.copy(ROOT / name, folder)
    (folder / "zoo.md").write_text(zoo_page(), "utf-8")
    for page in folder.glob("*.md"):
        page.write_text(_relinked(page.read_text("utf-8")), "utf-8")
    for name in keras_acai.list_models(trained=True):
        if picture := _picture(name):
            copy = folder / "weights" / name / picture.name
            copy.parent.mkdir(parents=True)
            shutil.copy(picture, copy)


def zoo_page():
    """Returns the index of trained models, as Markdown: pictures, and scores beside the paper's."""
    names = keras_acai.list_models(trained=True)
    parts = [ZOO]
    for key, data in DATASETS.items():
        found = sorted((n for n in names if presets.get(n).dataset == key), key=_rank)
        if found:
            parts.append(f"## {data.title}\n\n{data.terms}\n")
            parts += map(_entry, found)
    return "\n".join(parts)


def _rank(name):
    """ACAI first, then by name."""
    return presets.get(name).model != "acai", name


def _entry(name):
    """The part of the index on a model."""
    info = keras_acai.info(name)
    size = "×".join(map(str, info.code_shape))
    lines = [f"### {name}\n", f"{info.class_name}, codes of {size}, {info.images:,} images seen.\n"]
    if _picture(name):
        lines.append(f"![Interpolations by {name}](weights/{name}/{_picture(name).name})\n")
    rows = [
        [paper.label_of(score), paper.format_score(score, value), _of_paper(score, info.paper)]
        for score, value in info.scores.items()
    ]
    return "\n".join([*lines, *markdown.table(["score", "here", "paper"], rows), ""])


def _of_paper(score, figures):
    return paper.format_score(score, *figures[score]) if score in figures else ""


def _picture(name):
    """The picture of a shipped model's interpolations, or None."""
    folder = presets.get(name).shipped
    picture = folder and folder / "interpolations.png"
    return picture if picture and picture.exists() else None


def _relinked(text):
    for old, new in LINKS.items():
        text = text.replace(old, new)
    return text


@commands.command("training.site")
def main(
    app: Annotated[
        bool, typer.Option("--app", help="Add the page of `keras-acai app` as try/.")
    ] = False,
):
    """Write the documentation as a web site to build/site, and print its path.

    Example: `python -m training.site --app`
    """
    docs, site = ROOT / "build" / "docs", ROOT / "build" / "site"
    gather(docs)
    if app:
        keras_acai.page.build(docs / "try")
        with open(docs / "index.md", "a", encoding="utf-8") as index:
            index.write(TRY)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    if subprocess.run(command, cwd=ROOT, stdout=sys.stderr).returncode:
        raise RunError('The site could not be built: see above, or pip install -e ".[site]".')
    print(site)


if __name__ == "__main__":
    sys.exit(main())
