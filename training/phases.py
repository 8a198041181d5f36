"""What changes from one phase of a recipe to the next, and where epochs end."""

import contextlib
import itertools

LEFT_OUT = {  # the parts of a model's objective that a phase does without
    "head_start": {"adversarial_weight": 0.0, "quantises": False},
    "between": {},
    "cooldown": {"adversarial_weight": 0.0},
}


@contextlib.contextmanager
def without(model, left_out):
    """Temporarily sets those attributes in `left_out` that the model has.

    Args:
        model: a compiled model.
        left_out: dict. Attribute → value.
    """
    changed = [name for name, value in left_out.items() if getattr(model, name, value) != value]
    kept = {name: getattr(model, name) for name in changed}
    _set(model, {name: left_out[name] for name in kept})
    try:
        yield
    finally:
        _set(model, kept)


def plan(step, recipe):
    """Returns the epochs from a step to the last: a list of (steps of an epoch, epochs).

    An epoch ends at each multiple of `steps_per_checkpoint`, and where a phase of the recipe does.
    """
    every = recipe.steps_per_checkpoint
    ends = {*range(every, recipe.steps, every), *recipe.phases}
    ends = [step, *sorted(end for end in ends if end > step)]
    epochs = [(end - start, recipe.phase(start)) for start, end in itertools.pairwise(ends)]
    return [(size, len(list(group))) for (size, _), group in itertools.groupby(epochs)]


def _set(model, values):
    for name, value in values.items():
        setattr(model, name, value)
    if values:
        model.train_function = None  # it was traced with the other values
