"""The benchmark counts the right convolutions, times what it says and reports what it timed."""

import json

import keras
import pytest

from keras_acai import presets
from keras_acai.nn import networks
from keras_acai.registry import MODELS
from training import machine
from training.benchmark import __main__ as command
from training.benchmark import contest, convolutions, measure, rates, report
from training.errors import RunError

CELLS = [*(f"{model}-lines" for model in MODELS), "acai-svhn-32", "acai-celeba-64"]


@pytest.mark.parametrize("cell", CELLS)
def test_convolutions_are_those_of_the_networks(cell):
    preset = presets.get(cell)
    sizes = {key: value for key, value in preset.arguments.items() if key != "num_classes"}
    layers = [networks.encoder(**sizes), networks.decoder(**sizes)]
    if preset.model == "acai":
        layers.append(layers[0])
    kernels = [tuple(w.shape) for network in layers for w in network.weights[::2]]
    counted = convolutions.of_step(preset)
    assert [(one.kernel, one.kernel, one.inputs, one.outputs) for one in counted] == kernels


def test_flops_of_a_step():
    """By hand: a 1×1 convolution of 32×32 images, forwards and to its weights, batch 2."""
    first = convolutions.of_step(presets.get("ae-lines"))[0]
    assert (first.forward, first.to_weights, first.to_inputs) == (1, 1, 0)
    assert first.flops(2) == 2 * 2 * (32 * 32 * 16) * 2
    assert convolutions.flops(presets.get("acai-lines"), 64) == pytest.approx(27.8e9, rel=0.02)


def test_the_critic_s_passes_are_counted_by_player():
    """Two views forwards and to its weights; backwards one more, for the autoencoder."""
    critic = convolutions.of_step(presets.get("acai-lines"))[-11:]
    assert {(one.forward, one.to_weights) for one in critic} == {(2, 2)}
    assert [one.to_inputs for one in critic] == [1] + 10 * [3]


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="once is enough")
class TestOnPyTorch:
    @pytest.mark.parametrize("model", MODELS)
    def test_every_model_has_a_yardstick(self, model):
        from training.benchmark import yardstick

        yardstick.step(presets.get(f"{model}-lines"), 2, "cpu")()

    def test_the_yardstick_has_our_weights(self):
        from training.benchmark import yardstick

        preset = presets.get("acai-lines")
        sizes = yardstick.Networks(preset.arguments, "cpu")
        arguments = {key: preset.arguments[key] for key in preset.arguments if key != "num_classes"}
        for theirs, ours in (
            (sizes.encoder(), networks.encoder(**arguments)),
            (sizes.decoder(), networks.decoder(**arguments)),
        ):
            assert sum(p.numel() for p in theirs.parameters()) == ours.count_params()

    def test_a_model_without_a_yardstick_is_timed_without_it(self, monkeypatch):
        from training.benchmark import yardstick

        options = measure.Options(["vae-lines"], ["torch"])
        names = [name for name, *_ in measure.plans_for("vae-lines", options)]
        assert names == ["torch", "convolutions", "yardstick"]
        monkeypatch.delitem(yardstick.STEPS, "vae")
        names = [name for name, *_ in measure.plans_for("vae-lines", options)]
        assert names == ["torch", "convolutions"]

    def test_the_command(self, tmp_path, capsys):
        small = "ae-lines --backends torch --batch-size 2 --rounds 2 --seconds 0.01 --no-inference "
        small += "--no-rates"
        assert command.main([*small.split(), "--out", str(tmp_path / "speed")]) == 0
        assert "| ae-lines |" in capsys.readouterr().out
        results = json.loads((tmp_path / "speed.json").read_text())
        step = results["steps"]["ae-lines"]
        assert set(step) == {"torch", "convolutions", "yardstick", "gflop"}
        fit, by_hand = (step[name]["median_seconds"] for name in ("torch", "yardstick"))
        assert len(step["torch"]["rounds_seconds"]["fit"]) == 2 and step["torch"]["peak_bytes"] > 0
        text = (tmp_path / "speed.md").read_text()
        assert f"{by_hand['step'] / fit['fit']:.2f}" in text
        assert f"{1000 * fit['fit']:.1f}" in text

    def test_a_contender_that_fails_says_why(self):
        with pytest.raises(RunError, match=r"ours failed:(.|\n)*nothing"):
            contest.hold([("ours", "torch", {"kind": "ours.nothing"})], 1, 0.01)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["acai-mnits"], "did you mean acai-mnist"),
        (["--batch-size", "-1"], "'--batch-size'"),
        (["--backends", "numpy"], "'--backends'"),
        (["--round", "2"], "did you mean --rounds"),
    ],
)
def test_usage_errors(capsys, arguments, message):
    assert command.main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.skipif(keras.backend.backend() != "torch", reason="once is enough")
def test_rates_are_those_of_all_processes(monkeypatch):
    monkeypatch.setattr(rates, "CELLS", (("ae-lines", 2),))
    monkeypatch.setattr(rates, "REFERENCES", {"yardstick": "torch"})
    (row,) = rates.measure(["torch"], ["float32"], rounds=1, seconds=0.01)
    assert row["together"]["torch"] > 0 and row["references"]["yardstick"] > 0
    report_of_rates = "\n".join(report.rates({"rates": [row]}))
    assert f"{row['together']['torch']:,.0f} / {row['apart']['torch']:,.0f}" in report_of_rates


def test_rates_of_processes_add_up(monkeypatch):
    class Contender:
        def __init__(self, name, backend, options, environment=None, core=None):
            self.name, self.core, self.seconds = name, core, {}

        def take_turn(self, seconds):
            self.seconds.setdefault("fit", []).append(0.5)

        def close(self):
            pass

    monkeypatch.setattr(contest, "Contender", Contender)
    monkeypatch.setattr(machine, "core_numbers", lambda: [0, 3, 5])
    rate = rates.Rate({"cell": "ae-lines", "batch_size": 4, "dtype": "float32"}, 3, 0.1)
    assert rate.together("torch") == 8.0
    assert rate.apart("torch") == 24.0


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is TensorFlow's")
def test_the_authors_loop_learns():
    from training.benchmark import authors

    policy = keras.config.dtype_policy()
    try:
        step = authors.step(presets.get("acai-lines"), 4, "cpu")
        losses = [step() for _ in range(8)]
    finally:
        keras.config.set_dtype_policy(policy)
    assert losses[-1] < losses[0]
