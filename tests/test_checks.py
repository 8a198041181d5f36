"""Bad input is refused in one line that names the fix, before anything happens."""

import functools

import keras
import numpy as np
import pytest
from conftest import MODELS, check_refused, make, warns_once, weights_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_acai import checks

GOOD = np.zeros((4, 8, 8, 1), "uint8")
FLOATS = np.full(GOOD.shape, -0.5, "float32")
BAD_IMAGES = {
    "no batch axis": (GOOD[0], r"array\[None\]"),
    "no channel axis": (GOOD[..., 0], r"array\[\.\.\., None\]"),
    "channels first": (np.zeros((4, 1, 8, 8), "uint8"), "moveaxis"),
    "too large": (np.zeros((4, 16, 16, 1), "uint8"), "resize or reshape"),
    "too many colours": (np.zeros((4, 8, 8, 3), "uint8"), "resize or reshape"),
    "none": (GOOD[:0], "at least"),
    "int64": (GOOD.astype("int64"), r"astype\('uint8'\)"),
    "int8": (GOOD.astype("int8"), r"astype\('uint8'\)"),
    "bool": (GOOD.astype("bool"), r"astype\('uint8'\)"),
    "NaN": (np.full_like(FLOATS, np.nan), "NaN"),
    "infinite": (np.full_like(FLOATS, np.inf), r"\[-1, 1\]"),
    "0…255": (FLOATS + 255, "range over"),
    "just too large": (FLOATS + 1.51, "clip"),
    "0…1": (FLOATS + 1, r"value_range=\(0, 1\)"),
    "text": (np.full(GOOD.shape, "a"), "numbers"),
    "objects": (np.full(GOOD.shape, None), "numbers"),
    "ragged": ([[1], [2, 3]], "NumPy array"),
    "a number": (3.0, "shape"),
    "None": (None, "numbers"),
    "complex": (GOOD.astype("complex64"), "numbers"),
}
BAD_LABELS = {
    "too large": ([0, 1, 2, 4], "num_classes=5"),
    "negative": ([0, 1, 2, -1], "renumber"),
    "too few": ([0, 1, 2], "one integer per image"),
    "one-hot": (np.eye(4, dtype="int64"), "argmax"),
    "floats": (np.zeros(4), "argmax"),
    "text": (["a", "b", "c", "d"], "numbers"),
    "a scalar": (1, "one integer per image"),
}


@pytest.fixture(scope="module")
def acai():
    model = make("ACAI")
    model.compile()
    return model


@pytest.mark.parametrize("case", BAD_IMAGES)
def test_bad_images_are_refused_everywhere(acai, case):
    images, match = BAD_IMAGES[case]
    before = weights_of(acai.encoder)
    calls = [acai, acai.fit, acai.predict, acai.predict_on_batch]
    calls += [acai.evaluate, acai.train_on_batch, acai.test_on_batch]
    alone = [acai.encode, acai.features, acai.classify, acai.reconstruct]
    alone += [functools.partial(acai.interpolate, GOOD), lambda b: acai.interpolate(b, GOOD)]
    if case != "no batch axis":  # where one image counts as a batch of one
        calls += alone
    for call in calls:
        if images is not None or call in (acai, *alone):
            check_refused(match, call, images)
    np.testing.assert_array_equal(weights_of(acai.encoder), before)


@pytest.mark.parametrize("case", BAD_LABELS)
def test_bad_labels_are_refused_everywhere(acai, case):
    labels, match = BAD_LABELS[case]
    before = weights_of(acai.probe)
    for call in (acai.fit, acai.evaluate, acai.train_on_batch, acai.test_on_batch):
        check_refused(match, call, GOOD, labels)
    check_refused(match, acai.fit, GOOD, [0, 1, 2, 3], validation_data=(GOOD, labels))
    np.testing.assert_array_equal(weights_of(acai.probe), before)


@pytest.mark.once
def test_a_model_without_a_probe_ignores_labels_with_a_warning():
    model = make("ACAI", num_classes=None)
    model.compile()
    with warns_once("num_classes"):
        assert "loss" in model.fit(GOOD, [0, 1, 2, 9], verbose=0).history
    with warns_once("num_classes"):
        model.evaluate(GOOD, [0, 1, 2, 9], verbose=0)


@pytest.mark.once
def test_images_as_the_target_are_ignored_with_a_warning(acai):
    with warns_once("target of an autoencoder is x"):
        logs = acai.fit(GOOD, GOOD, verbose=0).history
    assert "loss" in logs and "probe_loss" not in logs


RANGES = {  # value_range → images of three greys in it
    (0, 1): np.float32([0, 0.2, 1]),
    (0, 255): np.float32([0, 51, 255]),
    (-1, 1): np.float32([-1, -0.6, 1]),
    (0, 5): np.array([0, 1, 5]),
}


def of_greys(greys):
    return np.broadcast_to(np.reshape(greys, (3, 1, 1, 1)), (3, 8, 8, 1))


