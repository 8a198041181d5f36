"""The command line: every setting can be overridden, nonsense is refused."""

import pathlib

import pytest

import keras_acai
from keras_acai import presets
from training import settings

pytestmark = pytest.mark.once


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        settings.parse(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_a_cell_of_the_papers_tables():
    asked, options = settings.parse(["vae-svhn-32", "--recipe", "paper"])
    assert asked["data"] == "svhn" and asked["images"] == 2**24 and asked["beta"] == 1.0
    assert asked["image_shape"] == (32, 32, 3) and asked["latent_channels"] == 2
    assert asked["depth"] == 64 and asked["num_classes"] == 10 and asked["seed"] == 0
    assert options.out == pathlib.Path("runs/vae-svhn-32-paper-0")


def test_every_setting_can_be_overridden(tmp_path):
    arguments = (
        f"acai-mnist --seed 3 --images 2000 --batch-size 32 --learning-rate 2e-3 --warmup 64 "
        f"--schedule constant --checkpoint-every 500 --n-init 5 --latent-width 2 "
        f"--latent-channels 3 --depth 4 --num-classes none --adversarial-weight 0.25 "
        f"--gamma 0.1 --probe-learning-rate 1 --critic-depth 6 --image-shape 16,16,1 "
        f"--dtype mixed_bfloat16 --out {tmp_path} --data-dir d"
    )
    asked, options = settings.parse(arguments.split())
    assert (options.out, options.data_dir) == (tmp_path, "d")
    recipe, model = settings.recipe(asked), settings.build(asked)
    assert (recipe.images, recipe.learning_rate, recipe.schedule) == (2000, 2e-3, "constant")
    assert model.get_config()["critic_depth"] == 6 and model.probe is None
    assert model.dtype_policy.name == "mixed_bfloat16"
    assert model.image_shape == (16, 16, 1) and model.code_size == 12 and model.gamma == 0.1


def test_every_name_builds_its_class():
    for name, class_name in (("aae-lines", "AAE"), ("denoising-mnist-32", "DenoisingAutoencoder")):
        model = settings.build(settings.parse([name])[0])
        assert type(model) is getattr(keras_acai, class_name)
    assert settings.parse(["vqvae-lines"])[0]["latent_width"] == 4


@pytest.mark.parametrize("name", ["aae-lines", "aae-mnist-32", "vqvae-lines", "vqvae-mnist"])
def test_some_models_have_a_head_start_in_fast(name):
    fast, _ = settings.parse([name])
    paper, _ = settings.parse([name, "--recipe", "paper"])
    assert [fast["head_start"], fast["cooldown"]] == [2**15, 0]
    assert [paper["head_start"], paper["cooldown"]] == [0, 0]
    model = settings.signature(presets.get(name).class_name)
    assert [fast[key] for key in model] == [paper[key] for key in model]
    assert settings.recipe(fast).phase(2**11) == "between"
    assert settings.parse([name, "--head-start", "16"])[0]["head_start"] == 16


@pytest.mark.parametrize("name", ["acai-lines", "vae-lines", "ae-mnist"])
def test_other_models_have_none(name):
    assert settings.parse([name])[0]["head_start"] == 0


def test_a_trained_model_has_had_its_head_start():
    asked, _ = settings.parse(["aae-lines", "--start", "aae-lines"])
    assert (asked["start"], asked["head_start"]) == ("aae-lines", 0)
    asked, _ = settings.parse(["aae-lines", "--start", "aae-lines", "--head-start", "16"])
    assert asked["head_start"] == 16


def test_records_of_before_a_setting_have_the_papers():
    asked, _ = settings.parse(["aae-lines"])
    for name in ("head_start", "cooldown", "adversarial_weight", "start"):
        del asked[name]
    done = settings.completed(asked)
    assert (done["head_start"], done["cooldown"], done["start"]) == (0, 0, "")
    assert done["adversarial_weight"] == 1.0 and settings.recipe(asked).head_start == 0


def test_own_pictures():
    asked, options = settings.parse(["acai", "--data", "my/pictures/", "--size", "64"])
    assert asked["image_shape"] == (64, 64, 3) and asked["num_classes"] is None
    assert options.out == pathlib.Path("runs/acai-pictures-fast-0")
    assert settings.preset(asked) is None


def test_help_shows_the_settings_of_a_cell(capsys):
    with pytest.raises(SystemExit) as stop:
        settings.parse(["acai-lines", "--help"])
    shown = capsys.readouterr().out
    assert stop.value.code == 0 and "--adversarial-weight" in shown and "0.5" in shown


def test_help_without_a_name_lists_the_names(capsys):
    with pytest.raises(SystemExit) as stop:
        settings.parse(["--help"])
    assert stop.value.code == 0 and "vqvae-svhn-32" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["acai-mnits"], "did you mean acai-mnist"),
        (["acai"], "add --data"),
        (["acai-lines", "--recipe", "slow"], "'paper' or 'fast'"),
        (["acai-lines", "--images", "none"], "invalid int"),
        (["acai-lines", "--images", "0"], "images=0"),
        (["acai-lines", "--beta", "2"], "unrecognized arguments: --beta 2"),
        (["acai-lines", "--seed", "-1"], "seed=-1"),
        (["acai-lines", "--dtype", "float16"], "use float32 or mixed_bfloat16"),
        (["acai-lines", "--size", "big"], "invalid int"),
        (["--images", "64", "acai-lines"], "name the model before --images"),
    ],
)
def test_nonsense_is_refused(capsys, arguments, message):
    assert message in refused(capsys, *arguments)
