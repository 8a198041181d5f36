"""Exported models compute what the models do, without Keras."""

import keras
import numpy as np
import pytest
from conftest import check_refused, make

from keras_acai import backend
from keras_acai.engine.extraction import copy_of
from keras_acai.export import formats, parts

BACKEND = keras.backend.backend()
can_write_onnx = pytest.mark.skipif(
    not all(map(formats.is_installed, ("onnxruntime", *backend.EXPORTS["onnx"]))),
    reason="pip install keras-acai[onnx]",
)


def run(path, array):
    """The output of an ONNX file, and the names and shapes of both ends."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    ends = session.get_inputs() + session.get_outputs()
    (output,) = session.run(None, {ends[0].name: array})
    return output, [(end.name, end.shape[0], *end.shape[1:]) for end in ends]


@can_write_onnx
def test_every_model_is_the_same_in_onnx(model, x, tmp_path):
    path = model.export(tmp_path, parts="autoencoder")["autoencoder"]
    output, ends = run(path, x / np.float32(127.5) - 1)
    np.testing.assert_allclose(output, model.reconstruct(x), atol=1e-4)
    assert [end[0] for end in ends] == ["images", "reconstructions"] and ends[0][1] == "n"


@can_write_onnx
def test_parts_take_and_give_uint8(x, tmp_path):
    model = make("ACAI")
    paths = model.export(tmp_path, parts=("encoder", "decoder"), uint8=True)
    codes, ends = run(paths["encoder"], x)
    np.testing.assert_allclose(codes, model.encode(x), atol=1e-4)
    assert [end[0] for end in ends] == ["images", "codes"]
    pictures, ends = run(paths["decoder"], codes)
    assert pictures.dtype == "uint8" and [end[0] for end in ends] == ["codes", "images"]
    expected = np.clip((model.reconstruct(x) + 1) * 127.5, 0, 255)
    np.testing.assert_allclose(pictures, expected, atol=0.51)


@can_write_onnx
def test_the_critic_of_acai(x, tmp_path):
    model = make("ACAI")
    alpha, ends = run(model.export(tmp_path, parts="critic", uint8=True)["critic"], x)
    np.testing.assert_allclose(alpha, model.estimate_alpha(x), atol=1e-4)
    assert [end[0] for end in ends] == ["images", "alpha"]


@can_write_onnx
def test_half_weights_are_half_the_size_and_exact_if_they_were_float16(x, tmp_path):
    model = make("ACAI", depth=16)
    for variable in model.weights:
        variable.assign(keras.ops.convert_to_numpy(variable).astype("float16"))
    whole = model.export(tmp_path / "whole", parts="encoder")["encoder"]
    half = model.export(tmp_path / "half", parts="encoder", half=True)["encoder"]
    assert half.stat().st_size < 0.7 * whole.stat().st_size
    scaled = x / np.float32(127.5) - 1
    np.testing.assert_array_equal(run(half, scaled)[0], run(whole, scaled)[0])


@can_write_onnx
def test_half_weights_choose_the_same_vectors(x, tmp_path):
    """Of a codebook, by distances that a converter may fold."""
    model = make("VQVAE", num_codes=2**13)
    model.set_weights([each.astype("float16").astype("float32") for each in model.get_weights()])
    paths = model.export(tmp_path, parts="autoencoder", half=True)
    found = run(paths["autoencoder"], x[:8] / np.float32(127.5) - 1)[0]
    np.testing.assert_allclose(found, model.reconstruct(x[:8]), atol=1e-5)


def test_a_model_of_mixed_precision_is_exported_in_float32(tmp_path):
    network = parts.functional(
        copy_of(make("ACAI", dtype="mixed_bfloat16"), dtype="float32"), "encoder"
    )
    assert network.outputs[0].dtype == "float32"


@pytest.mark.skipif("tf_saved_model" not in backend.EXPORTS, reason="Keras cannot on this backend")
def test_a_saved_model_replaces_an_older_one(x, tmp_path):
    tf = pytest.importorskip("tensorflow")
    model = make("VQVAE")
    for _ in range(2):
        paths = model.export(tmp_path, "tf_saved_model", parts=("autoencoder",))
    loaded = tf.saved_model.load(str(paths["autoencoder"]))
    output = np.asarray(loaded.serve(x / np.float32(127.5) - 1))
    np.testing.assert_allclose(output, model.reconstruct(x), atol=1e-4)
    other = tmp_path / "other" / "encoder"
    other.mkdir(parents=True)
    check_refused("something else", model.export, other.parent, "tf_saved_model", parts="encoder")


def test_what_cannot_be_exported_is_refused(tmp_path, monkeypatch):
    model = make("Autoencoder")
    check_refused("onnx, tf_saved_model", model.export, tmp_path, "h5")
    check_refused("encoder, decoder, autoencoder", model.export, tmp_path, parts="critic")
    check_refused("encoder, decoder, autoencoder", model.export, tmp_path, parts=())
    monkeypatch.setattr(backend, "EXPORTS", {"onnx": ("no_such_package",), "litert": ()})
    check_refused("pip install no-such-package", model.export, tmp_path)
    check_refused("are for ONNX", model.export, tmp_path, "litert", half=True)
    check_refused(f"backend {BACKEND}: choose from onnx", model.export, tmp_path, "openvino")
    assert not list(tmp_path.iterdir())
