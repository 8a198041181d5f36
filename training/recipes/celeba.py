"""celeba.

    python -m training.train acai-lines --recipe fast
"""

from training.recipes import Recipe


def paper():
    return Recipe()


def fast():
    return Recipe(images=2**21, learning_rate=5e-4, warmup=2**14, schedule="cosine")
