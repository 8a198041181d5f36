"""Figures of interpolations and reconstructions, drawn with Matplotlib, and animations.

Images are uint8, or floats in [-1, 1], with one colour or three; values beyond are clipped.
Functions that draw return a `Figure`, which shows itself in a notebook, and also write it to
`path`, if given (PNG, PDF, SVG …). `animation` writes a moving picture.
"""

from keras_acai.plotting.animations import MOVING, animation
from keras_acai.plotting.figures import check_suffix, interpolations, pictures, reconstructions
from keras_acai.plotting.layout import Figure

__all__ = [
    "MOVING",
    "Figure",
    "animation",
    "check_suffix",
    "interpolations",
    "pictures",
    "reconstructions",
]
