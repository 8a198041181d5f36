"""Whatever goes in: an answer without NaN, or an error that says what to do."""

import contextlib
import warnings

import keras
import numpy as np
import pytest
from conftest import TINY, make
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import keras_acai
from keras_acai import evaluation, interpolation, lines, plotting

pytestmark = pytest.mark.once

ALLOWED = (ValueError, TypeError, keras_acai.LoadError)
IMAGE, CODE = TINY["image_shape"], (2, 2, 3)
DTYPES = ["uint8", "int8", "int64", "uint16", "float16", "float32", "float64", "bool", "complex64"]
MANY = settings(
    max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@st.composite
def good_arrays(draw, item_shape):
    """Arrays that fit: uint8, or floats in [-1, 1]."""
    shape = (draw(st.integers(1, 4)), *item_shape)
    noise = np.random.default_rng(draw(st.integers(0, 99))).uniform(-1, 1, shape)
    dtype = draw(st.sampled_from(["uint8", "float16", "float32", "float64"]))
    return (noise * 127 + 128).astype("uint8") if dtype == "uint8" else noise.astype(dtype)


@st.composite
def arrays(draw, item_shape):
    """Arrays of all dtypes, with extreme values now and then."""
    shapes = st.one_of(
        st.integers(0, 4).map(lambda count: (count, *item_shape)),
        st.just(item_shape),
        hnp.array_shapes(min_dims=0, max_dims=5, max_side=4),
    )
    shape, dtype = draw(shapes), np.dtype(draw(st.sampled_from(DTYPES)))
    scale = draw(st.sampled_from([0, 0.5, 1, 1.001, 2, 255, 1e6, 6e4, 1e38, 1e300]))
    noise = np.random.default_rng(draw(st.integers(0, 9))).uniform(-1, 1, shape)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        array = np.asarray(scale * noise).astype(dtype)
    if dtype.kind == "f" and array.size and draw(st.integers(0, 4)) == 0:
        array.reshape(-1)[0] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    return array


THINGS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.floats(),
    st.text(max_size=4),
    st.binary(max_size=4),
    st.lists(st.one_of(st.integers(0, 9), st.text(max_size=2), st.none()), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.sampled_from([object(), ..., int, np.array({}), np.datetime64("2026-01-01"), range(3)]),
)
IMAGES = st.one_of(*[good_arrays(IMAGE)] * 5, arrays(IMAGE), THINGS)
CODES = st.one_of(*[good_arrays(CODE)] * 4, arrays(CODE), THINGS)
FLAT = st.one_of(*[good_arrays((6,))] * 8, arrays((6,)), THINGS)
ANY = st.one_of(good_arrays(()), good_arrays((3, *IMAGE)), arrays(()), arrays(IMAGE), THINGS)
LABELS = st.one_of(
    *[hnp.arrays("int64", st.tuples(st.integers(1, 4)), elements=st.integers(0, 3))] * 6,
    arrays(()),
    THINGS,
)
NUMBERS = st.one_of(
    st.integers(2, 5),
    st.integers(1, 5),
    st.integers(-1, 5),
    st.sampled_from([None, 2.5, "2", float("nan"), True]),
)


@pytest.fixture(scope="module")
def model():
    model = make("ACAI")
    model.compile()
    return model


@contextlib.contextmanager
def only_allowed_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except ALLOWED as error:
            assert str(error)
            event("refused")
        else:
            event("answered")


def check_finite(result):
    for array in result if isinstance(result, (tuple, list)) else (result,):
        array = np.asarray(array)
        assert array.dtype.kind not in "fc" or np.isfinite(array).all(), array


@pytest.mark.parametrize(
    "name", ["encode", "reconstruct", "features", "classify", "estimate_alpha"]
)
@MANY
@given(images=IMAGES, options=st.fixed_dictionaries({}, optional={"batch_size": NUMBERS}))
def test_images(model, name, images, options):
    with only_allowed_errors():
        check_finite(getattr(model, name)(images, **options))


@MANY
@given(
    images=IMAGES,
    value_range=st.one_of(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), THINGS),
    data_format=st.sampled_from([None, "channels_first", "channels_last", "x"]),
)
def test_ranges_and_formats(model, images, value_range, data_format):
    with only_allowed_errors():
        options = {"value_range": value_range, "data_format": data_format}
        check_finite(model.encode(images, **options))


@MANY
@given(codes=CODES, batch_size=NUMBERS)
def test_codes(model, codes, batch_size):
    with only_allowed_errors():
        pictures = model.decode(codes, batch_size)
        if np.abs(np.asarray(codes, "float64")).max() < 1e3:
            check_finite(pictures)


@MANY
@given(
    a=IMAGES,
    b=IMAGES,
    steps=NUMBERS,
    method=st.sampled_from(["lerp", "slerp", "x", None]),
    spacing=st.sampled_from(["codes", "images", "x"]),
)
def test_interpolations_of_images(model, a, b, steps, method, spacing):
    with only_allowed_errors():
        check_finite(model.interpolate(a, b, steps, method, spacing=spacing))


@pytest.mark.parametrize("mix", [interpolation.lerp, interpolation.slerp])
@MANY
@given(a=FLAT, b=FLAT, steps=NUMBERS)
def test_interpolations_of_codes(mix, a, b, steps):
    with only_allowed_errors():
        result = mix(a, b, steps)
        if all(
            np.abs(np.nan_to_num(np.asarray(x, "float64"), nan=1e9)).max() < 1e4 for x in (a, b)
        ):
            check_finite(result)


@MANY
@given(x=IMAGES, y=LABELS, batch_size=NUMBERS)
def test_fit_and_evaluate(model, x, y, batch_size):
    model.set_weights(make("ACAI").get_weights())
    with only_allowed_errors():
        history = model.fit(x, y, batch_size=batch_size, verbose=0).history
        check_finite(list(history.values()))
    with only_allowed_errors():
        check_finite(model.evaluate(x, y, batch_size=batch_size, verbose=0))
    check_finite([keras.ops.convert_to_numpy(one) for one in model.weights])


@pytest.mark.parametrize(
    "function",
    [
        keras_acai.to_images,
        keras_acai.to_pil,
        plotting.interpolations,
        lambda x: plotting.reconstructions(x, x),
        lines.draw,
        lines.score,
        lines.labels,
        keras_acai.load,
        keras_acai.info,
    ],
)
@MANY
@given(x=ANY)
def test_functions_of_one_thing(function, x):
    with only_allowed_errors():
        function(x)


@MANY
@given(codes=FLAT, y=LABELS, other=FLAT, more=LABELS)
def test_scores_of_codes(codes, y, other, more):
    with only_allowed_errors():
        check_finite(evaluation.clustering(codes, other, more, n_init=1))
    with only_allowed_errors():
        check_finite(evaluation.linear_probe(codes, y, other, more))


@MANY
@given(x=IMAGES, y=LABELS)
def test_scores_of_images(model, x, y):
    with only_allowed_errors():
        check_finite(evaluation.joint_probe(model, x, y))
    with only_allowed_errors():
        check_finite(evaluation.reconstruction_rmse(model, x))
