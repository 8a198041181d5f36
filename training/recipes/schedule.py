"""Learning rates, step by step: each phase of a recipe has its own warm-up and decay."""

import keras
from keras import ops


def over_phases(learning_rate, ends, warmup=0, cosine=False):
    """Returns the learning rate over all phases: a number, or a Keras schedule.

    Args:
        learning_rate: float. The highest rate of each phase.
        ends: tuple of int. The step at which each phase ends; empty phases end where they begin.
        warmup: int. Steps over which the rate rises from 0, an eighth of a phase at most. Defaults
            to 0.
        cosine: bool. Whether the rate falls to 0 by the end of each phase. Defaults to False.
    """
    rate, begin = None, 0
    for end in ends:
        if end > begin:
            phase = _over_phase(learning_rate, end - begin, warmup, cosine)
            is_constant = rate is None or rate == phase == learning_rate
            rate = phase if is_constant else OneAfterAnother(rate, phase, begin)
            begin = end
    return rate


def _over_phase(learning_rate, steps, warmup, cosine):
    """The rate over one phase of `steps` steps."""
    warmup = min(warmup, steps // 8)
    if cosine:
        return _cosine(learning_rate, steps - warmup, warmup)
    if warmup:
        return keras.optimizers.schedules.PolynomialDecay(0.0, warmup, learning_rate)
    return learning_rate


def _cosine(learning_rate, steps, warmup):
    decay = keras.optimizers.schedules.CosineDecay
    if not warmup:
        return decay(learning_rate, steps)
    return decay(0.0, steps, warmup_target=learning_rate, warmup_steps=warmup)


@keras.saving.register_keras_serializable("keras_acai")
class OneAfterAnother(keras.optimizers.schedules.LearningRateSchedule):
    """Follows one schedule for some steps, then another one from its beginning.

    Args:
        first, second: floats or Keras schedules.
        steps: int. Steps of the first.
    """

    def __init__(self, first, second, steps):
        self.first, self.second, self.steps = first, second, steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        first, second = _rate(self.first, step), _rate(self.second, step - self.steps)
        return ops.where(step < self.steps, first, second)

    def get_config(self):
        return {"first": self.first, "second": self.second, "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in ("first", "second")
        }
        return cls(**parts, steps=config["steps"])


def _rate(schedule, step):
    return schedule(step) if callable(schedule) else schedule
