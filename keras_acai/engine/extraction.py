"""A model's encoder as a functional Keras model, for models that begin with its codes."""

import keras

from keras_acai import checks


def feature_extractor(model, trainable=False, value_range=(0, 255)):
    """Returns a functional model from images to flat codes; see `Inference.feature_extractor`."""
    copy = copy_of(model)
    images = keras.Input(model.image_shape, name="images")
    is_picture = model.value_range is not None
    scaled = ToModelRange(value_range, name="scale")(images) if is_picture else images
    code = copy.to_code(scaled)
    codes = keras.layers.Reshape((model.code_size,), name="codes")(code)
    extractor = keras.Model(images, codes, name="feature_extractor")
    extractor.trainable = trainable
    return extractor


def copy_of(model, **changes):
    """Returns a model with the same weights, and with these changes of its config."""
    copy = type(model).from_config({**model.get_config(), **changes})
    copy.set_weights(model.get_weights())
    return copy


@keras.saving.register_keras_serializable("keras_acai")
class ToModelRange(keras.layers.Layer):
    """Scales images to the floats in [-1, 1] that encoders take.

    Args:
        value_range: (low, high), the numbers that mean black and white.
        **kwargs: `name` and `dtype` of a layer.

    Raises:
        ValueError: when called with images of another range, unless a compiler traces the call.
    """

    def __init__(self, value_range, **kwargs):
        super().__init__(**kwargs)
        self.value_range = checks.check_value_range(value_range)

    def call(self, images):
        return checks.check_images(images, images.shape[1:], value_range=self.value_range)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "value_range": self.value_range}
