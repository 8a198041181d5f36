"""A folder of your own pictures.

    keras-acai train acai --data my_pictures/ --size 64
    keras-acai train acai --data my_pictures/ --size 64 --recipe paper

The model is that of the paper's colour data: depth 64, a code of 4×4×16. A larger `--size` adds
scales, each with twice the channels of the one before; `--depth 16` is sixteen times as fast.
The fast recipe is SVHN's, with a checkpoint every 8,192 images. The scores to expect depend on the
pictures.
"""

import dataclasses

from . import FAST_COLOUR

FAST = dataclasses.replace(FAST_COLOUR, checkpoint_every=2**13)  # or a short run had none
