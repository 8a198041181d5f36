"""CelebA: faces, cropped to their middle and resized to 32×32; no classes, hence no probe.

    keras-acai train acai-celeba --recipe fast
    keras-acai train acai-celeba-32 --recipe paper

`--data-dir` may be a folder of TensorFlow Datasets, or of CelebA's aligned JPEG files. A step takes
sixteen times the arithmetic of MNIST's: use a GPU. The paper reports no score; look at the strips.
The fast recipe is SVHN's. It has not been measured on CelebA.
"""

from . import FAST_COLOUR

FAST = FAST_COLOUR
