"""SVHN: house numbers in colour, train and extra images (section 4).

    keras-acai train acai-svhn --recipe fast
    keras-acai train acai-svhn-32 --recipe paper

A step takes sixteen times the arithmetic of MNIST's: use a GPU. The paper's ACAI reaches a probe of
85.14 % and a clustering of 24.98 % (code of 256); 34.47 % and 20.86 % (32).

The shipped model saw a part of SVHN and is scored on the first 10,000 test images. None of its
scores compares with the paper's. Its first run, `keras-acai train acai-svhn --images 458752
--dtype mixed_bfloat16`, took 108 minutes on one core of a Xeon with AMX (TensorFlow, 71 images a
second). From 15,756 images, cropped from photographs of the test split, it reached a joint probe of
72.82 %, a linear probe of 77.25 % and a clustering of 21.25 %. A second run from there, on 20,251
images, with a slower critic and averaged weights (`--start acai-svhn --seed 1 --images 327680
--critic-learning-rate 8e-5 --averaging 16384`, 90 minutes), reached 77.87 %, 80.14 % and 20.20 %.
That is the shipped model (`keras-acai evaluate acai-svhn`). A third run (seed 2, 294,912 images)
gained little: 78.34 %, 79.75 % and 20.07 %.

`denoising-svhn` and `vae-svhn` (`--images 262144 --dtype mixed_bfloat16`, 44 and 56 minutes on one
core of an AMD EPYC, beside other work) reached joint probes of 61.40 % and 38.99 %.

At MNIST's rate of 5e-4 (`keras-acai train acai-svhn --learning-rate 5e-4 --dtype
mixed_bfloat16`, seed 0) the losses explode before the 32,768th image.
"""

from . import FAST_COLOUR

FAST = FAST_COLOUR
