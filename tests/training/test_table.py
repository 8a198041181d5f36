"""The paper's tables are filled only from measured scores."""

import csv
import io
import json
import pathlib
import shutil

import pytest

from keras_acai.registry import MODELS
from training import table

pytestmark = pytest.mark.once

SETTINGS = {
    "name": "acai-mnist-32",
    "seed": 0,
    "recipe": "fast",
    "images": 1000,
    "image_shape": [32, 32, 1],
    "latent_width": 4,
    "latent_channels": 2,
    "depth": 16,
    "num_classes": 10,
}


def put(folder, scores, data="mnist", on=None, seen=None, counts=None, before=None, **settings):
    folder.mkdir(parents=True)
    run = {"settings": SETTINGS | settings, "data": {"name": data}}
    run |= {"before": before} if before else {}
    (folder / "run.json").write_text(json.dumps(run))
    metrics = {"scores": scores, "images": seen or run["settings"]["images"], "counts": counts}
    metrics["data"] = {"name": on or data}
    (folder / "metrics.json").write_text(json.dumps(metrics))


def cells_of(text, row):
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {row} |")]
    return dict(zip(MODELS, [cell.strip() for cell in line.split("|")[2:-1]]))


def text_of(capsys, *arguments):
    assert table.main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_without_runs_only_the_papers_figures_are_shown(tmp_path, capsys):
    text = text_of(capsys, tmp_path)
    assert cells_of(text, "mean distance, ·10⁻³, paper")["acai"] == "0.24±0.01"
    assert cells_of(text, "smoothness, paper")["dropout"] == ""
    assert not any(cells_of(text, "smoothness, here").values())
    assert text.count(", here |") == 2 + 6 + 4


@pytest.mark.parametrize("seeds, shown", [((0.9,), "90.00"), ((0.9, 0.92), "91.00±1.41")])
def test_seeds_are_shown_as_mean_and_deviation(tmp_path, capsys, seeds, shown):
    for seed, score in enumerate(seeds):
        put(tmp_path / str(seed), {"joint_probe": score, "rmse": 20.0}, seed=seed)
    line = next(
        line
        for line in text_of(capsys, tmp_path).splitlines()
        if line.startswith("| MNIST (32), here")
    )
    assert line.rstrip("| ").endswith(shown)


def test_a_model_in_two_folders_counts_once(tmp_path, capsys):
    put(tmp_path / "runs" / "a", {"clustering": 0.5})
    put(tmp_path / "weights" / "a", {"clustering": 0.5})
    assert "±" not in text_of(capsys, tmp_path).split("MNIST (32), here")[2].splitlines()[0]


