"""A folder of your own pictures.

python -m training.train acai --data my_pictures/ --size 64
python -m training.train acai --data my_pictures/ --size 64 --recipe paper
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
