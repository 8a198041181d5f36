"""Recipes: one file per data set, each with `paper()` and `fast()`.

The paper's recipe is the same for every cell of its tables: Adam with a constant rate of 1e-4,
batches of 64, 2^24 images. `fast` wants fewer; each file says what it has been seen to reach. AAE
and VQ-VAE have a head start there: with the critic's verdict from the first image on, an AAE's
codes run from the critic, all to the same point, before the decoder has learnt to tell them apart;
a VQ-VAE gives codes that begin side by side all the same vector, and its decoder learns nothing
from them (docs/results.md). They have no cooldown.
"""

import dataclasses
import importlib.util

import keras
from keras import ops

from keras_acai.checks import check_number, check_size
from keras_acai.datasets.catalogue import DATASETS

SCHEDULES = ("constant", "cosine")
PHASES = ("head_start", "between", "cooldown")


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a model is trained; the defaults are the paper's.

    Args:
        images: int. How many images are seen in all. Defaults to 2^24.
        batch_size: int. Images a step. Defaults to 64.
        learning_rate: float. Adam's, for every player, at its highest. Defaults to 1e-4.
        probe_learning_rate: float. The probe's own, or None for that of the others. A probe on few
            images wants a higher one; no other player feels it. Defaults to None.
        warmup: int. Images over which the rate rises from 0 in each phase (see below), an eighth
            of the phase at most. Defaults to 0.
        schedule: "constant", or "cosine": the rate falls to 0 by the last image of each phase.
            Defaults to "constant".
        head_start: int. Images at the beginning, of `images` and a quarter of them at most, that an
            AAE or ACAI sees without its critic's verdict, with an adversarial weight of 0, and a
            VQ-VAE without quantisation: its vectors are then taken from the data. Defaults to 0.
        cooldown: int. Images at the end, of `images`, that an AAE or ACAI sees without that
            verdict. Defaults to 0.
        checkpoint_every: int. Images between checkpoints, scores and pictures. Defaults to 2^16.
        n_init: int. Starts of k-means in the scores after training. Defaults to 1000.

    Head start, what is between and cooldown are phases, each with a warm-up and a schedule of its
    own, whatever the model.

    Raises:
        ValueError: for a number out of range or another schedule.
    """

    images: int = 2**24
    batch_size: int = 64
    learning_rate: float = 1e-4
    probe_learning_rate: float | None = None
    warmup: int = 0
    schedule: str = "constant"
    head_start: int = 0
    cooldown: int = 0
    checkpoint_every: int = 2**16
    n_init: int = 1000

    def __post_init__(self):
        for name in ("images", "batch_size", "checkpoint_every", "n_init"):
            check_size(getattr(self, name), name)
        check_number(self.learning_rate, "learning_rate", 0)
        if self.probe_learning_rate is not None:
            rate = check_number(self.probe_learning_rate, "probe_learning_rate", 0)
            object.__setattr__(self, "probe_learning_rate", rate)
        for name in ("warmup", "head_start", "cooldown"):
            images = getattr(self, name)
            if isinstance(images, bool) or not isinstance(images, int) or images < 0:
                raise ValueError(f"{name}={images!r}: give a number of images, 0 or more.")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule={self.schedule!r}: use 'constant' or 'cosine'.")

    @property
    def steps(self):
        """Steps in all: the last one may see images beyond `images`."""
        return -(-self.images // self.batch_size)

    @property
    def phases(self):
        """Where head start, the time between and cooldown end, in steps: (step, step, step)."""
        cold = -(-max(0, self.images - self.cooldown) // self.batch_size)
        warm = min(-(-self.head_start // self.batch_size), self.steps // 4)
        return min(warm, cold), cold, self.steps

    def phase(self, step):
        """Which of `PHASES` a step is in."""
        begin, end, _ = self.phases
        return PHASES[(step >= begin) + (step >= end)]

    @property
    def steps_per_checkpoint(self):
        """Steps from one checkpoint to the next."""
        return min(self.steps, max(1, self.checkpoint_every // self.batch_size))

    def compile(self, model):
        """Gives a model Adam with ε 1e-8 (paper, appendix A) and this recipe's learning rates."""
        optimizer = keras.optimizers.Adam(self.schedule_of(self.learning_rate), epsilon=1e-8)
        probe = None
        if self.probe_learning_rate is not None and model.probe is not None:
            schedule = self.schedule_of(self.probe_learning_rate)
            probe = keras.optimizers.Adam(schedule, epsilon=1e-8, name="probe")
        model.compile(optimizer, probe_optimizer=probe)

    def schedule_of(self, learning_rate):
        """The rate step by step: a number, or a Keras schedule that has this as its highest."""
        rate, begin = None, 0
        for end in self.phases:
            if end > begin:
                phase = self._phase_of_schedule(learning_rate, end - begin)
                same = rate is None or rate == phase == learning_rate
                rate = phase if same else OneAfterAnother(rate, phase, begin)
                begin = end
        return rate

    def _phase_of_schedule(self, learning_rate, steps):
        """The rate over so many steps, from warm-up to end."""
        warmup = min(self.warmup // self.batch_size, steps // 8)
        if self.schedule == "cosine":
            steps = steps - warmup
            rate = keras.optimizers.schedules.CosineDecay
            if not warmup:
                return rate(learning_rate, steps)
            return rate(0.0, steps, warmup_target=learning_rate, warmup_steps=warmup)
        if not warmup:
            return learning_rate
        return keras.optimizers.schedules.PolynomialDecay(0.0, warmup, learning_rate)


@keras.saving.register_keras_serializable("keras_acai")
class OneAfterAnother(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule for so many steps, then another one from its beginning.

    Args:
        first, second: numbers or Keras schedules.
        steps: int. Those of the first.
    """

    def __init__(self, first, second, steps):
        self.first, self.second, self.steps = first, second, steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rates = [
            one(since) if callable(one) else one
            for one, since in ((self.first, step), (self.second, step - self.steps))
        ]
        return ops.where(step < self.steps, *rates)

    def get_config(self):
        return {"first": self.first, "second": self.second, "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in ("first", "second")
        }
        return cls(**parts, steps=config["steps"])


FAST = Recipe(
    images=2**19,
    batch_size=16,
    learning_rate=5e-4,
    probe_learning_rate=2e-2,
    warmup=2**14,
    schedule="cosine",
    n_init=20,
)
FAST_IN_COLOUR = dataclasses.replace(FAST, batch_size=32, learning_rate=2e-4)  # for depth 64


HEAD_START = {"head_start": 2**15, "cooldown": 0}
FAST_OF_MODEL = {"aae": HEAD_START, "vqvae": HEAD_START}


def get(dataset, name, model=None):
    """The recipe "paper" or "fast" of a data set (see the files beside this one).

    Args:
        dataset: str. The name of a file beside this one.
        name: "paper" or "fast".
        model: str. A key of `presets.MODELS`: `fast` has what this model needs of its own.
            Defaults to none.

    Raises:
        ValueError: for another name.
    """
    if name not in ("paper", "fast"):
        raise ValueError(f"There is no recipe {name!r}: use 'paper' or 'fast'.")
    if importlib.util.find_spec(f"training.recipes.{dataset}") is None:
        dataset = "mnist" if DATASETS[dataset].colours == 1 else "svhn"
    recipe = getattr(importlib.import_module(f"training.recipes.{dataset}"), name)()
    own = FAST_OF_MODEL.get(model, {}) if name == "fast" else {}
    return dataclasses.replace(recipe, **own)
