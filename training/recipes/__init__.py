"""Recipes: how a model is trained on each data set.

The paper's recipe is the same for every cell of its tables: Adam with a constant rate of 1e-4,
batches of 64, 2^24 images. `fast` needs fewer images; the file of each data set records the scores
it reached. A data set without a file uses the recipe for its number of colours.

`fast` begins with a head start where the model's class asks for one (`needs_head_start`): without
it, AAE and VQ-VAE do not learn from so few images. An AAE's codes flee its critic, all to the same
point, before the decoder can tell them apart. A VQ-VAE, whose codes begin close together, quantises
all of them to one vector, from which its decoder learns nothing (docs/results.md).
"""

import dataclasses
import importlib.util

from keras_acai.checks import check_number, check_size, keras
from keras_acai.datasets.catalogue import DATASETS

SCHEDULES = ("constant", "cosine")
PHASES = ("head_start", "between", "cooldown")
HEAD_START = 2**15  # images


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a model is trained; the defaults are the paper's.

    Head start, the time between and cooldown are phases. Each has its own warm-up and schedule,
    whatever the model.

    Args:
        images: int. Images seen in all. Defaults to 2^24.
        batch_size: int. Images in a step. Defaults to 64.
        learning_rate: float. The highest learning rate of Adam, for every player. Defaults to 1e-4.
        critic_learning_rate: float or None. The critic's own rate, of AAE and ACAI. Defaults to
            None: that of the others.
        probe_learning_rate: float or None. The probe's own rate. Training on few images needs a
            higher one, and no other player is affected. Defaults to None: that of the others.
        warmup: int. Images over which the rate rises from 0 in each phase, an eighth of the phase
            at most. Defaults to 0.
        schedule: "constant", or "cosine": the rate falls to 0 by the last image of each phase.
            Defaults to "constant".
        head_start: int. The first of `images`, a quarter of them at most. AAE and ACAI see them
            with an adversarial weight of 0, VQ-VAE without quantisation; its vectors are then taken
            from the data. Defaults to 0.
        cooldown: int. The last of `images`, which AAE and ACAI see with an adversarial weight of 0.
            Defaults to 0.
        averaging: int. Images over which the weights of all players are averaged (see
            `training.averaging`). Scores and the trained model use the averages; 0 means none.
            Defaults to 0.
        flip: float in [0, 1]. Probability that a training image is mirrored left to right. Defaults
            to 0.
        shift: int. The most pixels by which a training image is shifted at random, each way.
            Defaults to 0.
        rotate: float in [0, 180]. The most degrees by which a training image is turned at random,
            each way. Defaults to 0.
        checkpoint_every: int. Images between checkpoints, scores and pictures. Defaults to 2^16.
        n_init: int. k-means restarts for the scores after training. Defaults to 1000.

    Raises:
        ValueError: for a number out of range or an unknown schedule.
    """

    images: int = 2**24
    batch_size: int = 64
    learning_rate: float = 1e-4
    critic_learning_rate: float | None = None
    probe_learning_rate: float | None = None
    warmup: int = 0
    schedule: str = "constant"
    head_start: int = 0
    cooldown: int = 0
    averaging: int = 0
    flip: float = 0.0
    shift: int = 0
    rotate: float = 0.0
    checkpoint_every: int = 2**16
    n_init: int = 1000

    def __post_init__(self):
        for name in ("images", "batch_size", "checkpoint_every", "n_init"):
            check_size(getattr(self, name), name)
        check_number(self.learning_rate, "learning_rate", 0)
        for name in ("critic_learning_rate", "probe_learning_rate"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, check_number(getattr(self, name), name, 0))
        for name in ("warmup", "head_start", "cooldown", "averaging"):
            _check_count(getattr(self, name), name, "images")
        _check_count(self.shift, "shift", "pixels")
        check_number(self.flip, "flip", 0, at_most=1)
        check_number(self.rotate, "rotate", 0, at_most=180)
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule={self.schedule!r}: use 'constant' or 'cosine'.")

    @property
    def steps(self):
        """Steps in all; the last one may see images beyond `images`."""
        return -(-self.images // self.batch_size)

    @property
    def phases(self):
        """The steps at which head start, the time between and cooldown end, (int, int, int)."""
        cold = -(-max(0, self.images - self.cooldown) // self.batch_size)
        warm = min(-(-self.head_start // self.batch_size), self.steps // 4)
        return min(warm, cold), cold, self.steps

    def phase(self, step):
        """Returns the name in `PHASES` of the phase that a step belongs to."""
        begin, end, _ = self.phases
        return PHASES[(step >= begin) + (step >= end)]

    @property
    def steps_per_checkpoint(self):
        """Steps from one checkpoint to the next."""
        return min(self.steps, max(1, self.checkpoint_every // self.batch_size))

    def compile(self, model):
        """Gives a model Adam with ε 1e-8 (paper, appendix A) and this recipe's learning rates."""
        rates = {"critic": self.critic_learning_rate, "probe": self.probe_learning_rate}
        own = {
            f"{name}_optimizer": self._adam(rate, name=name)
            for name, rate in rates.items()
            if rate is not None and getattr(model, name, None) is not None
        }
        model.compile(self._adam(self.learning_rate), **own)

    def schedule_of(self, learning_rate):
        """Returns the rate step by step: a number, or a Keras schedule with this as its highest."""
        from .schedule import over_phases

        warmup = self.warmup // self.batch_size
        return over_phases(learning_rate, self.phases, warmup, self.schedule == "cosine")

    def _adam(self, learning_rate, **options):
        if self.averaging:
            momentum = max(0.0, 1 - self.batch_size / self.averaging)
            options |= {"use_ema": True, "ema_momentum": momentum}
        return keras.optimizers.Adam(self.schedule_of(learning_rate), epsilon=1e-8, **options)


def _check_count(count, name, unit):
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise ValueError(f"{name}={count!r}: give a number of {unit}, 0 or more.")


FAST_GREY = Recipe(
    images=2**19,
    batch_size=16,
    learning_rate=5e-4,
    probe_learning_rate=2e-2,
    warmup=2**14,
    schedule="cosine",
    n_init=20,
)
FAST_COLOUR = dataclasses.replace(FAST_GREY, batch_size=32, learning_rate=2e-4)  # for depth 64


def paper():
    """Returns the paper's recipe, the same for every data set and model."""
    return Recipe()


def fast(dataset):
    """Returns the fast recipe of a data set: `FAST` of its file, or the one for its colours."""
    module = f"{__name__}.{dataset.replace('-', '_')}"
    if importlib.util.find_spec(module):
        return importlib.import_module(module).FAST
    return FAST_GREY if DATASETS[dataset].colours == 1 else FAST_COLOUR


def get(dataset, name, model_class=None):
    """Returns the recipe for a data set and a model.

    Args:
        dataset: str. A key of `datasets.DATASETS`, or "pictures".
        name: "paper" or "fast".
        model_class: class. With `needs_head_start`, "fast" has a head start and no cooldown.
            Defaults to None: the recipe of the data set alone.

    Raises:
        ValueError: for another name.
    """
    if name == "paper":
        return paper()
    if name != "fast":
        raise ValueError(f"There is no recipe {name!r}: use 'paper' or 'fast'.")
    recipe = fast(dataset)
    if getattr(model_class, "needs_head_start", False):
        recipe = dataclasses.replace(recipe, head_start=HEAD_START, cooldown=0)
    return recipe
