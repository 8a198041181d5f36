"""Networks that users bring along, instead of those of the paper."""

import keras

NETWORKS = ("encoder", "decoder", "critic")


def check_autoencoder(encoder, decoder):
    """Returns (data shape, code shape) of two networks that fit each other.

    Args:
        encoder: built Keras model, data (n, …) → codes (n, …), of any rank.
        decoder: built Keras model, codes → data.

    Raises:
        ValueError: if one is missing or not built, or if their shapes or dtypes do not fit.
    """
    for name, network in (("encoder", encoder), ("decoder", decoder)):
        _check_network(name, network)
    data, code = encoder.input_shape[1:], encoder.output_shape[1:]
    _check_equal("the encoder gives codes", code, "the decoder takes", decoder.input_shape[1:])
    _check_equal("the encoder takes data", data, "the decoder gives", decoder.output_shape[1:])
    return data, code


def check_critic(critic, data_shape):
    """Checks a network that estimates α: data (n, …) → numbers (n, …), whose means count.

    Raises:
        ValueError: if it is not built, takes data of another shape, or has a state, so that it does
            not look at each image by itself.
    """
    _check_network("critic", critic)
    shape = critic.input_shape[1:]
    _check_equal("the critic takes data", shape, "the encoder takes data of", data_shape)
    if critic.non_trainable_variables:
        names = ", ".join(sorted({each.path for each in critic.non_trainable_variables})[:3])
        raise ValueError(
            f"the critic has a state ({names}): leave out BatchNormalization, Dropout and frozen "
            "layers, because a critic looks at each item by itself."
        )


def serialize(**networks):
    """Returns networks as the values of a config; None stays None."""
    return {
        name: network and keras.saving.serialize_keras_object(network)
        for name, network in networks.items()
    }


def deserialize(config):
    """Returns a config with its networks built again."""
    return config | {
        name: keras.saving.deserialize_keras_object(config[name]) for name in named_in(config)
    }


def named_in(config):
    """Returns the names of the user's own networks in a config."""
    return [name for name in NETWORKS if isinstance(config.get(name), dict)]


def _check_network(name, network):
    if not isinstance(network, keras.Model):
        raise ValueError(f"{name}={network!r}: pass a Keras model, and the other networks with it.")
    if not network.built or len(network.inputs or ()) != 1 or len(network.outputs) != 1:
        raise ValueError(
            f"the {name} must have one input and one output of known shapes: begin it with "
            "keras.Input(shape)."
        )
    shapes = (network.input_shape[1:], network.output_shape[1:])
    if None in shapes[0] + shapes[1] or () in shapes:
        raise ValueError(
            f"the {name} maps {shapes[0]} to {shapes[1]}: give every axis but the batch a size."
        )
    if network.outputs[0].dtype != "float32":
        raise ValueError(
            f"the {name} gives {network.outputs[0].dtype}: end it with a layer of "
            "dtype='float32', such as keras.layers.Activation('linear', dtype='float32')."
        )


def _check_equal(first, first_shape, second, second_shape):
    if tuple(first_shape) != tuple(second_shape):
        raise ValueError(
            f"networks do not fit: {first} of shape {tuple(first_shape)}, {second} "
            f"{tuple(second_shape)}."
        )
