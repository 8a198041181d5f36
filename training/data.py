"""What a run trains on and is scored on."""

from keras_acai import backend, datasets
from training.run import RunError

RESIDENT_BYTES = 2**32  # images up to so many bytes stay on a GPU


class Data(datasets.Splits):
    """What is trained on and scored on, as a stream of batches."""

    def stream(self, batch_size, seed, start, labelled):
        """Endless batches from batch `start` on, with labels or without."""
        if self.name == "lines":
            return datasets.EndlessLines(batch_size, seed, start, labelled)
        x, y = self.train
        fits = backend.has_accelerator() and x.nbytes <= RESIDENT_BYTES
        kind = datasets.Resident if fits else datasets.Shuffled
        return kind(x, y if labelled else None, batch_size, seed, start)


def load(settings, data_dir=None):
    """The data that the settings name, checked against the model that they describe.

    Raises:
        RunError: when images or labels do not fit the model.
        keras_acai.datasets.DatasetError: when a data set cannot be had, or a folder holds too few.
    """
    data = Data.load(settings["data"], settings["image_shape"], data_dir)
    _check(data, settings)
    return data


def _check(data, settings):
    x, y = data.train
    shape, classes = tuple(settings["image_shape"]), settings["num_classes"]
    if x.shape[1:] != shape:
        raise RunError(
            f"{data.name} has images of {x.shape[1:]}, but the model takes {shape}: add "
            f"--image-shape {','.join(map(str, x.shape[1:]))}, or choose other data."
        )
    if classes and (y is None or y.ndim > 1):
        raise RunError(f"{data.name} has no classes for a probe: add --num-classes none.")
    if classes and y.max() >= classes:
        raise RunError(f"{data.name} has {y.max() + 1} classes: add --num-classes {y.max() + 1}.")
