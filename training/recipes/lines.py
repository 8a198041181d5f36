"""Lines: white lines on black, drawn without end, interpolated and scored (section 3.2).

    keras-acai train acai-lines --recipe fast
    keras-acai train acai-lines --recipe paper

The paper's ACAI reaches a mean distance of 0.24·10⁻³ and a smoothness of 0.10. The fast recipe
reaches 0.73·10⁻³ and 0.098 (seed 0) in two hours on one CPU core (TensorFlow, with another run on
the other core). The shipped model (0.33·10⁻³, 0.085; `keras-acai evaluate acai-lines`) saw 6
times as many images in eight runs. docs/results.md describes its training and the effect of the
cooldown, which all models but AAE and VQ-VAE have here.

The rate is the best of three after 196,608 images (`--images 196608 --batch-size 64 --cooldown 0
--warmup 8192 --learning-rate …`, seed 0):

| rate | mean distance ·10⁻³ | smoothness |
|---|---|---|
| 2.5e-4 | 3.43 | 0.096 |
| 5e-4 | 2.49 | 0.092 |
| 1e-3 | 4.61 | 0.315 |
"""

import dataclasses

from . import FAST_GREY

COOLDOWN = 2**17
FAST = dataclasses.replace(
    FAST_GREY,
    images=FAST_GREY.images + COOLDOWN,
    probe_learning_rate=None,
    cooldown=COOLDOWN,
)
