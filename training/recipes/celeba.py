"""CelebA: faces, cut to their middle and resized to 32×32; no classes, so no probe.

    python -m training.train acai-celeba --recipe fast
    python -m training.train acai-celeba-32 --recipe paper

Sixteen times the arithmetic of MNIST: for a GPU. The paper reports no score; look at the strips.
The `fast` recipe is SVHN's and has not been measured here.
"""

from training.recipes import FAST_IN_COLOUR, Recipe


def paper():
    return Recipe()


def fast():
    return FAST_IN_COLOUR
