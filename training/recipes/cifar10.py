"""CIFAR-10: small photographs (section 4).

    python -m training.train acai-cifar10 --recipe fast
    python -m training.train acai-cifar10-256 --recipe paper

Sixteen times the arithmetic of MNIST: for a GPU. The paper's ACAI: probe 63.99 % (code of 1024),
52.77 % (256). The `fast` recipe is SVHN's and has not been measured here.
"""

from training.recipes import FAST_IN_COLOUR, Recipe


def paper():
    return Recipe()


def fast():
    return FAST_IN_COLOUR
