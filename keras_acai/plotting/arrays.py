"""Checks of images and strips, before they are drawn."""

import numpy as np

from keras_acai import checks


def check_strips(strips):
    """Checks strips, (n, steps, height, width, colours), and makes one out of (steps, …)."""
    strips = check_images(strips)
    strips = strips[None] if strips.ndim == 4 else strips
    if strips.ndim != 5 or 0 in strips.shape or strips.shape[-1] not in (1, 3):
        raise ValueError(
            f"strips have shape {strips.shape}: give (n, steps, height, width, colours), as "
            "returned by model.interpolate."
        )
    return strips


def check_batch(images):
    """Checks images, (n, height, width, colours)."""
    images = check_images(images)
    if images.ndim != 4 or 0 in images.shape or images.shape[-1] not in (1, 3):
        raise ValueError(f"images have shape {images.shape}: give (n, height, width, colours).")
    return images


def check_images(images):
    """Returns images as an array of uint8 or of finite floats."""
    images = checks.to_numpy(images)
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ValueError(f"images have dtype {images.dtype}: use uint8, or floats in [-1, 1].")
    if not np.isfinite(images).all():
        raise ValueError("images hold NaN or infinity: the model has diverged, or leave them out.")
    return images


def to_unit(images):
    """Scales images to [0, 1]."""
    if images.dtype == np.uint8:
        return images / np.float32(255)
    return np.clip(images.astype("float32") / 2 + 0.5, 0, 1)
