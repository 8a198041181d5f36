"""SVHN: house numbers in colour, train and extra images (section 4).

    python -m training.train acai-svhn --recipe fast
    python -m training.train acai-svhn-32 --recipe paper

Sixteen times the arithmetic of MNIST: for a GPU. The paper's ACAI: probe 85.14 %, clustering
24.98 % (code of 256); 34.47 %, 20.86 % (32).

With 15,756 train images, crops of photographs of SVHN's test split, and the first 10,000 test
images (no score compares with the paper's), `python -m training.train acai-svhn --images 458752
--dtype mixed_bfloat16` took one core of a Xeon with AMX 108 minutes (TensorFlow, 71 images a
second) and gave a joint probe of 72.82 %, a linear probe of 77.25 % and a clustering of 21.25 %,
which is what ships (`keras-acai evaluate acai-svhn`).

At MNIST's rate of 5e-4 (`python -m training.train acai-svhn --learning-rate 5e-4 --dtype
mixed_bfloat16`, seed 0) the losses explode before the 32,768th image. On CPUs with AMX or
AVX512_BF16, `--dtype mixed_bfloat16` is faster.
"""

from training.recipes import FAST_IN_COLOUR, Recipe


def paper():
    return Recipe()


def fast():
    return FAST_IN_COLOUR
