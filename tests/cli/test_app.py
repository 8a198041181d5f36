"""The command prints results on stdout, all else on stderr, and says what went wrong."""

import json
import os
import pathlib
import re
import subprocess
import sys
from unittest import mock

import numpy as np
import pytest
from conftest import COMMIT, make
from PIL import Image

import keras_acai
from keras_acai import evaluation
from keras_acai.cli import app
from keras_acai.zoo import publishing

pytestmark = pytest.mark.once


@pytest.fixture
def folder(tmp_path):
    make("ACAI").save_pretrained(tmp_path / "tiny")
    return str(tmp_path / "tiny")


@pytest.fixture
def run(capsys):
    """The command with these arguments → (exit code, stdout, stderr)."""

    def run(*arguments):
        code = app.main([str(one) for one in arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


@pytest.fixture
def pictures(tmp_path, x):
    """Two pictures of another size and kind than the model takes, and a file that is none."""
    (tmp_path / "in" / "b").mkdir(parents=True)
    paths = [tmp_path / "in" / "one.png", tmp_path / "in" / "b" / "two.jpg"]
    for path, image in zip(paths, x):
        Image.fromarray(image[:, :, 0]).resize((20, 30)).convert("RGB").save(path)
    return paths


def test_list(run):
    code, out, _ = run("list", "acai-*")
    assert code == 0 and "acai-mnist-32" in out and "vae" not in out
    code, out, error = run("list", "nothing-*")
    assert code == 1 and not out and "`keras-acai list` shows all" in error


def test_info(run):
    code, out, _ = run("info", "acai-mnist")
    assert code == 0 and "256 numbers" in out and "99.00±0.08" in out
    code, out, error = run("info", "acai-minst")
    assert code == 2 and not out and "did you mean acai-mnist" in error


def test_load_prints_the_folder(run, folder):
    code, out, error = run("load", folder)
    assert (code, out) == (0, f"{folder}\n") and "ACAI with" in error
    with open(folder + "/model.safetensors", "ab") as file:
        file.write(b"x")
    code, out, error = run("load", folder)
    assert code == 1 and not out and "has the wrong SHA-256" in error


def test_load_from_the_hub(run, folder, snapshots, tmp_path):
    snapshots.models["acme/cli"] = folder
    code, out, _ = run("load", "hf://acme/cli", "--cache-dir", tmp_path / "cache")
    assert code == 0 and out.rstrip().endswith(f"snapshots/{COMMIT}")
    assert run("load", out.strip())[:2] == (0, out)  # what it prints loads again
    snapshots.error = OSError("unplugged")
    code, out, error = run("load", "hf://acme/no", "--cache-dir", tmp_path / "cache")
    assert code == 1 and not out and "acme/no: unplugged" in error


def test_interpolate(run, folder, pictures, tmp_path):
    out = tmp_path / "out" / "strip.png"
    for method in ("lerp", "slerp"):
        code, printed, _ = run(
            "interpolate", *pictures, "-m", folder, "--steps", 5, "--method", method, "-o", out
        )
        assert (code, printed) == (0, f"{out}\n")
        with Image.open(out) as image:
            assert image.width > 3 * image.height


def test_interpolate_as_an_animation(run, folder, pictures, tmp_path):
    out = tmp_path / "morph.gif"
    options = ["--steps", 5, "--spacing", "images", "--scale", 3]
    assert run("interpolate", *pictures, "-m", folder, "-o", out, *options)[:2] == (0, f"{out}\n")
    with Image.open(out) as image:
        assert image.size == (24, 24) and image.n_frames == 8
    assert run("interpolate", *pictures, "-m", folder, "-o", out, "--scale", 0)[0] == 2


def test_interpolate_through_several_pictures(run, folder, pictures, tmp_path):
    three, still, loop = [*pictures, pictures[0]], tmp_path / "rows.png", tmp_path / "loop.gif"
    options = ["-m", folder, "--steps", 5, "--closed", "--scale", 1]
    assert run("interpolate", *three, *options, "-o", still)[0] == 0
    with Image.open(still) as image:
        assert image.width < 4 * image.height  # three rows
    assert run("interpolate", *pictures, *options, "-o", loop)[0] == 0
    with Image.open(loop) as image:
        assert image.n_frames == 8  # two ways of 4 steps, the last of which is the first
    code, _, error = run("interpolate", pictures[0], *options)
    assert code == 2 and "at least two" in error


def test_sample(run, folder, pictures, tmp_path):
    out = tmp_path / "samples.png"
    options = ["-m", folder, "--seed", 1, "--scale", 1, "-o", out]
    code, printed, _ = run("sample", *options, "-n", 10, "--like", tmp_path / "in")
    assert (code, printed) == (0, f"{out}\n")
    with Image.open(out) as image:
        assert image.width > 3 * image.height  # rows of 8
    code, _, error = run("sample", *options)
    assert code == 1 and "has no prior" in error


def test_outliers(run, folder, pictures, x, tmp_path):
    code, out, _ = run("outliers", tmp_path / "in", "-m", folder)
    rows = [row.split(",") for row in out.splitlines()]
    assert code == 0 and rows[0] == ["name", "error"]
    assert {name for name, _ in rows[1:]} == {"one.png", "b/two.jpg"}
    np.save(tmp_path / "in.npy", x)
    code, out, _ = run("outliers", tmp_path / "in.npy", "-m", folder, "--count", 3)
    rows = [row.split(",") for row in out.splitlines()[1:]]
    errors = make("ACAI").reconstruction_error(x)
    assert [int(name) for name, _ in rows] == list(np.argsort(-errors)[:3])
    np.testing.assert_allclose([float(error) for _, error in rows], np.sort(errors)[:-4:-1], 1e-3)


def test_outliers_by_the_critic(run, folder, pictures, tmp_path):
    code, out, _ = run("outliers", tmp_path / "in", "-m", folder, "--by", "alpha")
    rows = dict(row.split(",") for row in out.splitlines())
    assert code == 0 and rows.pop("name") == "alpha"
    alpha = make("ACAI").estimate_alpha(pictures)
    for name, expected in zip(("one.png", "b/two.jpg"), alpha, strict=True):
        assert float(rows.pop(name)) == pytest.approx(expected, rel=1e-3, abs=1e-6)
    assert not rows
    make("VAE").save_pretrained(tmp_path / "vae")
    code, _, error = run("outliers", tmp_path / "in", "-m", tmp_path / "vae", "--by", "alpha")
    assert code == 1 and "VAE has no estimate_alpha: use an ACAI" in error


def test_nearest(run, folder, pictures, tmp_path):
    arguments = ["--among", tmp_path / "in", "-m", folder]
    code, out, _ = run("nearest", pictures[0], *arguments)
    rows = [row.split(",") for row in out.splitlines()]
    assert code == 0 and rows[0] == ["name", "distance"] and len(rows) == 3
    assert rows[1][0] == "one.png" and float(rows[1][1]) < 1e-5
    _, out, _ = run("nearest", *pictures, *arguments, "--share", 1, "--count", 1)
    assert out.splitlines()[1].startswith("b/two.jpg,")
    assert run("nearest", *pictures, pictures[0], *arguments)[0] == 2


def test_one_background_for_all_pictures(run, folder, x, tmp_path):
    (tmp_path / "in").mkdir()
    for number, image in enumerate(x[:4]):
        Image.merge("LA", [Image.fromarray(image[..., 0])] * 2).save(tmp_path / f"in/{number}.png")
    arguments = ["--among", tmp_path / "in", "-m", folder, "--background", "black"]
    _, out, _ = run("nearest", tmp_path / "in" / "2.png", *arguments, "--count", 1)
    name, distance = out.splitlines()[1].split(",")
    assert name == "2.png" and float(distance) < 1e-5


def test_grid(run, folder, pictures, tmp_path):
    out = tmp_path / "grid.png"
    options = ["-m", folder, "-o", out, "--size", 3, "--scale", 1]
    assert run("grid", *pictures, *pictures, *options)[:2] == (0, f"{out}\n")
    assert Image.open(out).width >= 3 * 8
    assert run("grid", *pictures, *options)[0] == 2


def test_reconstruct_and_attribute(run, folder, pictures, tmp_path):
    out = tmp_path / "drawing.png"
    assert run("reconstruct", tmp_path / "in", "-m", folder, "-o", out)[0] == 0
    out.unlink()
    options = ["--with", pictures[0], "--without", pictures[1], "-m", folder, "-o", out]
    code, printed, _ = run("attribute", tmp_path / "in", *options, "--steps", 3, "--scale", 2)
    assert (code, printed) == (0, f"{out}\n")
    assert Image.open(out).width >= 3 * 2 * 8


def test_json(run, folder, few_lines):
    code, out, _ = run("list", "acai-mnist*", "--json")
    assert code == 0 and [one["name"] for one in json.loads(out)] == ["acai-mnist", "acai-mnist-32"]
    facts = json.loads(run("info", "acai-mnist", "--json")[1])
    assert facts["preset"] == "acai-mnist" and facts["code_shape"] == [4, 4, 16]
    assert facts["scores"]["joint_probe"] > 0.9


def test_export(run, folder, tmp_path):
    pytest.importorskip("onnxruntime")
    out = tmp_path / "exported"
    code, printed, _ = run("export", folder, "-o", out, "--part", "encoder", "--uint8", "--half")
    assert (code, printed) == (0, f"{out / 'encoder.onnx'}\n")
    assert [path.name for path in out.iterdir()] == ["encoder.onnx"]
    assert run("export", folder, "--part", "probe")[0] == 2


def test_interpolate_refuses(run, folder, pictures, tmp_path):
    code, out, error = run("interpolate", *pictures, "-m", folder, "-o", tmp_path / "strip")
    assert code == 1 and not out and "ends in .png, .pdf, .svg, .gif, .webp, .apng" in error
    code, out, error = run("interpolate", pictures[0], tmp_path / "no.png", "-m", folder)
    assert code == 2 and not out and "exist" in error
    (tmp_path / "text.png").write_text("no picture")
    code, out, error = run("interpolate", pictures[0], tmp_path / "text.png", "-m", folder)
    assert code == 1 and not out and "cannot be read" in error
    assert run("interpolate", *pictures, "-m", folder, "--steps", 1)[0] == 2


def test_encode_a_folder(run, folder, pictures, tmp_path):
    codes = tmp_path / "codes.npz"
    code, out, _ = run("encode", tmp_path / "in", "-m", folder, "-o", codes, "--batch-size", 1)
    assert (code, out) == (0, f"{codes}\n")
    with np.load(codes) as file:
        assert list(file["names"]) == ["b/two.jpg", "one.png"]
        assert file["codes"].shape == (2, 12) and file["codes"].dtype == np.float32
        np.testing.assert_allclose(
            file["codes"][1], features(folder, keras_acai.datasets.picture(pictures[0], (8, 8), 1))
        )


def features(folder, image):
    return keras_acai.load(folder).features(image[None], verbose=0)[0]


def test_encode_an_npz_as_parquet(run, folder, x, y, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    np.savez(tmp_path / "in.npz", x=x, y=y)
    out = tmp_path / "codes.parquet"
    assert run("encode", tmp_path / "in.npz", "-m", folder, "-o", out)[0] == 0
    table = pq.read_table(out)
    codes = np.stack(table["codes"].to_numpy())
    np.testing.assert_allclose(codes, make("ACAI").features(x, verbose=0), atol=1e-6)
    np.testing.assert_array_equal(table["y"].to_numpy(), y)


def test_encode_to_csv(run, folder, x, y, tmp_path):
    np.savez(tmp_path / "in.npz", x=x, y=y)
    out = tmp_path / "codes.csv"
    assert run("encode", tmp_path / "in.npz", "-m", folder, "-o", out)[0] == 0
    head, *rows = [line.split(",") for line in out.read_text().splitlines()]
    assert head == ["y", *(f"code{number}" for number in range(12))]
    np.testing.assert_array_equal([int(row[0]) for row in rows], y)
    codes = np.array([row[1:] for row in rows], "float32")
    np.testing.assert_allclose(codes, make("ACAI").features(x, verbose=0), atol=1e-6)


@pytest.mark.parametrize(
    "arrays, message",
    [
        ({"images": 1}, "has no array x"),
        ({"x": np.zeros((3, 9, 9, 1), "uint8")}, "images in .* shape"),
        ({"x": np.zeros((3, 8, 8, 1), "int64")}, "dtype int64"),
        ({"x": np.zeros((3, 8, 8, 1), "uint8"), "y": np.zeros(4)}, r"3 images x, .* \(4,\)"),
        ({"x": np.zeros((3, 8, 8, 1), "uint8"), "y": np.zeros((3, 2))}, "one number or text"),
        ({"x": np.zeros((3, 8, 8, 1), "uint8"), "y": np.array(1)}, "one number or text"),
        ({"x": np.array([{}])}, r"plain arrays of numbers: write it by np\.save"),
        ({"x": np.zeros((3, 8, 8, 1), "float32")}, r"floats in \[0, 1\]"),
    ],
)
def test_encode_refuses(run, folder, tmp_path, arrays, message):
    np.savez(tmp_path / "in.npz", **arrays)
    out = tmp_path / "codes.npz"
    code, printed, error = run("encode", tmp_path / "in.npz", "-m", folder, "-o", out)
    assert code == 1 and not printed and not out.exists()
    assert re.search(message, error)


def test_encode_pictures_and_folders(run, folder, pictures, tmp_path):
    codes = tmp_path / "codes.npz"
    arguments = ["encode", *pictures, tmp_path / "in", "-m", folder, "-o", codes]
    assert run(*arguments)[:2] == (0, f"{codes}\n")
    with np.load(codes) as file:
        assert list(file["names"])[:2] == [path.as_posix() for path in pictures]
        assert file["codes"].shape == (4, 12)
    assert run("encode", pictures[0], "-m", folder, "-o", codes)[0] == 0
    (tmp_path / "text.png").write_text("no picture")
    code, _, error = run("encode", tmp_path / "text.png", "-m", folder, "-o", codes)
    assert code == 1 and "None of 1 pictures is readable" in error and "allow_pickle" not in error


def test_encode_arrays_of_any_range(run, folder, x, tmp_path):
    np.save(tmp_path / "in.npy", x / 255)
    out, arguments = tmp_path / "codes.npz", ["encode", tmp_path / "in.npy", "-m", folder]
    code, _, error = run(*arguments, "-o", out)
    assert code == 1 and "value_range=(0, 1)" in error
    assert run(*arguments, "-o", out, "--value-range", 0, 1)[0] == 0
    with np.load(out) as file:
        np.testing.assert_allclose(file["codes"], make("ACAI").features(x, verbose=0), atol=1e-5)
    (tmp_path / "bad.npy").write_bytes(b"x")
    code, _, error = run("encode", tmp_path / "bad.npy", "-m", folder, "-o", out)
    assert code == 1 and "np.save" in error and "pickle" not in error
    code, _, error = run("encode", tmp_path / "in.npy", tmp_path, "-m", folder, "-o", out)
    assert code == 1 and "one array file alone" in error


def test_a_colour_behind_transparent_pictures(run, folder, tmp_path):
    Image.new("LA", (8, 8), (0, 0)).save(tmp_path / "a.png")
    for colour, grey in (("white", 255), ("black", 0)):
        out = tmp_path / "codes.npz"
        arguments = ["encode", tmp_path / "a.png", "-m", folder, "-o", out, "--background", colour]
        assert run(*arguments)[0] == 0
        with np.load(out) as file:
            expected = features(folder, np.full((8, 8, 1), grey, "uint8"))
            np.testing.assert_allclose(file["codes"][0], expected, atol=1e-6)
    code, _, error = run(*arguments[:-1], "no")
    assert code == 1 and "background='no'" in error


def test_encode_to_a_format_that_is_none(run, folder, tmp_path):
    code, _, error = run("encode", tmp_path, "-m", folder, "-o", tmp_path / "codes.txt")
    assert code == 1 and "ends in .npz, .csv, .parquet" in error


def test_encode_to_a_folder_of_shards(run, folder, pictures, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "codes"
    arguments = ["encode", tmp_path / "in", "-m", folder, "-o", out, "--shard-size", 1]
    code, printed, error = run(*arguments)
    assert (code, printed) == (0, f"{out}\n") and "2/2 images" in error
    assert sorted(path.name for path in out.glob("*.parquet")) == [
        "codes-00000-of-00002.parquet",
        "codes-00001-of-00002.parquet",
    ]
    assert pq.read_table(out)["names"].to_pylist() == ["b/two.jpg", "one.png"]
    assert run(*arguments)[0] == 0
    code, _, error = run(*arguments[:-1], 2)
    assert code == 1 and "another shard size" in error


@pytest.fixture
def lines_model(tmp_path, monkeypatch):
    """A folder with a small model of lines, which are scored on few."""
    score = evaluation.lines_score
    monkeypatch.setattr(evaluation, "lines_score", lambda model: score(model, paths=4))
    make("ACAI", image_shape=(32, 32, 1), depth=1).save_pretrained(tmp_path / "lines")
    return tmp_path / "lines"


def test_evaluate_writes_and_checks(run, lines_model, tmp_path):
    (tmp_path / "photos").mkdir()
    for index in range(3):
        Image.new("L", (40, 40), index).save(tmp_path / "photos" / f"{index}.png")
    code, out, error = run("evaluate", lines_model)
    assert code == 1 and not out and "name it with --data" in error
    code, out, error = run("evaluate", lines_model, "--data", "lines", "--write", "--check")
    assert code == 1 and "has no scores of its weights" in error
    assert not (lines_model / "metrics.json").exists()
    code, out, error = run("evaluate", lines_model, "--data", "lines", "--write", "--n-init", 3)
    assert code == 0 and "mean distance" in out and "rmse" in error
    code, out, error = run("evaluate", lines_model, "--data", "lines", "--check")
    assert code == 0 and "The scores match" in error
    code, out, error = run("evaluate", lines_model, "--data", tmp_path / "photos", "--check")
    assert code == 1 and not out
    assert "has scores on lines, and this is pictures/photos (2 train and 1 test" in error
    metrics = json.loads((lines_model / "metrics.json").read_text())
    assert (lines_model / "interpolations.png").exists() and metrics["n_init"] == 3
    metrics["scores"]["mean_distance"] += 0.01
    (lines_model / "metrics.json").write_text(json.dumps(metrics))
    code, _, error = run("evaluate", lines_model, "--data", "lines", "--check", "--write")
    assert code == 1 and "mean distance" in error and "now" in error
    assert json.loads((lines_model / "metrics.json").read_text()) == metrics


def test_evaluate_writes_no_secret_and_no_path(run, lines_model):
    assert run("evaluate", lines_model, "--data", "lines", "--token", "hf_x", "--write")[0] == 0
    for name in ("metrics.json", "README.md"):
        text = (lines_model / name).read_text()
        assert "keras-acai evaluate lines --n-init 1000 --data lines" in text
        assert "hf_x" not in text and str(lines_model.parent) not in text


def test_evaluate_on_ones_own_pictures(run, folder, pictures):
    code, out, _ = run("evaluate", folder, "--data", pictures[0].parent)
    assert code == 0 and "rmse" in out and "picture" not in out.replace(str(pictures[0]), "")


def test_ones_own_pictures_stay_out_of_the_folder_unless_asked_for(run, folder, pictures, tmp_path):
    arguments = ["evaluate", folder, "--data", tmp_path / "in", "--write"]
    drawn = pathlib.Path(folder, "reconstructions.png")
    assert run(*arguments)[0] == 0 and not drawn.exists()
    assert run(*arguments, "--pictures")[0] == 0 and drawn.exists()


def test_evaluate_reads_no_path_that_a_record_names(run, folder, tmp_path):
    keras_acai.load(folder).save_pretrained(
        folder, run={"settings": {"data": str(tmp_path / "in")}}
    )
    code, out, error = run("evaluate", folder)
    assert code == 1 and not out and "not a data set of keras_acai: name the data" in error


def test_evaluate_from_the_hub(run, lines_model, snapshots):
    """Scores and data come along; the cache is not written to."""
    run("evaluate", lines_model, "--data", "lines", "--write")
    model = keras_acai.load(lines_model)
    model.save_pretrained(lines_model, run={"settings": {"data": "lines"}})
    snapshots.models["acme/lines"] = lines_model
    code, out, error = run("evaluate", "hf://acme/lines", "--check")
    assert code == 0 and "The scores match" in error
    code, out, error = run("evaluate", "hf://acme/lines", "--write")
    assert code == 1 and not out and "cache: leave out --write" in error


def test_publish(run, folder, monkeypatch):
    sent = mock.MagicMock(side_effect=lambda folder, repo_id, **_: published(folder, repo_id))
    monkeypatch.setattr(publishing, "publish", sent)
    code, out, _ = run("publish", folder, "acme/cli-publish", "--dry-run")
    assert code == 0 and out.split() == [
        "README.md",
        "config.json",
        "model.safetensors",
        "players.safetensors",
    ]
    assert not sent.called
    code, out, _ = run("publish", folder, "acme/cli-publish")
    assert (code, out) == (0, f"hf://acme/cli-publish@{COMMIT}\n")
    assert sent.call_args.kwargs == {"private": None, "revision": None, "token": None}


def published(folder, repo_id):
    return publishing.pin_of(folder, repo_id, COMMIT)


def test_a_backend_that_is_not_installed():
    code = (
        "import sys; sys.modules['torch'] = None; from keras_acai.cli.app import main; "
        "sys.exit(main(['app']))"
    )
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "which is not installed: pip install torch" in done.stderr
    code = "import sys; sys.modules['torch'] = None; import keras_acai; keras_acai.load"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert "Keras is set to run on torch" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["interpolate", "a.png", "-m", "acai-mnist"], "pass at least two pictures"),
        (["interpolate", "a.png", "a.png", "-m", "acai-mnist", "-o", "x.xyz"], "ends in .png"),
        (["interpolate", "a.png", "a.png", "-m", "acai-celeba"], "acai-celeba is not trained yet"),
        (["encode", "a.png", "-m", "acai-mnist", "-o", "a.png/c.npz"], "cannot be written"),
        (["sample", "-m", "acai-mnist", "-o", "a.png/b.png"], "cannot be written"),
    ],
)
def test_mistakes_that_need_no_keras_are_found_without_it(tmp_path, arguments, message):
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    code = (
        "import sys; from keras_acai.cli.app import main; main(sys.argv[1:]); "
        "sys.exit('keras' in sys.modules)"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert message in done.stderr and done.returncode == 0, done.stderr


def test_version(run):
    assert run("--version")[:2] == (0, f"keras-acai {keras_acai.__version__}\n")


def test_names_are_completed_in_a_shell():
    asked = {"COMP_WORDS": "keras-acai encode a.png -m vqvae-", "COMP_CWORD": "4"}
    environment = {**os.environ, **asked, "_KERAS_ACAI_COMPLETE": "complete_bash"}
    code = "import sys; sys.argv[0] = 'keras-acai'; from keras_acai.cli.app import main; main()"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert set(done.stdout.decode().split()) >= {"vqvae-lines", "vqvae-mnist", "vqvae-mnist-32"}


@pytest.mark.parametrize("command", ["list", "info", "load", "interpolate", "encode", "evaluate"])
def test_help_teaches(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0 and f"keras-acai {command}" in out and "Example" in out


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["interpolat"], "did you mean 'interpolate'"),
        (["list", "--traind"], "did you mean --trained?"),
        (["load", "acai-mnits"], "did you mean acai-mnist"),
        (["encode", ".", "--model", "acai-mnits", "--out", "a.npz"], "did you mean acai-mnist"),
        (["interpolate"], "Missing argument"),
        (["evaluate", "acai-lines", "--n-init", "0"], "--n-init"),
    ],
)
def test_usage_errors_are_one_line_with_suggestions(run, arguments, message):
    code, out, error = run(*arguments)
    assert code == 2 and not out and error.count("\n") == 1
    assert message.lower() in error.lower() and "--help`" in error


def test_no_arguments_show_the_help(run):
    code, out, _ = run()
    assert code == 2 and "interpolate" in out


@pytest.mark.parametrize(
    "arguments", [["--help"], ["list"], ["info", "acai-mnist"], ["load", "acai-mnits"], ["fly"]]
)
def test_commands_that_need_no_keras(arguments):
    code = (
        "import sys; from keras_acai.cli.app import main; main(sys.argv[1:]); "
        "sys.exit('keras.src' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_but_results_on_stdout(folder, x, tmp_path):
    np.savez(tmp_path / "in.npz", x=x)
    out = tmp_path / "codes.npz"
    code = "import sys; from keras_acai.cli.app import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "encode", tmp_path / "in.npz", "-m", folder, "-o", out]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert (done.returncode, done.stdout) == (0, f"{out}\n"), done.stderr
