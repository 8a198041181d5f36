"""LatentFeatures is a scikit-learn transformer like any other."""

import pickle

import numpy as np
import pytest
from conftest import check_refused, make
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import keras_acai
from keras_acai import datasets
from keras_acai.sklearn import LatentFeatures


class AnySize(LatentFeatures):
    """Takes rows of any size and range, as scikit-learn's checks pass them."""

    def _images(self, rows):
        repeated = np.tile(np.tanh(rows.astype("float32")), (1, -(-1024 // rows.shape[1])))
        return repeated[:, :1024].reshape(-1, 32, 32, 1)


@pytest.mark.once
@parametrize_with_checks([AnySize("acai-mnist-32", value_range=(-1, 1))])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def digits():
    return datasets.samples("mnist")


def test_codes_are_those_of_the_model(digits):
    x, _ = digits
    features = LatentFeatures("acai-mnist", batch_size=20).fit(x)
    expected = keras_acai.load("acai-mnist").features(x, verbose=0)
    for images in (x, x[..., 0], x.reshape(50, -1)):
        np.testing.assert_allclose(features.transform(images), expected, atol=1e-5)
    assert features.transform(x).dtype == "float32" and features.image_shape_ == (32, 32, 1)
    assert list(features.get_feature_names_out()[:2]) == ["latentfeatures0", "latentfeatures1"]


@pytest.mark.parametrize("value_range, scale", [(None, 127.5), ((0, 255), 1), ((0, 1), 255)])
def test_inverse_transform_gives_images_in_the_range_of_the_input(digits, value_range, scale):
    x = digits[0].astype("float32") / scale - (1 if value_range is None else 0)
    features = LatentFeatures("acai-mnist", value_range=value_range).fit(x)
    images = features.inverse_transform(features.transform(x))
    low, high = value_range or (-1, 1)
    assert images.shape == (50, 1024) and images.dtype == "float32"
    assert low <= images.min() and images.max() <= high
    rmse = np.sqrt(np.square(images - x.reshape(50, -1)).mean()) * scale
    assert rmse < 25  # of 255


@pytest.mark.once
def test_pipelines_grids_and_clones(digits):
    x, y = digits
    pipeline = make_pipeline(LatentFeatures("acai-mnist"), LogisticRegression(max_iter=300))
    grid = GridSearchCV(pipeline, {"latentfeatures__model": ["acai-mnist-32", "ae-mnist-32"]}, cv=2)
    assert grid.fit(x.reshape(50, -1), y).score(x, y) > 0.9
    assert clone(pipeline)[0].get_params() == pipeline[0].get_params()
    frame = LatentFeatures("acai-mnist").set_output(transform="default").fit_transform(x)
    assert frame.shape == (50, 256)


def test_a_pickle_holds_the_name_alone(digits):
    features = LatentFeatures("acai-mnist").fit(digits[0])
    content = pickle.dumps(features)
    assert len(content) < 1000
    expected = features.transform(digits[0])
    np.testing.assert_array_equal(pickle.loads(content).transform(digits[0]), expected)


def test_a_model_of_ones_own(x, tmp_path):
    model = make("ACAI")
    features = LatentFeatures(model).fit(x)
    np.testing.assert_allclose(features.transform(x), model.features(x, verbose=0), atol=1e-6)
    with pytest.raises(pickle.PicklingError, match="save_pretrained"):
        pickle.dumps(features)
    model.save_pretrained(tmp_path / "model")
    of_folder = LatentFeatures(tmp_path / "model").fit(x)
    np.testing.assert_allclose(of_folder.transform(x), features.transform(x), atol=1e-6)


def test_a_folder_with_other_weights_than_at_the_fit(x, tmp_path):
    make("ACAI").save_pretrained(tmp_path)
    features = LatentFeatures(tmp_path).fit(x)
    other = make("ACAI")
    other.compile()
    other.fit(x, batch_size=6, verbose=0)
    other.save_pretrained(tmp_path)
    check_refused("other weights than when this was fitted", features.transform, x)
    codes = features.fit(x).transform(x)
    np.testing.assert_allclose(codes, other.features(x, verbose=0), atol=1e-6)


def test_images_that_do_not_fit(digits):
    x, _ = digits
    features = LatentFeatures("acai-mnist")
    check_refused("32×32×1 are 1024 numbers a row, X has 784", features.fit, np.zeros((3, 784)))
    features.fit(x)
    check_refused(r"value_range=\(0, 1\)", features.transform, x / np.float32(255))
    check_refused("int64", features.transform, x.astype("int64"))
    for other in (np.moveaxis(x, -1, 1), x.reshape(-1, 64, 16), x.reshape(-1, 16, 64, 1)):
        check_refused("move the channels last, or resize", features.transform, other)
    check_refused("0 sample", features.fit, x[:0])
    check_refused("model=None: pass a name", LatentFeatures(None).fit, x)
    check_refused(r"expected \(n, 256\)", features.inverse_transform, np.zeros((2, 32)))
