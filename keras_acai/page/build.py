"""The page as a folder of static files, for any web server or a Hugging Face Space."""

import hashlib
import json
import pathlib
import shutil

import numpy as np

from keras_acai import files, images, lines
from keras_acai.export import formats
from keras_acai.page import entries, runtime
from keras_acai.zoo import cards, terms

STATIC = pathlib.Path(__file__).with_name("static")
MODELS = ("acai-mnist", "acai-lines")
ICON = 192  # pixels
SPACE = """---
title: Autoencoders that interpolate
emoji: 🖇️
colorFrom: gray
colorTo: yellow
sdk: static
app_file: index.html
{licence}pinned: false
---

Mix two pictures with autoencoders that interpolate: {names}. Everything runs in the browser, with
ONNX Runtime Web {version} (MIT licence). Made by `keras-acai app`.

{terms}
"""


def build(folder, models=MODELS, *, beside=None, pictures=None, runtime_folder=None):
    """Write a web page on which people mix pictures with models of their choice.

    It is static: any web server serves it, and `keras-acai publish --space` makes it a Space of the
    Hugging Face Hub. Models run in the browser, which asks no other server for anything. What was
    used once works without a network.

    Args:
        folder: path. It is created; files of an older page are replaced.
        models: list of names or folders, as for `load`; the page opens with the first. Defaults to
            "acai-mnist" and "acai-lines".
        beside: list of names of models to show beside each. Defaults to None: the plain
            autoencoder of the same data, if it is trained.
        pictures: pictures to begin with, in any form that `encode` takes. Defaults to None: samples
            of the models' data sets.
        runtime_folder: path. The folder `dist` of the npm package onnxruntime-web. Defaults to
            None: npm fetches it once.

    Returns:
        `pathlib.Path`, that of `index.html`.

    Raises:
        ValueError: for models that the page cannot show, and without the packages for ONNX.
        OSError: if npm is missing.
        keras_acai.LoadError: for a model that cannot be loaded.
    """
    formats.check_format("onnx")
    found = runtime.find(runtime_folder)
    opened = [entries.open_entry(name, beside, pictures) for name in models]
    opened = entries.with_titles_of_their_own(opened)
    with files.atomic_write_together(folder) as new:
        for path in STATIC.iterdir():
            shutil.copyfile(path, new / path.name)
        (new / "runtime").mkdir()
        for name, path in found.items():
            shutil.copyfile(path, new / "runtime" / name)
        for entry in opened:
            _write_models(entry, new)
        _write_facts(opened, new)
        _finish_worker(new, opened[0])
    return pathlib.Path(folder, "index.html")


def _write_models(entry, site):
    """Writes the ONNX files and the samples of an entry."""
    for one in entry.shown:
        if not (site / one.folder).exists():
            parts = ("encoder", "decoder", *(["critic"] if one.has_critic else []))
            one.model.export(site / one.folder, parts=parts, uint8=True, half=True)
    entry.sprite().save(site / entry.shown[0].folder / "samples.png")


def _write_facts(opened, site):
    """Writes the list of models, the manifest, the icon and the card of a Space."""
    texts = {
        "models.json": files.as_json([entry.as_dict() for entry in opened]),
        "README.md": card([one for entry in opened for one in entry.shown]),
        "site.webmanifest": files.as_json(
            {
                "name": "Autoencoders that interpolate",
                "short_name": "Interpolate",
                "start_url": ".",
                "display": "standalone",
                "icons": [{"src": "icon.png", "sizes": f"{ICON}x{ICON}", "type": "image/png"}],
            }
        ),
    }
    for name, text in texts.items():
        (site / name).write_text(text, "utf-8")
    line = images.to_pil(lines.draw(np.array([0.6])))[0]
    line.resize((ICON, ICON)).save(site / "icon.png")


def card(shown):
    """Returns the card of a Space, with the terms of all data that its models were trained on.

    Args:
        shown: list of `entries.Shown`.
    """
    names = ", ".join(dict.fromkeys(cards.escaped(one.name) for one in shown))
    texts = "\n\n".join(sorted({one.facts.terms for one in shown if one.facts.terms}))
    licence = terms.narrowest({one.facts.licence for one in shown})
    header = cards.licence(licence) if licence else {}
    header = "".join(f"{key}: {value}\n" for key, value in header.items())
    return SPACE.format(names=names, version=runtime.VERSION, licence=header, terms=texts)


def _finish_worker(site, first):
    """Tells the service worker its version and the files that it keeps from the start."""
    paths = sorted(path for path in site.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(site).as_posix().encode() + path.read_bytes())
    later = {"README.md", "sw.js"}
    at_once = [
        name
        for name in (path.relative_to(site).as_posix() for path in paths)
        if name not in later and _is_for(name, first)
    ]
    worker = site / "sw.js"
    text = worker.read_text("utf-8").replace('"VERSION"', f'"{digest.hexdigest()[:16]}"')
    worker.write_text(text.replace('["./"]', json.dumps(["./", *at_once])), "utf-8")


def _is_for(name, entry):
    """Whether a file of the site is the page's own, or one of an entry."""
    folders = [f"{one.folder}/" for one in entry.shown]
    return not name.startswith("models/") or name.startswith(tuple(folders))
