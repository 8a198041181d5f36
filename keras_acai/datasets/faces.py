"""CelebA from a folder of its aligned pictures, such as `img_align_celeba/`, or from some of them.

They are cropped and resized as those of TensorFlow Datasets are. Pictures that have the size of the
data set already, such as 64×64, stay as they are.
"""

import os
import pathlib

from keras_acai.datasets import pictures

ALL = 202_599
OFFICIAL = {"train": slice(162_770), "test": slice(182_637, None)}  # between them: validation


def find(dataset, data_dir=None):
    """Returns the folder that holds the pictures of a data set, or None.

    A folder in which TensorFlow Datasets has prepared the data set is not one of pictures, whatever
    else lies in it.

    Args:
        dataset: `catalogue.Dataset`.
        data_dir: path. A folder of pictures, or of TensorFlow Datasets. Defaults to
            `TFDS_DATA_DIR`.
    """
    data_dir = data_dir or os.environ.get("TFDS_DATA_DIR")
    if not (dataset.from_folder and data_dir and os.path.isdir(data_dir)):
        return None
    folder, ends = pathlib.Path(data_dir), pictures.suffixes()
    if (folder / dataset.builder).is_dir():
        return None
    return folder if any(path.suffix.lower() in ends for path in folder.iterdir()) else None


def load(dataset, split, folder):
    """Loads the pictures of a split: the official one if all are there, else every tenth is "test".

    Args:
        dataset: `catalogue.Dataset`.
        split: "train" or "test".
        folder: path. From `find`.

    Returns:
        (x, None): uint8 (n, size, size, colours), and no labels.

    Raises:
        PictureError: for fewer than two readable pictures.
    """
    x, _ = pictures.image_folder(folder, dataset.size, dataset.colours, crop=dataset.crop)
    test = pictures.held_out(x, folder)
    parts = OFFICIAL if len(x) == ALL else {"train": ~test, "test": test}
    return x[parts[split]], None
