"""A folder of your own pictures.

    python -m training.train acai --data my_pictures/ --size 64
    python -m training.train acai --data my_pictures/ --size 64 --recipe paper

The model is that of the paper's colour data: depth 64, a code of 4×4×16. A larger `--size` adds
scales, each with twice the channels of the one before; `--depth 16` is sixteen times as fast.
The `fast` recipe is MNIST's; the scores to expect depend on the pictures.
"""

from training.recipes import Recipe


def paper():
    return Recipe()


def fast():
    return Recipe(
        images=2**20,
        learning_rate=5e-4,
        probe_learning_rate=5e-3,
        warmup=2**14,
        schedule="cosine",
        n_init=20,
    )
