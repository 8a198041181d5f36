"""Images between images: paths and grids of latent codes, decoded."""

import numpy as np
from keras import ops

from keras_acai import checks, interpolation

SPACINGS = ("codes", "images")


class Mixing:
    """A mixin for models with `encode` and `decode`, `code_shape` and `image_shape`."""

    def interpolate(
        self, a, b, steps=16, method="lerp", batch_size=256, *, spacing="codes", **pixels
    ):
        """Mix the codes of `a` and `b`, and decode the mixes (paper, section 2).

        Args:
            a, b: images in any form that `encode` takes, equally many.
            steps: int ≥ 2. Images per strip, including both ends. Defaults to 16.
            method: "lerp" (a straight line) or "slerp" (a great circle). Defaults to "lerp".
            batch_size: int. Images per pass. Defaults to 256.
            spacing: "codes" for even steps from code to code, or "images" for steps that look even,
                which takes about nine times as long. Defaults to "codes", as in the paper.
            **pixels: `value_range`, `data_format` and `background`, as for `encode`.

        Returns:
            (n, steps, *image_shape), from the reconstruction of `a` to that of `b`, in [-1, 1] but
            for a small overshoot: make pictures of it with `keras_acai.to_images` or `to_pil`.

        Raises:
            ValueError: for bad images, unequal numbers of them, steps < 2, another method or
                spacing.
            keras_acai.errors.PictureError: a ValueError, for a file that is not a picture.
        """
        a, b = (self.encode(x, batch_size, **pixels) for x in (a, b))
        counts = a.shape[0], b.shape[0]
        if None not in counts and counts[0] != counts[1]:
            raise ValueError(f"a has {counts[0]} images and b {counts[1]}: pass equally many.")
        return self._mix(a, b, steps, method, spacing, batch_size)

    def path(
        self,
        images,
        steps=16,
        method="lerp",
        batch_size=256,
        *,
        closed=False,
        spacing="codes",
        **pixels,
    ):
        """Go through several images, from each to the next.

        Args:
            images: images in any form that `encode` takes, at least 2, in the order of the path.
            steps: int ≥ 2. Images from one to the next, both included. Defaults to 16.
            closed: bool. Whether the path returns from the last image to the first. It ends a step
                before that one, so that an animation can repeat it. Defaults to False.
            method, batch_size, spacing, **pixels: as for `interpolate`.

        Returns:
            ((n − 1)·(steps − 1) + 1, *image_shape), or (n·(steps − 1), *image_shape) if it is
            closed, as from `interpolate`.

        Raises:
            ValueError: for a single image, and as `interpolate`.
        """
        _check_steps(steps)
        codes = self.encode(images, batch_size, **pixels)
        if len(codes) < 2:
            raise ValueError("images: 1 given, pass at least 2: a path leads from one to the next.")
        concatenate = np.concatenate if isinstance(codes, np.ndarray) else ops.concatenate
        ends = concatenate([codes[1:], codes[:1]]) if closed else codes[1:]
        strips = self._mix(codes[: len(ends)], ends, steps, method, spacing, batch_size)
        path = concatenate([strip[:-1] for strip in strips])
        return path if closed else concatenate([path, strips[-1][-1:]])

    def grid(self, a, b, c, d, size=8, method="lerp", batch_size=256, **pixels):
        """Fill a square between four images, whose codes are mixed in both directions.

        Args:
            a, b, c, d: images in any form that `encode` takes, equally many: the corners at the top
                left, top right, bottom left and bottom right.
            size: int ≥ 2. Images on each side, corners included. Defaults to 8.
            method, batch_size, **pixels: as for `interpolate`.

        Returns:
            (n, size, size, *image_shape): rows from top to bottom, as from `interpolate`.

        Raises:
            ValueError: as `interpolate`.
        """
        mix = interpolation.get(method)
        a, b, c, d = (self.encode(x, batch_size, **pixels) for x in (a, b, c, d))
        left, right = (
            _reshape(side, (-1, *self.code_shape)) for side in (mix(a, c, size), mix(b, d, size))
        )
        rows = self._decode_paths(mix(left, right, size), batch_size)
        return _reshape(rows, (-1, size, size, *self.image_shape))

    def attribute_vector(self, positives, negatives, batch_size=256, **pixels):
        """Compute the direction in which an attribute grows: a difference of mean codes.

        Args:
            positives: images that have the attribute, in any form that `encode` takes.
            negatives: images that do not.
            batch_size, **pixels: as for `encode`.

        Returns:
            (*code_shape,), a float32 NumPy array: the mean code of `positives` minus that of
            `negatives`.

        Raises:
            ValueError: as `encode`.

        Example:

        ```python
        images, labels = keras_acai.datasets.samples("mnist")
        model = keras_acai.load("acai-mnist")
        vector = model.attribute_vector(images[labels == 8], images[labels == 3])
        eights = model.decode(model.encode(images[labels == 3]) + vector)
        ```
        """
        means = (
            self.features(images, batch_size, verbose=0, **pixels).mean(axis=0)
            for images in (positives, negatives)
        )
        return np.subtract(*means).reshape(self.code_shape)

    def _mix(self, a, b, steps, method, spacing, batch_size):
        """Codes a and b, (n, *code_shape) each → decoded paths, (n, steps, *image_shape)."""
        mix = interpolation.get(method)
        if spacing not in SPACINGS:
            raise ValueError(f"spacing={spacing!r}: use 'codes' or 'images'.")
        if spacing == "images":
            _check_steps(steps)
            fine = mix(*map(checks.to_numpy, (a, b)), 8 * steps + 1)
            steps = interpolation.even_times(self._decode_paths(fine, batch_size), steps)
        return self._decode_paths(mix(a, b, steps), batch_size)

    def _decode_paths(self, codes, batch_size):
        """(n, steps, *code_shape) → (n, steps, *image_shape)."""
        images = self.decode(_reshape(codes, (-1, *self.code_shape)), batch_size)
        return _reshape(images, (*codes.shape[:2], *self.image_shape))


def _check_steps(steps):
    if checks.check_size(steps, "steps") < 2:
        raise ValueError(f"steps={steps}: use an integer of at least 2 (both ends count).")


def _reshape(array, shape):
    return array.reshape(shape) if isinstance(array, np.ndarray) else ops.reshape(array, shape)
