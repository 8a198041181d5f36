"""The table of names: every cell of the paper, its sizes, and help with misspelt names."""

import pytest
from conftest import check_refused

import keras_acai
from keras_acai import presets

pytestmark = pytest.mark.once


def test_every_model_on_every_data_set():
    names = keras_acai.list_models()
    assert len(names) == 7 * 12 and names == sorted(names)
    assert presets.list_models("acai-mnist*") == ["acai-mnist", "acai-mnist-32"]


@pytest.mark.parametrize(
    "name, code_size, depth, width, colours",
    [
        ("acai-lines", 64, 16, 2, 1),
        ("vqvae-lines", 256, 16, 4, 1),
        ("vae-mnist", 256, 16, 4, 1),
        ("ae-mnist-32", 32, 16, 4, 1),
        ("acai-svhn", 256, 64, 4, 3),
        ("acai-cifar10", 1024, 64, 4, 3),
        ("acai-cifar10-256", 256, 64, 4, 3),
        ("dropout-celeba-32", 32, 64, 4, 3),
        ("acai-celeba-64", 256, 32, 4, 3),
        ("acai-fashion_mnist", 256, 16, 4, 1),
    ],
)
def test_sizes(name, code_size, depth, width, colours):
    preset = presets.get(name)
    assert (preset.code_size, preset.depth, preset.latent_width) == (code_size, depth, width)
    side = 64 if preset.dataset == "celeba-64" else 32
    assert preset.image_shape == (side, side, colours)


def test_arguments_make_the_model():
    preset = presets.get("aae-mnist-32")
    model = getattr(keras_acai, preset.class_name)(**preset.arguments)
    assert type(model) is keras_acai.AAE and model.code_size == 32 and model.num_classes == 10


def test_size_of_the_bare_name_may_be_written_out():
    assert presets.get("acai-mnist-256") == presets.get("acai-mnist")


def test_misspelt_names():
    check_refused("did you mean acai-mnist", presets.get, "acai-minst")
    check_refused("list_models", presets.get, "?")
    check_refused("no model None", presets.get, None)
