"""The contents of the JSON files of a model's folder, as dataclasses.

config.json     `Config`    the class, its arguments, the SHA-256 of the weights
metrics.json    `Metrics`   scores
run.json        `Run`       how the model was trained
"""

import dataclasses
import math
import re

from keras_acai.zoo.typed import Record, quoted

MODEL = "model.safetensors"
PLAYERS = "players.safetensors"
POLICIES = ("float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(Record):
    """The content of `config.json`.

    Attributes:
        format: int. The layout of the folder.
        class_name: str. The model's class, one of the registry.
        arguments: dict. The arguments that the model is made with: numbers, lists of them, a dtype.
        keras, keras_acai: str. The versions that wrote it.
        sha256: dict. Weights file → SHA-256.
    """

    format: int
    class_name: str = dataclasses.field(metadata={"key": "class"})
    arguments: dict = dataclasses.field(metadata={"key": "config"})
    keras: str
    keras_acai: str = ""
    sha256: dict[str, str]

    def check(self):
        """Refuses what `load` would not take from a file.

        Raises:
            ValueError: for these; the message names the entry.
        """
        if not re.fullmatch(r"\d{1,4}(\.\w+)*", self.keras):
            raise ValueError(f"keras is {quoted(self.keras)}")
        if MODEL not in self.sha256 or not set(self.sha256) <= {MODEL, PLAYERS}:
            raise ValueError(f"sha256 names {quoted(sorted(self.sha256))}")
        for key, value in self.arguments.items():
            if not (value in POLICIES if key == "dtype" else _is_plain(value)):
                raise ValueError(f"{quoted(key)} is {quoted(value)}")

    def weights_files(self, players=True):
        """The names of the weights files, with or without that of the critic and the probe."""
        names = (MODEL, PLAYERS) if players else (MODEL,)
        return [name for name in names if name in self.sha256]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Data(Record):
    """The data of a run or of scores: a data set, or "pictures/" and a folder's or file's name."""

    name: str
    sha256: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Metrics(Record):
    """The content of `metrics.json`.

    Attributes:
        scores: dict. Score → number, accuracies in [0, 1]; None for one that is not finite.
        data: `Data` that was scored on, or None if unknown.
        counts: (train images, test images), or None if unknown or drawn endlessly.
        paper: dict. Score → the paper's [mean, standard deviation or None].
        n_init: int. Number of k-means restarts.
        time, backend, versions: when and with what it was measured.
        images: int. Images seen in training, or None if unknown.
        command: str. The command that measures it.
        weights: dict. Weights file → SHA-256.
    """

    scores: dict[str, float | None]
    data: Data | None = None
    counts: tuple[int, int] | None = None
    paper: dict = dataclasses.field(default_factory=dict)
    n_init: int | None = None
    time: str | None = None
    backend: str | None = None
    versions: dict[str, str] | None = None
    images: int | None = None
    command: str | None = None
    weights: dict[str, str] | None = None

    @property
    def data_name(self):
        """The name of the data, or None if unknown."""
        return self.data.name if self.data else None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Start(Record):
    """The circumstances of one start of a run, which may change at the next.

    Attributes:
        images: int. Images of this run seen before this start.
    """

    time: str | None = None
    images: int = 0
    backend: str | None = None
    device: str | None = None
    git_commit: str | None = None
    python: str | None = None
    versions: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leg(Record):
    """One run of the training of a model.

    Attributes:
        start: str. The trained model that the next run began with, as it was named there.
        settings: dict. All that the outcome depends on; "name", "recipe", "data" and "start" are
            strings.
        data: `Data` that it trained on.
        starts: list of `Start`.
        images: int. Images that the model has seen, those of earlier runs included.
        seconds: float. Time spent training, without earlier runs.
        note: str. A sentence for the card.
        sha256: dict. Weights file or checkpoint → SHA-256.
        before: `Leg` whose model this run began with, or None.
    """

    start: str | None = None
    settings: dict = dataclasses.field(default_factory=dict)
    data: Data | None = None
    starts: list[Start] = dataclasses.field(default_factory=list)
    images: int | None = None
    seconds: float | None = None
    note: str | None = None
    sha256: dict[str, str | None] | None = None
    before: "Leg | None" = None

    def __post_init__(self):
        for key in ("name", "recipe", "data", "start"):
            if not isinstance(self.settings.get(key, ""), str):
                raise ValueError(f"settings[{key!r}] is {quoted(self.settings[key])}, expected str")

    @property
    def data_name(self):
        """The name of the data, or None if unknown."""
        return self.data.name if self.data else None

    @property
    def images_before(self):
        """Images that the model had seen before this run."""
        return (self.before.images or 0) if self.before else 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run(Leg):
    """The content of `run.json`.

    Attributes:
        status: "running", "interrupted", "diverged" or "complete".
        reason: str. Why it diverged.
        weights: dict. Weights file → SHA-256, of the trained model.
    """

    status: str | None = None
    reason: str | None = None
    weights: dict[str, str] | None = None


def tied(record, config):
    """Returns `Metrics` or a `Run` that names the weights of a `Config` as its own."""
    return dataclasses.replace(record, weights=dict(config.sha256))


def _is_plain(value, levels=2):
    """Whether an argument is a number, None, or a short list of these: nothing to deserialise."""
    if isinstance(value, list):
        return 0 < levels and len(value) <= 16 and all(_is_plain(one, levels - 1) for one in value)
    return value is None or type(value) is int or (type(value) is float and math.isfinite(value))
