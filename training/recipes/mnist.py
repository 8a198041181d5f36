"""MNIST: digits, padded to 32×32 (section 4).

    keras-acai train acai-mnist --recipe fast
    keras-acai train acai-mnist-32 --recipe paper

The paper's ACAI reaches a probe of 98.25 % and a clustering of 94.38 %; with a code of 256,
99.00 % and 96.17 %.

The fast recipe takes 38 minutes on one CPU core for acai-mnist-32 (TensorFlow, 233 images a
second). With seed 0 and a rate of 5e-3 for the probe, it reached a joint probe of 96.92 %, a linear
probe of 97.34 % and a clustering of 90.70 %. A second run from there (`--start`, seed 1, the probe
at its usual 2e-2) reached 97.53 %, 97.59 % and 92.04 %. A third one shifted the images (`--start
acai-mnist-32 --seed 3 --images 786432 --shift 2 --dtype mixed_bfloat16`): 97.37 %, 97.95 % and
92.89 % (20 restarts). A fourth one did not (`--start`, from there, `--seed 4 --images 262144
--dtype mixed_bfloat16`): 97.66 %, 97.59 % and 92.82 %. That is the shipped model
(`keras-acai evaluate acai-mnist-32`). Both once more (`--start acai-mnist-32 --seed 5 --images
524288 --shift 2`, then `--seed 6 --images 262144` from there) gave 97.42 %, 98.02 % and 93.04 %,
then 97.84 %, 97.93 % and 92.35 % (20 restarts); a third run (`--seed 7 --images 262144 --averaging
16384`), 97.71 %, 97.82 % and 92.54 %. The probes gain what the clustering loses.

A slower critic and averaged weights gained nothing after the second run: 97.51 %, 97.38 % and
92.09 % (20 restarts) with `--start acai-mnist-32 --seed 2 --images 180224 --warmup 4096
--critic-learning-rate 2e-4 --averaging 8192`.

Small batches learn more from each image, judging by the probes and the rmse. `keras-acai
train acai-mnist-32 --images 131072 --checkpoint-every 131072 --n-init 4
--probe-learning-rate 5e-3 --batch-size …` (seed 0):

| batch size | joint probe, % | linear probe, % | clustering, % | rmse |
|---|---|---|---|---|
| 64 | 92.80 | 95.67 | 84.53 | 27.42 |
| 16 | 94.93 | 96.12 | 85.82 | 21.39 |
| 4 | 95.82 | 96.47 | 82.63 | 18.33 |

The run with batches of 4 took 1.8 times as long as that with 16. The fast recipe therefore has 16.
With batches of 64 and 1,048,576 images, acai-mnist-32 reached 96.78, 96.90, 88.62 and 18.31. That
is below the fast recipe with half of the images (clustering 90.66 from the same 20 restarts).

acai-mnist (256) takes 43 minutes. A second run from the weights of the first (`keras-acai
train acai-mnist --start runs/acai-mnist-fast-0 --seed 1`) reached a joint probe of 98.94
%, a linear probe of 99.01 % and a clustering of 81.34 % (`keras-acai evaluate acai-mnist`;
docs/results.md explains what the clustering depends on). Shifts gained nothing for it: 98.87 %,
98.87 % and 81.94 % (20 restarts) with `--start acai-mnist --seed 3 --images 786432 --shift 2
--dtype mixed_bfloat16`. A slower critic and averaged weights from the start gained nothing either:
98.72 %, 98.69 % and 81.77 % (100 restarts) with `--seed 2 --images 786432 --critic-learning-rate
2e-4 --averaging 8192 --dtype mixed_bfloat16`.

The learning rate is that of Lines. The joint probe has its own, which affects no other player.
"""

from . import FAST_GREY

FAST = FAST_GREY
