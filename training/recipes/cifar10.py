"""CIFAR-10: small photographs (section 4).

    keras-acai train acai-cifar10 --recipe fast
    keras-acai train acai-cifar10-256 --recipe paper

A step takes sixteen times the arithmetic of MNIST's: use a GPU. The paper's ACAI reaches a probe of
63.99 % (code of 1024) and 52.77 % (256).

`keras-acai train acai-cifar10 --images 393216 --dtype mixed_bfloat16` took 88 minutes on
one core of a Xeon with AMX (TensorFlow, 75 images a second). It reached a joint probe of 56.09 %
and a linear probe of 59.23 %. A second run from there (`--start acai-cifar10 --seed 1 --images
294912 --critic-learning-rate 8e-5 --averaging 16384 --dtype mixed_bfloat16`, 144 minutes on one
core of an AMD EPYC) reached 57.22 % and 59.93 %. That is the shipped model (`keras-acai evaluate
acai-cifar10`).

`denoising-cifar10` and `vae-cifar10` (`--images 262144 --dtype mixed_bfloat16`, 67 and 49 minutes
on one core of an AMD EPYC, beside other work) reached joint probes of 54.93 % and 43.20 %.
"""

from . import FAST_COLOUR

FAST = FAST_COLOUR
