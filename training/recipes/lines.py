"""Lines: white lines on black, drawn without end, interpolated and scored (section 3.2).

    python -m training.train acai-lines --recipe fast
    python -m training.train acai-lines --recipe paper

The paper's ACAI: mean distance 0.24·10⁻³, smoothness 0.10. What ships (0.63·10⁻³, 0.10;
`keras-acai evaluate acai-lines`) was trained with batches of 64, for 2^21 images and a cooldown of
2^18: docs/results.md says why the cooldown halved the distance. `fast` has smaller batches and
fewer images and has not been run to its end yet.

The rate is the best of three tried for 196,608 images (`--images 196608 --batch-size 64
--cooldown 0 --warmup 8192 --learning-rate …`, seed 0):

| rate | mean distance ·10⁻³ | smoothness |
|---|---|---|
| 2.5e-4 | 3.43 | 0.096 |
| 5e-4 | 2.49 | 0.092 |
| 1e-3 | 4.61 | 0.315 |
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
