"""Paths between latent codes (paper, section 2); arrays give arrays, tensors give tensors."""

import keras
import numpy as np


def lerp(a, b, steps):
    """Interpolates linearly from `a` to `b`.

    Args:
        a, b: arrays or tensors of floats, (n, …) each.
        steps: int. Points on a path, including both ends; at least 2. Or the points t themselves,
            finite floats, (steps,) or (n, steps) with 0 at `a` and 1 at `b`.

    Returns:
        (n, steps, …): (1 − t)·a + t·b at t = 0, 1/(steps − 1), …, 1.

    Raises:
        ValueError: for unequal shapes, no batch axis, or other steps.
    """
    xp, a, b, t = _prepare(a, b, steps)
    t = _cast(xp, t, a.dtype)
    return (1 - t) * a + t * b


def slerp(a, b, steps):
    """Interpolates along the great circle from `a` to `b`, as flat vectors (White, 2016).

    Args:
        a, b: arrays or tensors of floats, (n, …) each.
        steps: as for `lerp`.

    Returns:
        (n, steps, …): sin((1 − t)·ω)/sin ω·a + sin(t·ω)/sin ω·b, where ω is the angle between
        `a` and `b`. Where sin ω is 0 (equal, opposite or zero codes), the path is that of `lerp`.

    Raises:
        ValueError: for unequal shapes, no batch axis, or other steps.
    """
    xp, a, b, t = _prepare(a, b, steps)
    dtype, wide = a.dtype, _at_least_float32(a.dtype)
    a, b, t = (_cast(xp, array, wide) for array in (a, b, t))
    omega = _angle(xp, a, b)
    sine = xp.sin(omega)
    degenerate = sine < 1e-6
    sine = xp.where(degenerate, xp.ones_like(sine), sine)
    from_a = xp.where(degenerate, 1 - t, xp.sin((1 - t) * omega) / sine)
    from_b = xp.where(degenerate, t, xp.sin(t * omega) / sine)
    return _cast(xp, from_a * a + from_b * b, dtype)


METHODS = {"lerp": lerp, "slerp": slerp}


def get(name):
    """Returns the function of a name, `lerp` or `slerp`.

    Raises:
        ValueError: for a name other than "lerp" and "slerp".
    """
    if not isinstance(name, str) or name not in METHODS:
        raise ValueError(f"method={name!r} is unknown: use 'lerp' or 'slerp'.")
    return METHODS[name]


def even_times(images, steps):
    """Finds the points on paths between which their images change equally.

    Args:
        images: floats, (n, m, …). The images of n paths at m evenly spaced t from 0 to 1.
        steps: int. Points on a path, including both ends; at least 2.

    Returns:
        (n, steps): rising t from 0 to 1. They are evenly spaced on a path of equal images.
    """
    changes = np.diff(images.reshape(*images.shape[:2], -1), axis=1)
    lengths = np.linalg.norm(changes, axis=2) + 1e-12
    travelled = np.cumsum(np.insert(lengths, 0, 0, axis=1), axis=1)
    t = np.linspace(0, 1, images.shape[1])
    goals = (np.linspace(0, length, steps) for length in travelled[:, -1])
    return np.stack([np.interp(goal, path, t) for goal, path in zip(goals, travelled)])


def _prepare(a, b, steps):
    """Returns NumPy or keras.ops, both codes as (n, 1, …), and t, an array (1 or n, steps, 1 …)."""
    xp = keras.ops if keras.ops.is_tensor(a) or keras.ops.is_tensor(b) else np
    a, b = (_floats(xp, code) for code in (a, b))
    if tuple(a.shape) != tuple(b.shape) or len(a.shape) < 1:
        raise ValueError(
            f"codes have shapes {tuple(a.shape)} and {tuple(b.shape)}: give equal shapes, (n, …)."
        )
    t = _times(steps, a.shape[0])
    t = t.reshape(*t.shape, *(len(a.shape) - 1) * (1,))
    return xp, xp.expand_dims(a, 1), xp.expand_dims(b, 1), t


def _times(steps, n):
    """The points t of n paths, (1 or n, steps)."""
    if isinstance(steps, (int, np.integer)) and not isinstance(steps, bool) and steps >= 2:
        return np.linspace(0, 1, steps)[None]
    t = np.asarray(steps)
    t = t[None] if t.ndim == 1 else t
    is_grid = t.dtype.kind == "f" and t.ndim == 2 and len(t) in (1, n) and t.size
    if not is_grid or not np.isfinite(t).all():
        raise ValueError(
            f"steps={steps!r}: use an integer of at least 2 (both ends count), or the points "
            "themselves as finite floats, (steps,) or (n, steps)."
        )
    return t


def _floats(xp, code):
    """Returns a code as floats of its own dtype; integers become float32."""
    if xp is np:
        code = np.asarray(code)
        return code if code.dtype.kind == "f" else code.astype("float32")
    code = xp.convert_to_tensor(code)
    is_float = "float" in keras.backend.standardize_dtype(code.dtype)
    return code if is_float else xp.cast(code, "float32")


def _cast(xp, array, dtype):
    return array.astype(dtype, copy=False) if xp is np else xp.cast(array, dtype)


def _at_least_float32(dtype):
    """Squares overflow in float16, and angles are rough in bfloat16."""
    dtype = keras.backend.standardize_dtype(dtype)
    return "float32" if dtype in ("float16", "bfloat16") else dtype


def _angle(xp, a, b):
    """2·atan2(‖u − v‖, ‖u + v‖) of unit vectors u, v: exact for tiny angles; 0 for zero codes."""
    axes = tuple(range(2, len(a.shape)))
    norms = [_norm(xp, code, axes) for code in (a, b)]
    u, v = (code / xp.where(n == 0, xp.ones_like(n), n) for code, n in zip((a, b), norms))
    angle = 2 * xp.arctan2(_norm(xp, u - v, axes), _norm(xp, u + v, axes))
    return xp.where(norms[0] * norms[1] == 0, xp.zeros_like(angle), angle)


def _norm(xp, code, axes):
    if not axes:
        return xp.abs(code)
    square = xp.sum(code * code, axis=axes, keepdims=True)
    is_zero = square == 0  # where the root has no gradient
    root = xp.sqrt(xp.where(is_zero, xp.ones_like(square), square))
    return xp.where(is_zero, xp.zeros_like(root), root)
