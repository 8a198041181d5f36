"""The scores of a run that is not finished, at its last checkpoint: `keras-acai evaluate RUN`."""

from keras_acai.zoo import reports

from . import averaging, data, settings
from .errors import RunError
from .run import Run


def open_report(folder, name=None, pictures=None, data_dir=None):
    """Loads the last checkpoint of a run, and the data to score it on.

    Args:
        folder: path of the run.
        name: str. How the recorded command names it. Defaults to the folder.
        pictures: str. A data set, a folder of pictures or a NumPy file. Defaults to the data set of
            the run; a folder that its record names is not read, because a record may come from
            anywhere.
        data_dir: str. TensorFlow Datasets directory. Defaults to None: TFDS_DATA_DIR.

    Returns:
        `reports.Report`.

    Raises:
        RunError: without a checkpoint.
        LoadError: when nothing says which data to use.
        keras_acai.datasets.DatasetError: when the data cannot be had.
    """
    run = Run(folder)
    named = pictures or reports.data_of(folder, name, run.record)
    chosen = settings.read(run.record.settings).replace(data=named)
    model = _last_checkpoint(run, chosen)
    source = data.load(chosen, data_dir)
    return reports.Report(folder, model, source, run.record, name)


def _last_checkpoint(run, chosen):
    """The trained model, with its averaged weights if it has some."""
    model = chosen.build()
    chosen.recipe.compile(model)
    if not run.restore(model):
        raise RunError(f"{run.folder} has no checkpoint yet: train for longer.")
    averaging.take(model)
    print(f"Unfinished run: scoring the model after {run.images:,} images.")
    return model