@pytest.mark.parametrize("value_range", RANGES)
def test_images_of_any_range(acai, value_range):
    images = of_greys(RANGES[value_range])
    expected = of_greys(np.float32([-1, -0.6, 1]))
    checked = checks.check_images(images, (8, 8, 1), value_range=value_range)
    np.testing.assert_allclose(checked, expected, atol=1e-6)
    tensor = checks.check_images(
        keras.ops.convert_to_tensor(images), (8, 8, 1), value_range=value_range
    )
    np.testing.assert_allclose(checks.to_numpy(tensor), expected, atol=1e-6)
    first = np.moveaxis(images, -1, 1)
    pixels = {"value_range": value_range, "data_format": "channels_first"}
    np.testing.assert_allclose(acai.encode(first, **pixels), acai.encode(expected), atol=1e-5)


@pytest.mark.parametrize(
    "images, value_range, match",
    [
        (FLOATS, (0, 1), "outside"),
        (FLOATS + 100, (0, 1), "outside"),
        (FLOATS + 1, (0, 255), "next to black"),
        (FLOATS, (1, 0), "black and white"),
        (FLOATS, 255, "black and white"),
        (FLOATS, (0, np.inf), "black and white"),
        (FLOATS, "01", "outside"),
        (np.full_like(FLOATS, np.nan), (0, 1), "NaN"),
    ],
)
def test_other_ranges_are_refused(acai, images, value_range, match):
    for call in (acai, acai.encode, acai.fit, acai.evaluate, acai.predict, acai.train_on_batch):
        check_refused(match, call, images, value_range=value_range)


@pytest.mark.once
def test_ranges_in_every_call(acai):
    unit, dark = GOOD[:, :, :4].repeat(2, 2) + np.float32(0.25), FLOATS
    acai.fit(unit, verbose=0, value_range=(0, 1), validation_data=(unit,))
    for call in (acai.predict, acai.predict_on_batch, acai.classify, acai.reconstruct, acai):
        of_unit, of_dark = call(unit, value_range=(0, 1)), call(dark)
        np.testing.assert_allclose(checks.to_numpy(of_unit), checks.to_numpy(of_dark), atol=1e-6)
    light = FLOATS + 1.2  # 0.7 in [-1, 1], as it is meant
    assert acai.predict(light, value_range=(-1, 1), verbose=0).shape == light.shape
    assert np.isfinite(acai.evaluate(light, value_range=(-1, 1), verbose=0)).all()
    check_refused("channels_first", acai.encode, GOOD, data_format="NCHW")


@pytest.mark.once
@pytest.mark.parametrize("batch_size", [0, -1, 2.5])
def test_bad_batch_sizes(acai, batch_size):
    check_refused("batch_size", acai.fit, GOOD, batch_size=batch_size)


@pytest.mark.once
def test_numpy_integers_are_integers():
    labels = np.array([0, 3])
    model = make("VQVAE", num_classes=labels.max() + 1, num_codes=np.int64(5), depth=np.int32(2))
    assert model.probe.units == 4 and model.num_codes == 5
    assert make("ACAI", critic_depth=None, depth=np.int64(2)).critic_depth == 2


@pytest.mark.once
def test_weights_of_samples_are_refused(acai):
    check_refused("sample_weight", acai.fit, GOOD, sample_weight=np.ones(4))
    check_refused("class_weight", acai.fit, GOOD, class_weight={0: 1.0})


@pytest.mark.parametrize(
    "codes",
    [
        np.zeros((4, 2, 2, 4)),
        np.zeros((2, 2, 3)),
        np.full((4, 2, 2, 3), np.nan),
        np.zeros((0, 2, 2, 3)),
        np.full((4, 2, 2, 3), 1e39),
        np.full((4, 2, 2, 3), "a"),
    ],
)
def test_bad_codes(acai, codes):
    check_refused("codes", acai.decode, codes)


def test_bad_interpolations(acai):
    check_refused("steps", acai.interpolate, GOOD, GOOD, steps=1)
    check_refused("'lerp' or 'slerp'", acai.interpolate, GOOD, GOOD, method="cubic")
    check_refused("a has 4 images and b 2", acai.interpolate, GOOD, GOOD[:2])
    rows = acai.features(GOOD, verbose=0)
    check_refused(r"reshape it with array\.reshape\(-1, 2, 2, 3\)", acai.decode, rows)


def test_acai_needs_a_partner_for_every_image(acai):
    check_refused("mixes every image", acai.fit, GOOD[:1])
    check_refused("mixes every image", acai.fit, GOOD, batch_size=1)
    check_refused("another batch_size", acai.fit, GOOD, batch_size=3)
    check_refused("mixes every image", acai.train_on_batch, GOOD[:1])
    check_refused("another batch_size", acai.fit, GOOD, batch_size=2, validation_split=0.25)
    assert make("Autoencoder").encode(GOOD[:1]).shape == (1, 2, 2, 3)


