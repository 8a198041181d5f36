"""CelebA: faces, cut to their middle and resized to 32×32.

python -m training.train acai-celeba --recipe fast
python -m training.train acai-celeba-32 --recipe paper
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
