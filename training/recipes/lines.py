"""Lines: white lines on black, drawn without end, interpolated and scored (section 3.2).

    python -m training.train acai-lines --recipe fast
    python -m training.train acai-lines --recipe paper

Two CPU cores see some 300 images a second (TensorFlow): two hours for `fast`, 16 for `paper`.
The paper's ACAI: mean distance 0.24·10⁻³, smoothness 0.10.

The rate of `fast` is the best of three tried for 196,608 images (`--images 196608 --warmup 8192
--learning-rate …`, seed 0):

| rate | mean distance ·10⁻³ | smoothness |
|---|---|---|
| 2.5e-4 | 3.43 | 0.096 |
| 5e-4 | 2.49 | 0.092 |
| 1e-3 | 4.61 | 0.315 |

The whole of `fast` (seed 0) gives a mean distance of 1.36·10⁻³ and a smoothness of 0.10
(`keras-acai evaluate acai-lines`): from 1.3 million images on, the distance no longer fell.
"""

import dataclasses

from training.recipes import FAST, Recipe


def paper():
    return Recipe()


def fast():
    images, cooldown = 2**19, 2**17
    return dataclasses.replace(
        FAST, images=images + cooldown, probe_learning_rate=None, cooldown=cooldown
    )
