"""Every model computes what the authors' code computes, on the backend that runs.

A fixture (`<model>.npz`) holds one tiny configuration, its initial weights, the random numbers
used, and the outputs, losses and weights that the authors' code gave for them.
"""

import json
import pathlib

import keras
import numpy as np
import pytest

import keras_acai
from keras_acai import registry

FOLDER = pathlib.Path(__file__).parent
COMMON = {"latent": "latent_channels", "latent_width": "latent_width", "depth": "depth"}
ARGUMENTS = {  # model → {authors' argument: ours}
    "denoising": {"noise": "noise_stddev"},
    "dropout": {"dropout": "rate"},
    "vae": {"beta": "beta"},
    "acai": {"advweight": "adversarial_weight", "reg": "gamma"},
    "vqvae": {"beta": "commitment", "num_latents": "num_latents"},
}
LOSSES = {  # ours → the authors'
    "baseline": {"reconstruction_loss": "loss"},
    "denoising": {"reconstruction_loss": "loss"},
    "dropout": {"reconstruction_loss": "loss"},
    "vae": {"kl_loss": "loss_kl", "reconstruction_loss": "-loss_ll", "loss": "-elbo"},
    "aae": {
        "reconstruction_loss": "loss_ae",
        "adversarial_loss": "loss_ae_latent",
        "code_loss": "loss_adv_latent",
        "prior_loss": "loss_adv_prior",
    },
    "acai": {
        "reconstruction_loss": "loss_ae",
        "adversarial_loss": "loss_ae_disc",  # ours is multiplied by adversarial_weight
        "mixing_loss": "loss_disc",
        "regularizer_loss": "loss_disc_real",
    },
    "vqvae": {"reconstruction_loss": "loss_ae", "commitment_loss": "vqvae_loss"},
}
FIXTURES = sorted(path for path in FOLDER.glob("*.npz") if path.stem != "metrics")


@pytest.fixture(params=FIXTURES, ids=lambda path: path.stem)
def fixture(request):
    with np.load(request.param) as file:
        return {name: file[name] for name in file.files}


def make(fixture):
    """Our model of a fixture's configuration, with the fixture's initial weights."""
    config = json.loads(str(fixture["config"]))
    name = "ae" if config["model"] == "baseline" else config["model"]
    renamed = COMMON | ARGUMENTS.get(name, {})
    options = {ours: config[theirs] for theirs, ours in renamed.items()}
    if config["model"] == "acai":
        options["critic_depth"] = config["advdepth"]
    if config["model"] == "vqvae":
        options["num_codes"] = 2 ** config["z_log_size"]
    if config["model"] == "aae":
        options["critic_units"] = [int(n) for n in config["disc_layer_sizes"].split(",")]
    model_class = registry.MODELS[name].model_class
    model = model_class(image_shape=fixture["x"].shape[1:], num_classes=10, **options)
    for variable, value in zip(variables(model), snapshot(fixture, "init"), strict=True):
        variable.assign(value.reshape(variable.shape))
    return model, config


def variables(model):
    """Our variables in the order of a fixture's."""
    if isinstance(model, keras_acai.VQVAE):
        bottleneck = model.bottleneck
        state = [bottleneck.means, bottleneck.ema_count, bottleneck.ema_means]
        between = [
            *bottleneck.embed.weights,
            *bottleneck.hidden.weights,
            *bottleneck.project.weights,
        ]
        layers = [*state, *model.encoder.weights, *between, *model.decoder.weights]
    elif isinstance(model, keras_acai.VAE):
        between = [*model.posterior_mean.weights, *model.posterior_log_variance.weights]
        layers = [*model.encoder.weights, *between, *model.decoder.weights]
    else:
        critic = model.critic.weights if hasattr(model, "critic") else []
        layers = [*model.encoder.weights, *model.decoder.weights, *critic]
    return [*layers, *model.probe.weights]


def snapshot(fixture, when):
    return [value for name, value in fixture.items() if name.startswith(f"{when}/")]


@pytest.fixture
def replayed(fixture, monkeypatch):
    """keras.random gives the fixture's random numbers, the same ones at every step."""
    noise = [value for name, value in fixture.items() if name.startswith("noise/")]

    def replay(shape, **options):
        return keras.ops.convert_to_tensor(noise[0].reshape(tuple(int(n) for n in shape)))

    monkeypatch.setattr(keras.random, "uniform", replay)
    monkeypatch.setattr(keras.random, "normal", replay)


def test_codes_and_pictures_agree(fixture):
    model, config = make(fixture)
    if config["model"] != "vae":  # theirs is a sample
        np.testing.assert_allclose(model.encode(fixture["x"]), fixture["encode"], atol=1e-5)
        reconstruction = keras.ops.convert_to_numpy(model(fixture["x"]))
        if config["model"] not in ("denoising", "dropout"):  # theirs are corrupted
            np.testing.assert_allclose(reconstruction, fixture["reconstruct"], atol=1e-5)
    np.testing.assert_allclose(model.decode(fixture["h"]), fixture["decode_h"], atol=1e-5)


def test_losses_and_weights_agree_after_every_step(fixture, replayed):
    model, config = make(fixture)
    model.compile(keras.optimizers.Adam(config["lr"], epsilon=1e-8))
    for step in range(config["steps"]):
        model.reset_metrics()
        logs = model.train_on_batch(fixture["x"], fixture["label"], return_dict=True)
        logs["adversarial_loss"] = logs.get("adversarial_loss", 0) / config.get("advweight", 1)
        check_losses(logs, fixture, config["model"], step)
        if step == 0:
            check_weights(model, snapshot(fixture, "after1"))
    check_weights(model, snapshot(fixture, "final"))


def check_losses(logs, fixture, name, step):
    expected = {"probe_loss": "classify_latent", "rmse": "rmse", **LOSSES[name]}
    for ours, theirs in expected.items():
        key = f"step{step}/loss/{theirs.lstrip('-')}"
        if (ours, name) in (("rmse", "aae"), ("rmse", "vae")):
            assert key not in fixture  # theirs log none
        else:
            value = -fixture[key] if theirs.startswith("-") else fixture[key]
            np.testing.assert_allclose(logs[ours], value, rtol=1e-5, err_msg=f"{ours}, step {step}")


def check_weights(model, expected):
    ours = [keras.ops.convert_to_numpy(variable).ravel() for variable in variables(model)]
    errors = np.abs(np.concatenate(ours) - np.concatenate([value.ravel() for value in expected]))
    assert np.mean(errors <= 2e-6) >= 0.99, f"{np.mean(errors > 2e-6):.2%} off, {errors.max()}"
