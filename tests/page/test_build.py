"""A page is a folder of static files that is complete and refers to nothing else."""

import json
import re

import numpy as np
import pytest
from conftest import check_refused, make
from PIL import Image

from keras_acai import page
from keras_acai.cli import app
from keras_acai.page import entries, runtime
from keras_acai.page.build import card
from keras_acai.zoo import spaces
from keras_acai.zoo.info import Info

pytestmark = pytest.mark.once


def test_files(site):
    first, second = json.loads((site / "models.json").read_text())
    assert [first["name"], second["name"]] == ["acai-mnist", "vae-mnist"]
    assert [one["title"] for one in (first, second)] == ["MNIST, ACAI", "MNIST, VAE"]
    assert [one["label"] for one in first["networks"]] == ["ACAI", "Plain autoencoder"]
    assert [one["critic"] for one in first["networks"]] == [True, False]
    assert first["shape"] == [32, 32, 1]
    assert [one["codeShape"] for one in first["networks"]] == [[4, 4, 16]] * 2
    for entry in (first, second):
        sprite = Image.open(site / entry["networks"][0]["folder"] / "samples.png")
        assert sprite.size == (32 * entry["samples"], 32)
        for one in entry["networks"]:
            for part in ("encoder", "decoder", *(["critic"] if one["critic"] else [])):
                assert (site / one["folder"] / f"{part}.onnx").is_file()
    assert {path.name for path in (site / "runtime").iterdir()} == set(runtime.SHA256)


def test_nothing_refers_to_another_server(site):
    for path in site.iterdir():
        if path.suffix in (".html", ".js", ".css", ".webmanifest"):
            assert not re.search(r"https?://", path.read_text("utf-8")), path.name


def folder_of(site):
    """Where the files of acai-mnist are."""
    (entry, _) = json.loads((site / "models.json").read_text())
    return entry["networks"][0]["folder"]


def test_models_of_the_same_name_have_folders_of_their_own(tmp_path, x):
    for place, latent_channels in (("a", 3), ("b", 4)):
        make("ACAI", latent_channels=latent_channels).save_pretrained(tmp_path / place / "best")
    first, second = (str(tmp_path / place / "best") for place in "ab")
    entry = entries.open_entry(first, [second, first], x)
    folders = [one["folder"] for one in entry.as_dict()["networks"]]
    assert folders[0] == folders[2] != folders[1] and folders[0].startswith("models/best-")
    shapes = [tuple(one["codeShape"]) for one in entry.as_dict()["networks"]]
    assert shapes == [(2, 2, 3), (2, 2, 4), (2, 2, 3)]


@pytest.mark.parametrize("name", ["run#2", "what?x", "50%41", ".hidden", "größer", "..."])
def test_names_of_folders_are_plain_in_addresses(tmp_path, x, name, monkeypatch):
    make("ACAI").save_pretrained(tmp_path / name)
    (entry,) = [entries.open_entry(str(tmp_path / name), [], x)]
    assert re.fullmatch("models/[A-Za-z0-9_][A-Za-z0-9_-]*", entry.shown[0].folder)
    monkeypatch.chdir(tmp_path / name)
    assert entries.open_entry(".", [], x).title == name


def test_names_in_the_card_are_no_markup():
    text = card([entries.Shown("<img src=x>", "A", None, Info(name="a"))])
    assert "<img" not in text and "&lt;img" in text


def test_the_service_worker_knows_the_files_of_the_first_model(site):
    worker = (site / "sw.js").read_text()
    listed = json.loads(re.search(r"const FILES = (\[.*\]);", worker)[1])
    assert all((site / name).exists() for name in listed)
    assert {f"{folder_of(site)}/encoder.onnx", "app.js", "models.json"} <= set(listed)
    assert not [name for name in listed if "vae-mnist" in name]
    assert re.search(r'CACHE = PAGE \+ "[0-9a-f]{16}"', worker)


def test_a_page_is_a_static_space(site, tmp_path, capsys):
    assert app.main(["publish", str(site), "me/morph", "--space", "--dry-run"]) == 0
    assert set(capsys.readouterr().out.split()) == set(spaces.plan(site, "me/morph"))
    expected = {"index.html", "README.md", f"{folder_of(site)}/decoder.onnx"}
    assert expected <= set(spaces.plan(site, "me/morph"))
    assert app.main(["publish", str(tmp_path), "me/morph", "--space"]) == 1
    assert "does not hold a page" in capsys.readouterr().err


def shown(licence, terms):
    return entries.Shown("a", "A", None, Info(name="a", licence=licence, terms=terms))


@pytest.mark.parametrize(
    "others, licence",
    [
        ([], "license: apache-2.0\n"),
        (
            [shown("research-only", "For research.")],
            "license: other\nlicense_name: research-only\n",
        ),
        ([shown(None, None)], ""),
        ([shown(None, None), shown("research-only", "For research.")], "license: other\n"),
    ],
)
def test_a_space_has_the_terms_of_all_its_models(others, licence):
    text = card([shown("apache-2.0", "The weights are free."), *others])
    assert text.count("license: ") == bool(licence) and f"index.html\n{licence}" in text
    for one in others:
        assert one.facts.terms is None or text.endswith(
            f"{one.facts.terms}\n\nThe weights are free.\n"
        )


def test_own_models_need_pictures(onnx_tools, npm_cache, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_ACAI_HOME", str(npm_cache))
    for name in ("ACAI", "VAE"):
        make(name).save_pretrained(tmp_path / name)
    own, other = str(tmp_path / "ACAI"), str(tmp_path / "VAE")
    check_refused("pass some as pictures", page.build, tmp_path / "site", [own])
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    options = {"beside": [other], "pictures": [tmp_path / "a.png"]}
    page.build(tmp_path / "site", [own], **options)
    (entry,) = json.loads((tmp_path / "site" / "models.json").read_text())
    assert entry["title"] == "ACAI" and entry["samples"] == 1
    assert [one["label"] for one in entry["networks"]] == ["ACAI", "VAE"]
    check_refused("of another size", page.build, tmp_path / "site", [own], beside=["ae-mnist"])


def test_a_runtime_of_another_version_is_refused(tmp_path):
    for name in runtime.SHA256:
        (tmp_path / name).write_text("another")
    check_refused("is not that of onnxruntime-web", runtime.find, tmp_path)


def test_npm_is_asked_for(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(OSError, match="npm is missing"):
        runtime.find()


def test_samples_are_shown_as_they_are(site):
    (entry, _) = json.loads((site / "models.json").read_text())
    sprite = np.asarray(Image.open(site / entry["networks"][0]["folder"] / "samples.png"))
    assert sprite.dtype == np.uint8 and sprite.max() == 255
