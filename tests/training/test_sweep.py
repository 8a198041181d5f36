"""Several runs at once: started, resumed, stopped and reported together."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from keras_acai import files
from training import sweep, workers
from training.run import history
from training.workers import Worker

pytestmark = pytest.mark.once

SIZES = "--size 8 --depth 1 --latent-width 4 --latent-channels 1 --recipe paper --batch-size 4"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3)).astype("uint8")
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def command(pictures, out, images, *names):
    options = f"--data {pictures} {SIZES} --images {images} --checkpoint-every 16"
    return [*(names or ("ae",)), "--out", str(out), "--options", options]


def test_all_runs_complete_and_are_not_repeated(pictures, tmp_path, capsys):
    arguments = [*command(pictures, tmp_path, 32, "ae", "acai"), "--seeds", "2", "--jobs", "2"]
    assert sweep.main(arguments) == 0
    out = capsys.readouterr().out
    assert out.count("complete") == 4 and out.count(" 32 ") >= 8
    records = [files.read_json(path) for path in sorted(tmp_path.glob("*/run.json"))]
    assert [record["status"] for record in records] == ["complete"] * 4
    assert {record["settings"]["seed"] for record in records} == {0, 1}
    assert sweep.main(arguments) == 0
    assert [files.read_json(path) for path in sorted(tmp_path.glob("*/run.json"))] == records


def test_a_failed_run_does_not_stop_the_others(pictures, tmp_path, capsys):
    worker = sweep.worker_of("ae", 0, tmp_path, command(pictures, tmp_path, 16)[-1])
    worker.folder.mkdir()
    (worker.folder / "run.json").write_text("{")
    assert sweep.main([*command(pictures, tmp_path, 16), "--seeds", "2", "--jobs", "1"]) == 1
    out = capsys.readouterr().out
    assert "failed" in out and "complete" in out
    assert "corrupt" in (worker.folder / "log.txt").read_text()


def interrupted(arguments, out, starts):
    """The records of two runs that a sweep has started so often, stopped by Ctrl-C."""

    def is_training(path):
        record = files.read_json(path)
        return len(record["starts"]) == starts and record["images"] > record["starts"][-1]["images"]

    process = subprocess.Popen(
        [sys.executable, "-m", "training.sweep", *arguments], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while sum(map(is_training, out.glob("*/run.json"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    return [files.read_json(path) for path in sorted(out.glob("*/run.json"))]


@pytest.mark.long
def test_ctrl_c_stops_all_with_a_checkpoint_and_the_same_command_resumes(pictures, tmp_path):
    arguments = [*command(pictures, tmp_path, 10**6), "--seeds", "2", "--jobs", "2"]
    first = interrupted(arguments, tmp_path, starts=1)
    second = interrupted(arguments, tmp_path, starts=2)
    assert [record["status"] for record in first + second] == ["interrupted"] * 4
    for before, after in zip(first, second, strict=True):
        assert after["starts"][1]["images"] == before["images"] > 0


def test_no_run_outlives_an_error_of_the_sweep(pictures, tmp_path, monkeypatch):
    worker = sweep.worker_of("ae", 0, tmp_path, command(pictures, tmp_path, 10**6)[-1])

    def fail(workers):
        raise OSError("no terminal")

    monkeypatch.setattr(sweep, "progress_table", fail)
    monkeypatch.setattr(sweep.rich.console.Console, "is_terminal", True)
    with pytest.raises(OSError, match="no terminal"):
        sweep.train([worker], jobs=1)
    assert worker.process.returncode is not None and worker.status == "interrupted"


def test_a_folder_that_cannot_be_made_and_a_corrupt_history(pictures, tmp_path, capsys):
    workers = [
        sweep.worker_of("ae", seed, tmp_path, command(pictures, tmp_path, 16)[-1])
        for seed in range(3)
    ]
    workers[0].folder.write_text("a file in the way")
    workers[1].folder.mkdir()
    (workers[1].folder / "history.csv").write_text("images\nmany\n")
    assert sweep.train(workers, jobs=3) == 1
    assert "exists" in workers[0].status
    assert workers[1].status == "failed: see log.txt" and workers[2].status == "complete"
    assert "history.csv is corrupt" in (workers[1].folder / "log.txt").read_text()


def test_names_that_look_like_markup(tmp_path):
    table = sweep.progress_table([Worker([], tmp_path / "ae-[draft] [b]", images=400)])
    console = sweep.rich.console.Console(width=120)
    with console.capture() as shown:
        console.print(table)
    assert "ae-[draft] [b]" in shown.get()


def test_each_run_gets_the_core_with_the_fewest(monkeypatch):
    monkeypatch.setattr(sweep.machine, "core_numbers", lambda: [2, 5])
    monkeypatch.setattr(Worker, "is_running", property(lambda worker: worker.core is not None))
    workers = [Worker([], None, 1) for _ in range(4)]
    for worker in workers:
        worker.core = sweep.freest_core(workers)
    assert [worker.core for worker in workers] == [2, 5, 2, 5]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["acai-lnies"], "did you mean acai-lines"),
        (["acai-lines", "--options", "--imagse 3"], "--imagse"),
        (["acai-lines", "--options", "--seed 3"], "use --seeds"),
        (["acai-lines", "--options", "--help"], "keras-acai train acai-lines --help"),
        (["acai-lines", "--options", "--data 'my"], "No closing quotation"),
        (["acai-lines", "acai-lines"], "named twice"),
        (["acai-lines", "--seeds", "0"], "--seeds"),
    ],
)
def test_usage_errors_come_before_any_run(arguments, message, tmp_path, capsys):
    assert sweep.main([*arguments, "--out", str(tmp_path)]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())


def test_a_sweep_under_nohup_outlives_its_terminal():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with workers.stopped_by_signals([]) as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.wait(0.1)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_progress_is_that_of_the_last_checkpoint(tmp_path):
    worker = Worker([], tmp_path, images=400)
    assert worker.progress().images == 0 and worker.status == "waiting"
    rows = [
        {"images": 100, "seconds": 10.0, "loss": 1.0},
        {"images": 200, "seconds": 15.0, "loss": 0.5, "test_mean_distance": 0.25},
    ]
    history.write(tmp_path / "history.csv", rows)
    progress = worker.progress()
    assert (progress.images, progress.rate) == (200, 20.0)
    assert progress.scores == {"mean distance": 0.25}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_a_run_keeps_to_its_core(pictures, tmp_path):
    core = max(os.sched_getaffinity(0))
    worker = sweep.worker_of("ae", 0, tmp_path, command(pictures, tmp_path, 16)[-1])
    worker.start(core)
    assert os.sched_getaffinity(worker.process.pid) == {core}
    worker.process.kill()
    worker.process.wait()
