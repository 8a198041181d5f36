"""What a run trains on and is scored on."""

from keras_acai import backend, datasets

from .augmentation import Augmented
from .errors import RunError

RESIDENT_BYTES = 2**32  # up to this size, images stay on a GPU


class Data(datasets.Splits):
    """The images that are trained and scored on, as a stream of batches."""

    def stream(self, recipe, seed, start, labelled):
        """Returns endless batches from batch `start` on, with labels or without."""
        if self.name == "lines":
            return datasets.EndlessLines(recipe.batch_size, seed, start, labelled)
        x, y = self.train
        arguments = x, y if labelled else None, recipe.batch_size, seed, start
        changes = _changes(recipe)
        if any(changes.values()):
            return Augmented(*arguments, **changes)
        fits = backend.has_accelerator() and x.nbytes <= RESIDENT_BYTES
        return (datasets.Resident if fits else datasets.Shuffled)(*arguments)


def test_images(name, image_shape, data_dir=None):
    """Returns (x, y), the test images of a data set, of a folder or of a NumPy file.

    Args:
        name, image_shape, data_dir: as for `datasets.Splits.load`.
    """
    if name in datasets.DATASETS:
        return datasets.load(name, "test", data_dir)
    return datasets.Splits.load(name, image_shape, data_dir).test


def both_splits(name, image_shape, data_dir=None):
    """Returns (train, test), each (x, y), whole even for lines.

    Args:
        name, image_shape, data_dir: as for `datasets.Splits.load`.
    """
    if name in datasets.DATASETS:
        return tuple(datasets.load(name, split, data_dir) for split in ("train", "test"))
    splits = datasets.Splits.load(name, image_shape, data_dir)
    return splits.train, splits.test


def load(settings, data_dir=None):
    """Returns the data that the settings name, checked against the model's arguments.

    Args:
        settings: `Settings`.
        data_dir: str. TensorFlow Datasets directory. Defaults to None: TFDS_DATA_DIR.

    Raises:
        RunError: when images or labels do not fit the model, or lines were to be augmented.
        keras_acai.datasets.DatasetError: when a data set cannot be had, or a folder holds too few.
    """
    shape, classes = settings.arguments["image_shape"], settings.arguments["num_classes"]
    if settings.data == "lines" and any(_changes(settings.recipe).values()):
        raise RunError("Lines are drawn at any angle: leave out --flip, --shift and --rotate.")
    data = Data.load(settings.data, shape, data_dir)
    _check_shape(data, shape)
    if classes:
        _check_classes(data, classes)
    return data


def _changes(recipe):
    """How images are augmented: option → its value, 0 for none."""
    return {name: getattr(recipe, name) for name in ("flip", "shift", "rotate")}


def _check_shape(data, shape):
    found = data.train[0].shape[1:]
    if found != tuple(shape):
        raise RunError(
            f"{data.name} has images of {found}, but the model takes {tuple(shape)}: add "
            f"--image-shape {','.join(map(str, found))}, or choose other data."
        )


def _check_classes(data, classes):
    labels = [y for _, y in (data.train, data.test)]
    if any(y is None or y.ndim > 1 for y in labels):
        raise RunError(f"{data.name} has no classes for a probe: add --num-classes none.")
    found = max(y.max() for y in labels) + 1
    if found > classes:
        raise RunError(f"{data.name} has {found} classes: add --num-classes {found}.")
