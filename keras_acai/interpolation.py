"""Paths between latent codes (paper, section 2); arrays give arrays, tensors give tensors."""

import keras
import numpy as np


def lerp(a, b, steps):
    """Interpolates linearly from `a` to `b`.

    Args:
        a, b: arrays or tensors of floats, (n, …) each.
        steps: int. Points on a path, including both ends; at least 2.

    Returns:
        (n, steps, …): (1 − t)·a + t·b at t = 0, 1/(steps − 1), …, 1.

    Raises:
        ValueError: for unequal shapes, no batch axis, or steps that are not an integer ≥ 2.
    """
    _, a, b, t = _prepare(a, b, steps)
    return (1 - t) * a + t * b


def slerp(a, b, steps):
    """Interpolates along the great circle from `a` to `b`, as flat vectors (White, 2016).

    Args:
        a, b: arrays or tensors of floats, (n, …) each.
        steps: int. Points on a path, including both ends; at least 2.

    Returns:
        (n, steps, …): sin((1 − t)·ω)/sin ω·a + sin(t·ω)/sin ω·b, where ω is the angle between
        `a` and `b`. Where sin ω is 0 (equal, opposite or zero codes), the path is that of `lerp`.

    Raises:
        ValueError: for unequal shapes, no batch axis, or steps that are not an integer ≥ 2.
    """
    xp, a, b, t = _prepare(a, b, steps)
    omega = _angle(xp, a, b)
    sine = xp.sin(omega)
    degenerate = sine < 1e-6
    sine = xp.where(degenerate, xp.ones_like(sine), sine)
    from_a = xp.where(degenerate, 1 - t, xp.sin((1 - t) * omega) / sine)
    from_b = xp.where(degenerate, t, xp.sin(t * omega) / sine)
    return from_a * a + from_b * b


METHODS = {"lerp": lerp, "slerp": slerp}


def get(name):
    """Returns the function of a name, `lerp` or `slerp`.

    Raises:
        ValueError: for a name other than "lerp" and "slerp".
    """
    if not isinstance(name, str) or name not in METHODS:
        raise ValueError(f"method={name!r} is unknown: use 'lerp' or 'slerp'.")
    return METHODS[name]


def _prepare(a, b, steps):
    """Returns NumPy or keras.ops, both codes as (n, 1, …), and t as (1, steps, 1 …)."""
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 2:
        raise ValueError(f"steps={steps!r}: use an integer of at least 2 (both ends count).")
    xp = keras.ops if keras.ops.is_tensor(a) or keras.ops.is_tensor(b) else np
    a, b = (_floats(xp, code) for code in (a, b))
    if tuple(a.shape) != tuple(b.shape) or len(a.shape) < 1:
        raise ValueError(
            f"codes have shapes {tuple(a.shape)} and {tuple(b.shape)}: give equal shapes, (n, …)."
        )
    t = np.linspace(0, 1, steps).reshape(1, steps, *(len(a.shape) - 1) * (1,))
    t = xp.cast(t, a.dtype) if xp is keras.ops else t.astype(a.dtype)
    return xp, xp.expand_dims(a, 1), xp.expand_dims(b, 1), t


def _floats(xp, code):
    """Returns a code as floats of its own dtype; integers become float32."""
    if xp is np:
        code = np.asarray(code)
        return code if code.dtype.kind == "f" else code.astype("float32")
    code = xp.convert_to_tensor(code)
    is_float = "float" in keras.backend.standardize_dtype(code.dtype)
    return code if is_float else xp.cast(code, "float32")


def _angle(xp, a, b):
    """2·atan2(‖u − v‖, ‖u + v‖) of unit vectors u, v: exact for tiny angles; 0 for zero codes."""
    axes = tuple(range(2, len(a.shape)))
    norms = [_norm(xp, code, axes) for code in (a, b)]
    u, v = (code / xp.where(n == 0, xp.ones_like(n), n) for code, n in zip((a, b), norms))
    angle = 2 * xp.arctan2(_norm(xp, u - v, axes), _norm(xp, u + v, axes))
    return xp.where(norms[0] * norms[1] == 0, xp.zeros_like(angle), angle)


def _norm(xp, code, axes):
    return xp.sqrt(xp.sum(code * code, axis=axes, keepdims=True)) if axes else xp.abs(code)
