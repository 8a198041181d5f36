"""MNIST: digits, padded to 32×32 (section 4).

python -m training.train acai-mnist --recipe fast
python -m training.train acai-mnist-32 --recipe paper
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
