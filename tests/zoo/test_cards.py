"""Model cards say what the records say, whoever wrote these."""

import re

import pytest
from conftest import make

from keras_acai.zoo import cards
from keras_acai.zoo.schema import Config, Data, Leg, Metrics, Run, Start

pytestmark = pytest.mark.once

CONFIG = Config(
    format=2,
    class_name="ACAI",
    arguments={"image_shape": [8, 8, 1]},
    keras="3.15.1",
    sha256={},
)


def test_a_column_for_each_run(tmp_path):
    first = {"images": 64, "settings": {"batch_size": 8, "seed": 0, "start": ""}, "seconds": 7200}
    first |= {"starts": [{"device": "a clock"}, {"device": "an abacus"}]}
    run = {"before": first, "images": 96, "settings": {"batch_size": 16, "seed": 1}}
    make("ACAI").save_pretrained(tmp_path, run=run | {"starts": [{"device": "a sundial"}]})
    text = (tmp_path / "README.md").read_text()
    assert "| | run 1 | run 2 |\n|---|---|---|\n" in text
    for row in ("batch size | 8 | 16", "seed | 0 | 1", "device | an abacus | a sundial"):
        assert f"| {row} |\n" in text
    assert "| time | 2.0 h |  |" in text and "start" not in text.split("## Training")[1]


def test_values_of_records_cannot_add_markdown_or_html():
    evil = "x | y\n# <script>`[a](b)` ![c](d)"
    run = Run(
        note=evil,
        settings={"recipe": evil},
        data=Data(name=evil),
        starts=[Start(device=evil)],
        before=Leg(settings={"start": evil}),
    )
    metrics = Metrics(scores={evil: 1.0}, command=evil)
    text = cards.card(CONFIG, metrics, run)
    harmless = cards.card(CONFIG, Metrics(scores={"x": 1.0}, command="x"), run)
    prose = re.sub(r"Measured by `[^`\n]*`", "", text)
    assert "<script>" not in prose and "![c](d)" not in prose and "\n# &lt;" not in prose
    assert text.count("\n#") == harmless.count("\n#")
    (row,) = [line for line in text.splitlines() if line.startswith("| recipe")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 4


@pytest.mark.parametrize(
    "before, data, licence",
    [
        (None, "mnist", "license: apache-2.0"),
        (None, "svhn", "license_name: research-only"),
        ("svhn", "cifar10", "license_name: research-only"),
        ("svhn", "pictures/mine", "license_name: research-only"),
        ("cifar10", "pictures/mine", None),
    ],
)
def test_the_licence_is_that_of_all_data_that_a_model_was_trained_on(before, data, licence):
    leg = Leg(data=Data(name=before)) if before else None
    text = cards.card(CONFIG, run=Run(data=Data(name=data), before=leg))
    assert (licence in text) if licence else ("license" not in text)
    assert ("non-commercial research only" in text) == ("svhn" in (before, data))


@pytest.mark.parametrize("value", ["plain", "2e-4", "svhn (32)", "keras_acai"])
def test_plain_values_stay_as_they_are(value):
    assert cards.escaped(value) == value