@pytest.mark.once
@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize(
    "options, match",
    [
        ({"image_shape": (28, 28, 1), "latent_width": 4}, "latent_width=7, 14, 28"),
        ({"image_shape": (32, 24, 1)}, "latent_width=3, 6, 12, 24"),
        ({"image_shape": (2, 16, 1)}, "latent_width=8, 16"),
        ({"image_shape": (32, 32)}, "colours"),
        ({"image_shape": "32"}, "colours"),
        ({"latent_width": 3}, "latent_width=3"),
        ({"latent_width": 16}, "latent_width=16"),
        ({"latent_width": 0}, "positive integer"),
        ({"latent_channels": 2.5}, "positive integer"),
        ({"depth": -4}, "positive integer"),
        ({"num_classes": 0}, "positive integer"),
        ({"num_classes": np.int64(-1)}, "positive integer"),
        ({"num_classes": True}, "positive integer"),
    ],
)
def test_bad_sizes(kind, options, match):
    check_refused(match, make, kind, **options)


@pytest.mark.once
@pytest.mark.parametrize(
    "kind, options",
    [
        ("DenoisingAutoencoder", {"noise_stddev": -1}),
        ("DropoutAutoencoder", {"rate": 1}),
        ("DropoutAutoencoder", {"rate": "half"}),
        ("VAE", {"beta": float("nan")}),
        ("AAE", {"critic_units": (0,)}),
        ("AAE", {"critic_units": 100}),
        ("AAE", {"adversarial_weight": -1}),
        ("VQVAE", {"num_codes": 0}),
        ("VQVAE", {"decay": 1.5}),
        ("ACAI", {"gamma": 1.5}),
        ("ACAI", {"adversarial_weight": float("inf")}),
        ("ACAI", {"critic_depth": -2}),
        ("ACAI", {"critic_depth": 0}),
    ],
)
def test_bad_arguments_of_one_model(kind, options):
    check_refused(next(iter(options)), make, kind, **options)


@st.composite
def images_and_shapes(draw):
    """Mostly images that fit, of all dtypes, with values around and far from the range."""
    shape = draw(st.tuples(*[st.integers(1, 4)] * 3))
    fitting = st.integers(0, 3).map(lambda count: (count, *shape))
    any_shape = hnp.array_shapes(min_dims=0, max_dims=5, max_side=4)
    dtype = draw(st.sampled_from(["uint8", "int32", "float16", "float32", "float64", "bool"]))
    limit = draw(st.sampled_from([1, 1, 1, 1.5, 255]))
    floats = st.floats(-limit, limit, width=16, allow_subnormal=False)
    rare = st.sampled_from([float("nan"), float("inf"), 1.0, -1.0])
    elements = st.one_of(*[floats] * 9, rare) if "float" in dtype else None
    images = draw(hnp.arrays(dtype, draw(st.one_of(*[fitting] * 4, any_shape)), elements=elements))
    return images, shape


@pytest.mark.once
@settings(max_examples=3000, deadline=None)
@given(images_and_shapes())
def test_any_array_is_checked_right(case):
    images, shape = case
    fits = images.ndim == 4 and images.shape[1:] == shape and len(images) > 0
    in_range = images.dtype.kind == "f" and (np.abs(images.astype("float64")) <= 1).all()
    in_range = in_range and (images < -0.002).any()  # else they are taken for x / 255
    if fits and (images.dtype == np.uint8 or in_range):
        checked = checks.check_images(images, shape)
        assert checked.dtype == (np.uint8 if images.dtype == np.uint8 else np.float32)
        np.testing.assert_allclose(checked, images, rtol=1e-6)
    elif (
        not fits
        or images.dtype.kind != "f"
        or not (images < -0.0005).any()
        or not (np.abs(images) <= 1.002).all()
    ):
        check_refused("images", checks.check_images, images, shape)


@pytest.mark.once
@settings(max_examples=1000, deadline=None)
@given(
    labels=hnp.arrays(
        st.sampled_from(["uint8", "int64", "float32"]),
        st.one_of(
            *[st.integers(1, 4).map(lambda count: (count,))] * 3,
            st.integers(1, 4).map(lambda count: (count, 1)),
            hnp.array_shapes(min_dims=0, max_dims=3, max_side=4),
        ),
        elements={"min_value": 0, "max_value": 6},
    ),
    count=st.integers(1, 4),
    classes=st.integers(1, 6),
)
def test_any_labels_are_checked_right(labels, count, classes):
    fits = labels.shape in ((count,), (count, 1)) and labels.dtype.kind in "iu"
    if fits and labels.max() < classes:
        checked = checks.check_labels(labels, count, classes)
        assert checked.dtype == np.int64 and checked.tolist() == labels.ravel().tolist()
    else:
        check_refused("labels", checks.check_labels, labels, count, classes)
