"""CelebA at 64×64: faces, with a smaller network than the paper's and no classes.

    keras-acai train acai-celeba-64 --recipe fast
    keras-acai train acai-celeba-64 --data-dir img_align_celeba/

The preset is not the paper's: 32 channels at 64×64, twice as many after each halving, 512 at 4×4.
`--data-dir` may be a folder of CelebA's aligned JPEG files, or of some of them. The fast recipe is
SVHN's with a slower critic, averaged weights and mirrored faces. The shipped models saw 196,608
images in batches of 16 (docs/results.md).
"""

import dataclasses

from . import FAST_COLOUR

FAST = dataclasses.replace(FAST_COLOUR, critic_learning_rate=8e-5, averaging=2**14, flip=0.5)
