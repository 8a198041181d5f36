"""A model's encoder inside models of one's own: functional, fine-tuned, saved."""

import keras
import numpy as np
import pytest
from conftest import check_refused, make, weights_of


def classifier_of(extractor):
    model = keras.Sequential([extractor, keras.layers.Dense(4, activation="softmax")])
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    return model


def test_it_gives_the_features_of_each_model(model, x):
    extractor = model.feature_extractor()
    expected = model.features(x, verbose=0)
    for codes in (extractor.predict(x, verbose=0), extractor(x), extractor(x.astype("float32"))):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(codes), expected, atol=1e-5)


@pytest.mark.parametrize("value_range", [(0, 1), (-1, 1)])
def test_floats_of_a_named_range(x, value_range):
    model = make("ACAI")
    low, high = value_range
    floats = x / np.float32(255) * (high - low) + low
    codes = model.feature_extractor(value_range=value_range).predict(floats, verbose=0)
    np.testing.assert_allclose(codes, model.features(x, verbose=0), atol=1e-5)


def test_other_ranges_are_refused(x):
    extractor = make("ACAI").feature_extractor()
    with pytest.raises(ValueError, match="outside"):  # Keras adds lines to errors of layers
        extractor(x / np.float32(127.5) - 1)
    with pytest.raises(ValueError, match="next to black"):
        extractor(x / np.float32(255))
    check_refused("value_range", make("ACAI").feature_extractor, value_range=(1, 0))


def test_frozen_it_trains_a_head(x, y):
    model = make("ACAI")
    extractor = model.feature_extractor()
    before = weights_of(extractor)
    classifier = classifier_of(extractor)
    assert len(classifier.trainable_weights) == 2
    losses = classifier.fit(x, y, epochs=2, verbose=0).history["loss"]
    assert losses[1] < losses[0]
    np.testing.assert_array_equal(weights_of(extractor), before)


def test_fine_tuning_leaves_the_model_as_it_is(x, y):
    model = make("VAE")
    model_before = weights_of(model.encoder)
    extractor = model.feature_extractor(trainable=True)
    before = weights_of(extractor)
    images = keras.Input((8, 8, 1), dtype="uint8")
    classifier = keras.Model(images, keras.layers.Dense(4, activation="softmax")(extractor(images)))
    classifier.compile("adam", "sparse_categorical_crossentropy")
    classifier.fit(x, y, verbose=0)
    assert np.abs(weights_of(extractor) - before).max() > 0
    np.testing.assert_array_equal(weights_of(model.encoder), model_before)


def test_it_is_saved_with_the_model_around_it(x, y, tmp_path):
    classifier = classifier_of(make("ACAI").feature_extractor())
    classifier.fit(x, y, verbose=0)
    classifier.save(tmp_path / "classifier.keras")
    again = keras.saving.load_model(tmp_path / "classifier.keras")
    np.testing.assert_allclose(
        again.predict(x, verbose=0), classifier.predict(x, verbose=0), atol=1e-6
    )


def test_the_encoder_refuses_uint8(model, x):
    for call in (model.encoder, model.encoder.predict):
        check_refused("feature_extractor", call, x)
    assert model.encoder(x / np.float32(127.5) - 1).shape == (12, 2, 2, 3)
