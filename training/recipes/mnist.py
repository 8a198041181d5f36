"""MNIST: digits, padded to 32×32 (section 4).

    python -m training.train acai-mnist --recipe fast
    python -m training.train acai-mnist-32 --recipe paper

`fast` takes one CPU core 38 minutes for acai-mnist-32 (TensorFlow, 233 images a second). With seed
0, and the probe at 5e-3, it gave a joint probe of 96.92 %, a linear probe of 97.34 % and a
clustering of 90.70 %; going on from there (`--start`, seed 1, the probe at its 2e-2) 97.53 %,
97.59 % and 92.04 %, which is what ships (`keras-acai evaluate acai-mnist-32`). The paper's ACAI:
probe 98.25 %, clustering 94.38 %; with a code of 256, 99.00 % and 96.17 %.

Small batches learn more from an image, by the probes and the rmse. `python -m training.train
acai-mnist-32 --images 131072 --checkpoint-every 131072 --n-init 4 --probe-learning-rate 5e-3
--batch-size …` (seed 0):

| batch size | joint probe, % | linear probe, % | clustering, % | rmse |
|---|---|---|---|---|
| 64 | 92.80 | 95.67 | 84.53 | 27.42 |
| 16 | 94.93 | 96.12 | 85.82 | 21.39 |
| 4 | 95.82 | 96.47 | 82.63 | 18.33 |

The run with batches of 4 took 1.8 times as long as that with 16, which is why `fast` has 16.

acai-mnist (256) takes 43 minutes. A second run, with the weights of the first (`python -m
training.train acai-mnist --start runs/acai-mnist-fast-0 --seed 1`), ends at a joint probe of
98.94 %, a linear probe of 99.01 % and a clustering of 81.34 % (`keras-acai evaluate acai-mnist`;
docs/results.md says what the last hangs on).

With batches of 64 and 1,048,576 images acai-mnist-32 stood at 96.78, 96.90, 88.62 and 18.31, below
`fast` with half of the images (clustering 90.66 from the same 20 starts). The rate is that of
Lines. The joint probe has one of its own, which no other player feels.
"""

from training.recipes import FAST, Recipe


def paper():
    return Recipe()


def fast():
    return FAST
