"""The parts of a model that are exported, as functional Keras models."""

import keras
from keras import ops

ENDS = {  # part → names of its input and output
    "encoder": ("images", "codes"),
    "decoder": ("codes", "images"),
    "autoencoder": ("images", "reconstructions"),
}
PARTS = tuple(ENDS)


def functional(model, part, uint8=False):
    """Returns a part of a model as a functional `keras.Model`, which shares its weights.

    Args:
        model: a model of `keras_acai`, of dtype float32.
        part: "encoder" (images → codes), "decoder" (codes → images) or "autoencoder" (images →
            reconstructions).
        uint8: bool. Whether images are uint8 in 0…255, or floats in [-1, 1]. Defaults to False.
    """
    if part == "decoder":
        start = x = keras.Input(model.code_shape, name="codes")
    else:
        start = keras.Input(model.image_shape, name="images", dtype="uint8" if uint8 else "float32")
        x = model.to_code(model.scale(start))
    if part != "encoder":
        x = model.to_image(x)
        x = _to_uint8(x) if uint8 else x
    return keras.Model(start, x, name=part)


def check_parts(parts):
    """Returns parts as a tuple of names, or raises a `ValueError`."""
    parts = (parts,) if isinstance(parts, str) else tuple(parts)
    if not parts or not set(parts) <= set(PARTS):
        raise ValueError(f"parts={parts!r}: choose from {', '.join(PARTS)}.")
    return parts


def input_spec(network):
    """Returns the `keras.InputSpec` of a functional model, for batches of any size."""
    tensor = network.inputs[0]
    return keras.InputSpec(shape=(None, *tensor.shape[1:]), dtype=tensor.dtype, name=tensor.name)


def _to_uint8(x):
    return ops.cast(ops.clip(ops.round((x + 1) * 127.5), 0, 255), "uint8")
