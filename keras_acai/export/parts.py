"""The parts of a model that are exported, as functional Keras models."""

import keras
from keras import ops

ENDS = {  # part → names of its input and output
    "encoder": ("images", "codes"),
    "decoder": ("codes", "images"),
    "autoencoder": ("images", "reconstructions"),
    "critic": ("images", "alpha"),
}
PARTS = ("encoder", "decoder", "autoencoder")  # those of every model


def functional(model, part, uint8=False):
    """Returns a part of a model as a functional `keras.Model`, which shares its weights.

    Args:
        model: a model of `keras_acai`, of dtype float32.
        part: "encoder" (images → codes), "decoder" (codes → images), "autoencoder" (images →
            reconstructions) or "critic" (images → estimates of α, (n,)) of ACAI.
        uint8: bool. Whether images are uint8 in 0…255, or floats in [-1, 1]. Defaults to False.
    """
    if part == "decoder":
        start = x = keras.Input(model.code_shape, name="codes")
    else:
        start = keras.Input(model.image_shape, name="images", dtype="uint8" if uint8 else "float32")
        x = model.scale(start)
        x = model.to_alpha(x) if part == "critic" else model.to_code(x)
    if part in ("decoder", "autoencoder"):
        x = model.to_image(x)
        x = _to_uint8(x) if uint8 else x
    return keras.Model(start, x, name=part)


def check_parts(model, parts):
    """Returns parts of a model as a tuple of names, or raises a `ValueError`."""
    parts = (parts,) if isinstance(parts, str) else tuple(parts)
    known = tuple(ENDS) if hasattr(model, "to_alpha") else PARTS
    if not parts or not set(parts) <= set(known):
        raise ValueError(f"parts={parts!r}: choose from {', '.join(known)}.")
    return parts


def input_spec(network):
    """Returns the `keras.InputSpec` of a functional model, for batches of any size."""
    tensor = network.inputs[0]
    return keras.InputSpec(shape=(None, *tensor.shape[1:]), dtype=tensor.dtype, name=tensor.name)


def _to_uint8(x):
    return ops.cast(ops.clip(ops.round((x + 1) * 127.5), 0, 255), "uint8")