@pytest.mark.parametrize(
    "change",
    [
        {"depth": 8},
        {"data": "fashion_mnist"},
        {"data": "pictures/mnist"},
        {"name": "acai"},
        {"latent_channels": 3},
        {"adversarial_weight": 0.0},
        {"seen": 500},
        {"seen": 5500, "before": {"images": 5000, "data": {"name": "mnist"}}},
        {"seen": 6000, "before": {"images": 5000, "data": {"name": "fashion_mnist"}}},
        {"cooldown": 1000},
        {"head_start": 250, "cooldown": 750},
    ],
)
def test_other_models_and_data_are_left_out(tmp_path, capsys, change):
    put(tmp_path / "a", {"joint_probe": 0.5}, **change)
    assert table.main([str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert "50.00" not in shown.out and "a is no cell of the tables" in shown.err


def test_scores_on_other_data_are_left_out(tmp_path, capsys):
    put(tmp_path / "run", {"joint_probe": 0.9}, on="fashion_mnist")
    assert "90.00" not in text_of(capsys, tmp_path)


def test_models_trained_on_a_part_of_the_data_have_their_own_rows(tmp_path, capsys):
    put(tmp_path / "a", {"joint_probe": 0.5}, counts=[60_000, 10_000])
    put(tmp_path / "b", {"joint_probe": 0.6}, counts=[1234, 10_000], images=2000)
    put(tmp_path / "c", {"joint_probe": 0.7}, counts=[500, 10_000], images=2000)
    text = text_of(capsys, tmp_path).split("(joint probe), %**")[1].split("**")[0]
    assert cells_of(text, "MNIST (32), here")["acai"] == "50.00"
    assert cells_of(text, "MNIST (32) of 1,234 train, 10,000 test images, here")["acai"] == "60.00"
    assert cells_of(text, "MNIST (32) of 500 train, 10,000 test images, here")["acai"] == "70.00"
    names = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| MNIST (32)")]
    parts = [
        f"| MNIST (32) of {count} train, 10,000 test images, here" for count in ("1,234", "500")
    ]
    whole = [f"| MNIST (32), {source}" for source in ("paper", "here", "against the paper")]
    assert names == [*whole, *parts]


@pytest.mark.parametrize(
    "there, own",
    [
        (1, {"adversarial_weight": 1.0, "head_start": 250}),
        (1, {"name": "vqvae-mnist-32", "head_start": 250}),
        (1, {}),  # from before there was a weight
        (0, {"adversarial_weight": 0.1}),
        (0, {"cooldown": 1000}),
    ],
)
def test_a_model_with_the_papers_arguments_is_included(tmp_path, capsys, there, own):
    put(tmp_path / "a", {"joint_probe": 0.5}, **({"name": "aae-mnist-32"} | own))
    assert text_of(capsys, tmp_path).count("50.00") == there


def test_runs_that_saw_the_most_images_count(tmp_path, capsys):
    put(tmp_path / "a", {"joint_probe": 0.5})
    put(tmp_path / "b", {"joint_probe": 0.9}, images=2000, recipe="paper")
    put(tmp_path / "c", {"joint_probe": 0.6}, learning_rate=1.0)
    text = text_of(capsys, tmp_path)
    assert "90.00" in text and "±" not in text.split("MNIST (32), here")[1].splitlines()[0]


def test_a_run_that_started_from_another_is_included(tmp_path, capsys):
    before = {"images": 5000, "data": {"name": "mnist"}}
    put(tmp_path / "a", {"joint_probe": 0.5}, seen=6000, before=before, cooldown=1000)
    text = text_of(capsys, tmp_path)
    assert "50.00" in text


def test_records_without_later_settings_have_their_defaults(tmp_path, capsys):
    put(tmp_path / "a", {"joint_probe": 0.9})
    put(tmp_path / "b", {"joint_probe": 0.92}, seed=1, cooldown=0, start="")
    assert "91.00±1.41" in text_of(capsys, tmp_path)


def test_damaged_files_are_left_out(tmp_path, capsys):
    put(tmp_path / "good", {"joint_probe": 0.5})
    for name, content in (("a", "{"), ("b", "{}"), ("c", "[1]")):
        put(tmp_path / name, {"joint_probe": 0.9})
        (tmp_path / name / "metrics.json").write_text(content)
    assert table.main([str(tmp_path)]) == 0
    output = capsys.readouterr()
    assert "50.00" in output.out and "90.00" not in output.out
    assert output.err.count("is left out") == 3


def test_an_unwritable_file_is_an_error(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert table.main([str(tmp_path), "--out", str(tmp_path / "file" / "t")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_scores_that_could_not_be_computed_are_left_out(tmp_path, capsys):
    lines = {"name": "acai-lines", "latent_width": 2, "latent_channels": 16}
    put(tmp_path / "a", {"mean_distance": 0.002, "smoothness": None}, data="lines", **lines)
    text = text_of(capsys, tmp_path)
    assert cells_of(text, "mean distance, ·10⁻³, here")["acai"] == "2.00"
    assert cells_of(text, "smoothness, here")["acai"] == ""


def test_files_hold_the_tables(tmp_path, capsys):
    put(tmp_path / "a", {"joint_probe": 0.5})
    text_of(capsys, tmp_path, "--out", tmp_path / "docs" / "results")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "docs" / "results.csv").read_text())))
    ours = {row["score"]: row for row in rows if row["source"] == "here"}
    assert ours["joint_probe"]["mean"] == "0.5" and ours["images"]["mean"] == "1000"
    assert {(row["runs"], row["model"]) for row in ours.values()} == {("1", "acai")}
    assert len(rows) == 2 + 2 * 6 + 6 * 6 + 4 * 6
    assert "50.00" in (tmp_path / "docs" / "results.md").read_text()


@pytest.mark.parametrize("page", ["docs/results.md"])
def test_pages_show_the_shipped_models(tmp_path, capsys, page):
    root = pathlib.Path(__file__).parents[2]
    copy = tmp_path / "page.md"
    shutil.copy(root / page, copy)
    text_of(capsys, root / "weights", "--into", copy)
    assert copy.read_text("utf-8") == (root / page).read_text("utf-8")


def test_images_seen_have_a_table(tmp_path, capsys):
    put(tmp_path / "a", {"joint_probe": 0.5}, images=2**20)
    put(tmp_path / "b", {"joint_probe": 0.6}, images=2**20, seed=1)
    seen = text_of(capsys, tmp_path).split("Images seen, millions")[1]
    assert cells_of(seen, "MNIST (32), here")["acai"] == "1.05"
    assert seen.startswith(" (paper: 16.78)") and "MNIST (32), paper" not in seen


def test_a_page_is_updated(tmp_path, capsys):
    put(tmp_path / "a", {"joint_probe": 0.5})
    page = tmp_path / "page.md"
    page.write_text(f"Above\n{table.BEGIN}\nold\n{table.END}\nbelow\n")
    text_of(capsys, tmp_path, "--into", page)
    first = page.read_text()
    assert first.startswith("Above\n") and first.endswith(f"{table.END}\nbelow\n")
    assert "50.00" in first and "old" not in first and "Lines" not in first
    text_of(capsys, tmp_path, "--into", page)
    assert page.read_text() == first


@pytest.mark.parametrize("content", ["", table.BEGIN, f"{table.END}\n{table.BEGIN}"])
def test_a_page_without_a_place_for_tables_is_refused(tmp_path, capsys, content):
    page = tmp_path / "page.md"
    page.write_text(content)
    assert table.main([str(tmp_path), "--into", str(page)]) == 1
    assert "has no line" in capsys.readouterr().err and page.read_text() == content


def test_a_missing_folder_is_an_error(tmp_path, capsys):
    assert table.main([str(tmp_path / "none")]) == 2
    assert "none' does not exist" in capsys.readouterr().err
