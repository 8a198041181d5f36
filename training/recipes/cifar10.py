"""CIFAR-10: small photographs (section 4).

    python -m training.train acai-cifar10 --recipe fast
    python -m training.train acai-cifar10-256 --recipe paper

Sixteen times the arithmetic of MNIST: for a GPU. The paper's ACAI: probe 63.99 % (code of 1024),
52.77 % (256).

`python -m training.train acai-cifar10 --images 393216 --dtype mixed_bfloat16` took one core of a
Xeon with AMX 88 minutes (TensorFlow, 75 images a second) and gave a joint probe of 56.09 % and a
linear probe of 59.23 %, which is what ships (`keras-acai evaluate acai-cifar10`).
"""

from training.recipes import FAST_IN_COLOUR, Recipe


def paper():
    return Recipe()


def fast():
    return FAST_IN_COLOUR
