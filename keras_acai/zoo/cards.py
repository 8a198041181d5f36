"""Model cards: what a model's other files say, for people and for the Hugging Face Hub."""

import pathlib

from keras_acai.datasets.catalogue import DATASETS
from keras_acai.evaluation import paper
from keras_acai.zoo import records
from keras_acai.zoo.schema import Start

MARK = "<!-- Written by keras_acai from the other files; without this line, it stays as it is. -->"
TAGS = ["keras", "autoencoder", "interpolation", "representation-learning", "arxiv:1807.07543"]
SETTINGS = (
    "recipe",
    "start",
    "seed",
    "images",
    "batch_size",
    "learning_rate",
    "critic_learning_rate",
    "probe_learning_rate",
    "schedule",
    "warmup",
    "head_start",
    "cooldown",
    "averaging",
    "adversarial_weight",
    "dtype",
)
CITATION = """\
## Reference

```bibtex
@inproceedings{berthelot2019acai,
  title={Understanding and Improving Interpolation in Autoencoders via an Adversarial Regularizer},
  author={David Berthelot and Colin Raffel and Aurko Roy and Ian Goodfellow},
  booktitle={International Conference on Learning Representations},
  year={2019},
  url={https://arxiv.org/abs/1807.07543}
}
```"""


def is_ours(path):
    """Whether a card may be written anew: none is there, or one that bears our mark."""
    path = pathlib.Path(path)
    return not path.is_file() or MARK in path.read_text("utf-8", errors="replace")


def picture(folder):
    """The name of a folder's picture of interpolations, or None."""
    return "interpolations.png" if (pathlib.Path(folder) / "interpolations.png").is_file() else None


def card(config, metrics=None, run=None, picture=None, source=None):
    """The text of a model card.

    Args:
        config: dict, of `config.json`.
        metrics: dict, of `metrics.json`, or None for a model without scores.
        run: dict, of `run.json`, or None for a model without a record.
        picture: str. The name of a picture of interpolations beside the card. Defaults to none.
        source: str. What `keras_acai.load` is to be given. Defaults to "this/folder".
    """
    preset = records.preset_of(run)
    parts = [
        _metadata(config, preset),
        MARK,
        f"# {preset.name if preset else config.class_name}",
        _introduction(config, preset, run, metrics),
        f"![Interpolations between test images]({picture})" if picture else "",
        _usage(config, source or "this/folder"),
        _scores(metrics, preset),
        _training(run),
        _terms(preset),
        CITATION,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _metadata(config, preset):
    from huggingface_hub import ModelCardData

    data = preset and DATASETS[preset.dataset]
    fields = {
        "library_name": "keras_acai",
        "pipeline_tag": "image-feature-extraction",
        "tags": [*TAGS, config.class_name.lower()],
    }
    if data and data.research_only:
        fields |= {"license": "other", "license_name": "research-only"}
    elif data:  # what others trained is theirs to license
        fields |= {"license": "apache-2.0"}
    if data and data.hub_id:
        fields["datasets"] = [data.hub_id]
    return f"---\n{ModelCardData(**fields).to_yaml()}\n---"


def _introduction(config, preset, run, metrics):
    height, width, colours = config.arguments["image_shape"]
    kind = "grey" if colours == 1 else "colour"
    text = (
        "A [Keras 3](https://keras.io) autoencoder that interpolates, "
        f"`keras_acai.{config.class_name}`, for {height}×{width} {kind} images"
    )
    if preset:
        text += f", with a latent code of {preset.code_size} numbers"
    facts = (_experience(preset, run), _part(preset, metrics), run.note if run else None)
    return " ".join([f"{text}.", *(fact for fact in facts if fact)])


def _experience(preset, run):
    """What the model has seen, in a sentence."""
    images = run.images if run else None
    if not images:
        return ""
    if preset is None:
        return f"It saw {images:,} images in training."
    text = f"It was trained on {DATASETS[preset.dataset].title} and saw {images:,} images"
    share = images / paper.IMAGES
    return f"{text}, {share:.1%} of the paper's {paper.IMAGES:,}." if share < 1 else f"{text}."


def _part(preset, metrics):
    """How much of its data set was at hand, where that was not all."""
    is_of = metrics and preset and metrics.data_name == preset.dataset
    found = paper.partial_counts(preset, metrics.counts) if is_of else None
    if found is None:
        return ""
    data = DATASETS[preset.dataset]
    have, whole = ("{:,} train and {:,} test images".format(*one) for one in (found, data.counts))
    text = f"The data were {have}, where {data.title} has {whole}"
    return f"{text}: no score compares with the paper's."


def _usage(config, source):
    shape = ", ".join(map(str, config.arguments["image_shape"]))
    return f"""\
## Use

```python
import keras_acai

model = keras_acai.load("{source}")
strip = model.interpolate(a, b, steps=16)  # images: (n, {shape}), uint8 or in [-1, 1]
codes = model.encode(images)
features = model.features(images)  # flat, for a classifier
```"""


def _scores(metrics, preset):
    if not metrics:
        return "## Scores\n\nNot measured: `keras-acai evaluate` does it."
    published = records.comparable_figures(metrics, preset)
    rows = ["| score | here | paper |", "|---|---|---|"]
    for name, value in metrics.scores.items():
        theirs = paper.shown(name, *published[name]) if name in published else ""
        rows.append(f"| {paper.label(name)} | {paper.shown(name, value)} | {theirs} |")
    notes = []
    if metrics.command:
        notes.append(f"Measured by `{metrics.command}`.")
    if published and metrics.scores.keys() & published.keys():
        notes.append("The paper's figures are means over several runs of 16,777,216 images each.")
    return "\n".join(["## Scores", "", *rows, "", " ".join(notes)]).rstrip()


def _training(run):
    if not run:
        return ""
    columns = [_facts(leg) for leg in records.history_of(run)]
    cells = {
        name: ["" if one[name] is None else f"{one[name]}" for one in columns]
        for name in columns[0]
    }
    rows = [f"| {' | '.join([name, *values])} |" for name, values in cells.items() if any(values)]
    titles = [f"run {number}" for number in range(1, len(columns) + 1)] if columns[1:] else [""]
    head = [f"| | {' | '.join(titles)} |", "|---" * (len(columns) + 1) + "|"]
    table = [*head, *rows, ""] if rows else []
    text = "All of it is in `run.json`."
    if columns[1:]:
        text = f"Each run went on with the weights of the one before it. {text}"
    return "\n".join(["## Training", "", *table, text])


def _facts(run):
    """What a card tells of one run, name → value."""
    facts = {name.replace("_", " "): run.settings.get(name) for name in SETTINGS}
    facts |= {"data": run.data_name, "SHA-256 of the data": run.data and run.data.sha256}
    last = run.starts[-1] if run.starts else Start()
    facts |= {"device": last.device, "backend": last.backend}
    return facts | {"time": f"{run.seconds / 3600:.1f} h" if run.seconds else None}


def _terms(preset):
    terms = DATASETS[preset.dataset].terms if preset else ""
    return f"## Licence\n\n{terms}".rstrip() if terms else ""
