"""What goes on the package index: keras-acai-core, and keras-acai, which adds TensorFlow to it.

    python -m training.packages --home https://example.org/keras_acai/blob/v0.2.0

Both are made of the files that git tracks and of the one `setup.cfg`. `keras-acai-core` has the
code and the weights, for those who choose their backend. `keras-acai` is empty, and requires the
core, TensorFlow and TensorFlow Datasets. Wheels and source archives go to dist/. `--home` makes the
links of the README absolute: an index shows no picture of a relative one.
"""

import configparser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Annotated

import typer

from keras_acai.version import __version__

from . import commands
from .errors import RunError

ROOT = pathlib.Path(__file__).parents[1]
CORE = "keras-acai-core"
TENSORFLOW = ("importlib_resources", "tensorflow", "tensorflow-datasets")
RELATIVE = re.compile(r"(!?)\]\((?!https?://|#)([^)\s]+)\)")
PAGES, FILES = "blob", "raw"  # what forges call the two in addresses


@commands.command("training.packages")
def main(
    out: Annotated[
        pathlib.Path, typer.Option(metavar="FOLDER", help="Folder of the archives.")
    ] = pathlib.Path("dist"),
    home: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Address of this commit's files, for the README."),
    ] = None,
):
    """Build keras-acai-core and keras-acai, and print the paths of the archives.

    Example: `python -m training.packages --home https://example.org/keras_acai/blob/v0.2.0`
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for prepare in (prepare_core, prepare_whole):
            source = pathlib.Path(folder, prepare.__name__)
            prepare(source, home)
            _build(source, out)
    for path in sorted(out.glob(f"keras_acai*-{__version__}*")):
        print(path)


def prepare_core(folder, home=None):
    """Writes the sources of keras-acai-core: all that git tracks, requiring no TensorFlow.

    Args:
        folder: path. It is created.
        home: str. Address of the files of this commit. Defaults to None: links stay relative.
    """
    copy_tracked(folder)
    setup = _read_setup()
    kept = [one for one in _requirements(setup) if _name(one) not in TENSORFLOW]
    setup["metadata"]["name"] = CORE
    setup["options"]["install_requires"] = _lines(kept)
    _write(folder, setup, home)


def copy_tracked(folder):
    """Copies the files that git tracks, as they are now, to a folder."""
    for name in _tracked():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, path)


def prepare_whole(folder, home=None):
    """Writes the sources of keras-acai, which are requirements alone.

    Args:
        folder, home: as for `prepare_core`.
    """
    folder.mkdir(parents=True)
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    setup = _read_setup()
    added = [one for one in _requirements(setup) if _name(one) in TENSORFLOW]
    extras = setup["options.extras_require"]
    whole = configparser.ConfigParser(interpolation=None)
    whole["metadata"] = {**setup["metadata"], "version": __version__}
    whole["options"] = {
        "packages": "",
        "python_requires": setup["options"]["python_requires"],
        "install_requires": _lines([f"{CORE}=={__version__}", *added]),
    }
    whole["options.extras_require"] = {
        name: _lines([f"{CORE}[{name}]=={__version__}"]) for name in extras
    }
    _write(folder, whole, home)


def absolute_links(text, home):
    """Returns Markdown with absolute links: pictures as files, all else as pages.

    Args:
        text: str. Markdown whose relative links begin at the root of the repository.
        home: str. Address of the pages of a commit, such as https://…/blob/v0.2.0.
    """
    pages = home.rstrip("/")
    files = pages.replace(f"/{PAGES}/", f"/{FILES}/")

    def absolute(link):
        target = link[2]
        is_file = pathlib.PurePath(target.partition("#")[0]).suffix == ".png"
        return f"]({files if is_file else pages}/{target})"

    return RELATIVE.sub(absolute, text)


def _write(folder, setup, home):
    if home:
        readme = folder / "README.md"
        readme.write_text(absolute_links(readme.read_text("utf-8"), home), "utf-8")
    with open(folder / "setup.cfg", "w", encoding="utf-8") as file:
        setup.write(file)


def _build(source, out):
    command = [sys.executable, "-m", "build", "--outdir", str(out.resolve()), str(source)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RunError(f"The build failed (pip install build): {done.stdout.strip()[-400:]}")


def _tracked():
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _read_setup():
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg", "utf-8")
    return setup


def _requirements(setup):
    lines = setup["options"]["install_requires"].splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _name(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower()


def _lines(items):
    return "\n" + "\n".join(items)


if __name__ == "__main__":
    sys.exit(main())
