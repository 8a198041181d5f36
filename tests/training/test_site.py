"""The site is built without a warning, and asks no other server for anything."""

import importlib.util
import re
import subprocess
import sys

import pytest

import keras_acai
from training import site

pytestmark = pytest.mark.once
FETCHED = r"<(?:script|link|img)[^>]*(?:src|href)=\"?([^\" >]+)"


@pytest.fixture(scope="module")
def built():
    if importlib.util.find_spec("zensical") is None:
        pytest.skip('pip install -e ".[site]"')
    command = [sys.executable, "-m", "training.site"]
    done = subprocess.run(command, cwd=site.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(site.ROOT / "build" / "site")
    assert "griffe" not in done.stderr and "No issues found" in done.stderr
    return site.ROOT / "build" / "site"


def test_pages(built):
    config = (site.ROOT / "mkdocs.yml").read_text("utf-8")
    pages = re.findall(r"^  - [^:]+: ([\w-]+)\.md$", config, re.MULTILINE)
    assert len(pages) > 10
    for page in pages:
        path = built / ("index.html" if page == "index" else f"{page}/index.html")
        assert path.stat().st_size > 5000, page


def test_nothing_is_fetched_from_elsewhere(built):
    for page in built.rglob("*.html"):
        fetched = re.findall(
            r"<(?:script|link|img)[^>]*(?:src|href)=\"?([^\" >]+)", page.read_text()
        )
        assert [url for url in fetched if url.startswith(("http:", "https:", "//"))] == [], page


def test_the_reference_has_what_it_names(built):
    text = (built / "api" / "index.html").read_text("utf-8")
    for name in (
        "keras_acai.load",
        "keras_acai.ACAI.estimate_alpha",
        "keras_acai.bulk.jobs.encode",
    ):
        assert f'id="{name}"' in text or f"id={name}" in text, name


def test_the_zoo_lists_every_trained_model(tmp_path):
    site.gather(tmp_path)
    text = (tmp_path / "zoo.md").read_text("utf-8")
    for name in keras_acai.list_models(trained=True):
        assert f"### {name}\n" in text
    for link in re.findall(r"\]\((weights/[^)]+)\)", text):
        assert (tmp_path / link).is_file()


def test_links_stay_in_the_site(tmp_path):
    site.gather(tmp_path)
    for page in tmp_path.glob("*.md"):
        assert "](../" not in page.read_text("utf-8"), page.name
