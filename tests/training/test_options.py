"""The command line of training: every setting can be overridden, errors are one line."""

import pathlib
import subprocess
import sys

import pytest
import typer

from training import options, train

pytestmark = pytest.mark.once


def test_defaults():
    chosen, others = options.parse(["vae-svhn-32", "--recipe", "paper"])
    assert chosen.data == "svhn" and chosen.recipe.images == 2**24
    assert others == options.Options(pathlib.Path("runs/vae-svhn-32-paper-0"), None, 1, None)


def test_every_setting_can_be_overridden(tmp_path):
    arguments = (
        f"acai-mnist --seed 3 --images 2000 --batch-size 32 --learning-rate 2e-3 --warmup 64 "
        f"--schedule constant --checkpoint-every 500 --n-init 5 --latent-width 2 "
        f"--latent-channels 3 --depth 4 --num-classes none --adversarial-weight 0.25 "
        f"--gamma 0.1 --probe-learning-rate 1 --critic-depth 6 --image-shape 16,16,1 "
        f"--dtype mixed_bfloat16 --averaging 64 --out {tmp_path} --data-dir d"
    )
    chosen, others = options.parse(arguments.split())
    assert (others.out, others.data_dir) == (tmp_path, "d")
    recipe, model = chosen.recipe, chosen.build()
    assert (recipe.images, recipe.learning_rate, recipe.schedule) == (2000, 2e-3, "constant")
    assert (recipe.averaging, recipe.probe_learning_rate) == (64, 1.0)
    assert model.get_config()["critic_depth"] == 6 and model.probe is None
    assert model.dtype_policy.name == "mixed_bfloat16"
    assert model.image_shape == (16, 16, 1) and model.code_size == 12 and model.gamma == 0.1


def test_the_defaults_depend_on_the_first_options():
    chosen, others = options.parse(
        ["acai", "--data", "my/pictures/", "--size", "64", "--seed", "2"]
    )
    assert chosen.arguments["image_shape"] == (64, 64, 3) and chosen.recipe.images == 2**19
    assert others.out == pathlib.Path("runs/acai-pictures-fast-2")
    chosen, _ = options.parse(["aae-lines", "--start=aae-lines", "--head-start", "16"])
    assert (chosen.start, chosen.recipe.head_start) == ("aae-lines", 16)


@pytest.mark.parametrize("name", ["acai-lines", "vqvae-mnist", "aae-svhn", "dropout-lines"])
def test_help_explains_every_setting(capsys, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "200")
    assert train.main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    chosen, _ = options.parse([name])
    lines = {line.split()[1]: line for line in shown.splitlines() if line.startswith("│ --")}
    for setting, value in chosen.record().items():
        if setting not in options.FIRST:
            meaning = lines["--" + setting.replace("_", "-")].strip("│ ").split("  ")[-1]
            assert len(meaning.split()) >= 3, f"{setting}: {meaning}"
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            assert f"[default: {text.replace('None', 'none')}]" in shown
    assert "**kwargs" not in shown


def test_help_without_a_name_lists_the_names(capsys):
    assert train.main(["--help"]) == 0
    assert "vqvae-svhn-32" in capsys.readouterr().out


def test_no_arguments_show_the_help(capsys):
    assert train.main([]) == 2
    shown = capsys.readouterr()
    assert "vqvae-svhn-32" in shown.out + shown.err


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["acai-mnits"], "did you mean acai-mnist"),
        (["acai"], "add --data"),
        (["acai-lines", "--recipe", "slow"], "'paper' or 'fast'"),
        (["acai-lines", "--images", "none"], "'none' is not a whole number"),
        (["acai-lines", "--images", "0"], "images=0"),
        (["acai-lines", "--learning-rate", "fast"], "'fast' is not a number"),
        (["acai-lines", "--image-shape", "32x32"], "write 32,32,3"),
        (["acai-lines", "--learnin-rate", "1"], "did you mean --learning-rate"),
        (["acai-lines", "--beta", "2"], "No such option: --beta"),
        (["acai-lines", "--seed", "-1"], "seed=-1"),
        (["acai-lines", "--dtype", "float16"], "use float32, mixed_bfloat16, auto"),
        (["acai-lines", "--size", "big"], "'--size'"),
        (["acai-lines", "--devices", "0"], "'--devices'"),
        (["--images", "64", "acai-lines"], "name the model before --images"),
    ],
)
def test_usage_errors_are_one_line(capsys, arguments, message):
    assert train.main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    with pytest.raises(typer.TyperException):
        options.parse(arguments)


def test_a_misspelt_name_needs_no_keras():
    code = (
        "import sys; from training import train; code = train.main(['acai-mnits']); "
        "sys.exit(code if 'keras.src' not in sys.modules else 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2 and "did you mean" in done.stderr
