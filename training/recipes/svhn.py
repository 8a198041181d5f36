"""SVHN: house numbers in colour, train and extra images (section 4).

    python -m training.train acai-svhn --recipe fast
    python -m training.train acai-svhn-32 --recipe paper

Sixteen times the arithmetic of MNIST: for a GPU. The paper's ACAI: probe 85.14 %, clustering
24.98 % (code of 256); 34.47 %, 20.86 % (32). The `fast` recipe is MNIST's and has not been measured
here.
"""

from training.recipes import FAST, Recipe


def paper():
    return Recipe()


def fast():
    return FAST
