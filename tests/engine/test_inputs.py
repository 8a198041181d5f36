"""Images go in as arrays, tensors, pictures of any size, folders and streams."""

import keras
import numpy as np
import pytest
from conftest import check_refused, make
from PIL import Image

import keras_acai
from keras_acai import datasets

RED = (200, 30, 40)
BLUE = (10, 20, 220)


@pytest.fixture(scope="module")
def colour():
    """A tiny colour model."""
    return make("ACAI", image_shape=(8, 8, 3))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two pictures of different sizes in a folder of their own."""
    folder = tmp_path_factory.mktemp("pictures")
    paths = folder / "a.png", folder / "b.webp"
    for path, size, paint in zip(paths, ((30, 20), (9, 50)), (RED, BLUE)):
        Image.new("RGB", size, paint).save(path, lossless=True)
    return paths


@pytest.fixture(scope="module")
def plain():
    """The same pictures as an array of the model's size."""
    return np.uint8([np.full((8, 8, 3), RED), np.full((8, 8, 3), BLUE)])


FORMS = {
    "paths": lambda paths: list(paths),
    "texts": lambda paths: tuple(map(str, paths)),
    "a folder": lambda paths: paths[0].parent,
    "PIL": lambda paths: [Image.open(path) for path in paths],
    "a path and PIL": lambda paths: [paths[0], Image.open(paths[1])],
    "arrays of mixed sizes": lambda paths: [np.asarray(Image.open(path)) for path in paths],
    "an array and a path": lambda paths: [np.asarray(Image.open(paths[0])), paths[1]],
}


@pytest.mark.parametrize("form", FORMS)
def test_pictures_of_any_size(colour, files, plain, form):
    images = FORMS[form](files)
    np.testing.assert_array_equal(colour.encode(images), colour.encode(plain))
    np.testing.assert_array_equal(colour.features(images), colour.features(plain))
    np.testing.assert_array_equal(colour.classify(images), colour.classify(plain))
    np.testing.assert_array_equal(colour.reconstruct(images), colour.reconstruct(plain))
    np.testing.assert_array_equal(colour.estimate_alpha(images), colour.estimate_alpha(plain))


def test_one_picture_is_a_batch_of_one(colour, files, plain):
    expected = colour.interpolate(plain[:1], plain[1:], steps=3)
    assert expected.shape == (1, 3, 8, 8, 3)
    for a, b in [files, map(str, files), map(Image.open, files), plain]:
        np.testing.assert_array_equal(colour.interpolate(a, b, steps=3), expected)
    first = np.moveaxis(plain[0], -1, 0)
    code = colour.encode(first, data_format="channels_first")
    np.testing.assert_array_equal(code, colour.encode(plain[:1]))
    tensor = colour.encode(keras.ops.convert_to_tensor(plain[0]))
    assert keras.ops.is_tensor(tensor) and tensor.shape[0] == 1


def test_floats_of_mixed_sizes(colour, files, plain):
    floats = [np.asarray(Image.open(path)) / np.float32(255) for path in files]
    np.testing.assert_array_equal(colour.encode(floats, value_range=(0, 1)), colour.encode(plain))
    first = [np.moveaxis(image, -1, 0) for image in floats]
    codes = colour.encode(first, value_range=(0, 1), data_format="channels_first")
    np.testing.assert_array_equal(codes, colour.encode(plain))
    check_refused(r"value_range=\(0, 1\)", colour.encode, floats)


def test_grey_pictures_for_a_grey_model(files):
    model = make("ACAI")
    expected = datasets.picture(files[0], (8, 8), colours=1)[None]
    np.testing.assert_array_equal(model.encode(files[0]), model.encode(expected))
    flat = [np.full((9, 9), 40, "uint8"), np.full((5, 7), 200, "uint8")]
    plain = np.uint8([40, 200])[:, None, None, None] * np.ones((1, 8, 8, 1), "uint8")
    np.testing.assert_array_equal(model.encode(flat), model.encode(plain))


def loader_of(x):
    data = pytest.importorskip("torch.utils.data")
    torch = pytest.importorskip("torch")
    first = torch.as_tensor(np.moveaxis(x / np.float32(255), -1, 1).copy())
    return data.DataLoader(data.TensorDataset(first, torch.zeros(len(x))), batch_size=2)


def test_streams(colour):
    tf = pytest.importorskip("tensorflow")
    x = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3)).astype("uint8")
    expected = colour.encode(x)
    dataset = tf.data.Dataset.from_tensor_slices(x)
    dicts = tf.data.Dataset.from_tensor_slices({"image": x, "label": np.zeros(5, "int64")})
    streams = [
        (dataset.batch(2), {}),
        (dicts.batch(3), {}),
        (
            dataset.map(lambda image: (tf.cast(image, "float32"), 0)).batch(2),
            {"value_range": (0, 255)},
        ),
        (loader_of(x), {"value_range": (0, 1), "data_format": "channels_first"}),
        ((x[i : i + 2] for i in range(0, 5, 2)), {}),
    ]
    for stream, pixels in streams:
        np.testing.assert_allclose(colour.encode(stream, **pixels), expected, atol=1e-5)
    check_refused("no end", colour.encode, dataset.batch(2).repeat())
    check_refused("no end", make("ACAI", image_shape=(32, 32, 1)).features, datasets.EndlessLines())
    check_refused(r"\.batch\(64\)", colour.encode, dataset)


def test_directories_of_keras(colour, files, tmp_path):
    pytest.importorskip("tensorflow")
    for name, path in zip(("a", "b"), files):
        (tmp_path / name).mkdir()
        Image.open(path).save(tmp_path / name / "one.png")
    options = {"image_size": (8, 8), "shuffle": False, "verbose": False}
    stream = keras.utils.image_dataset_from_directory(tmp_path, **options)
    codes = colour.encode(stream, value_range=(0, 255))
    np.testing.assert_allclose(codes, colour.encode(files), atol=1e-4)


@pytest.mark.parametrize(
    "images, error",
    [
        ("no-such-file.png", datasets.DatasetError),
        ([__file__], datasets.DatasetError),
        ([], ValueError),
        ([np.zeros((4, 4, 3), "uint8"), np.zeros((5, 5, 4), "uint8")], ValueError),
        (np.zeros((2, 9, 9, 3), "uint8"), ValueError),
    ],
)
def test_what_is_not_a_picture_is_refused(colour, images, error):
    with pytest.raises(error) as caught:
        colour.encode(images)
    assert len(str(caught.value).splitlines()) == 1


def test_a_symbolic_input_is_sent_to_the_feature_extractor(colour):
    check_refused("feature_extractor", colour.encode, keras.Input((8, 8, 3)))


def test_a_plain_array_of_another_size_is_not_resized(colour):
    check_refused("resize", colour.encode, np.zeros((1, 28, 28, 3), "uint8"))
    assert isinstance(keras_acai.to_pil(colour.reconstruct(np.zeros((8, 8, 3), "uint8"))), list)
