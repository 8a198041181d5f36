"""Options and arguments that several commands of `keras-acai` take."""

import enum
import pathlib
from typing import Annotated

import typer

from keras_acai.cli.commands import check_model, trained_models


class Method(enum.StrEnum):
    """How codes are mixed."""

    lerp = "lerp"
    slerp = "slerp"


class Spacing(enum.StrEnum):
    """What is even from step to step."""

    codes = "codes"
    images = "images"


class Format(enum.StrEnum):
    """A format of exported models."""

    onnx = "onnx"
    tf_saved_model = "tf_saved_model"
    litert = "litert"
    openvino = "openvino"


class Part(enum.StrEnum):
    """A part of an exported model."""

    encoder = "encoder"
    decoder = "decoder"
    autoencoder = "autoencoder"
    critic = "critic"


class Measure(enum.StrEnum):
    """What makes a picture strange."""

    error = "error"
    alpha = "alpha"


class Engine(enum.StrEnum):
    """What encodes in bulk."""

    local = "local"
    ray = "ray"


MODEL_HELP = "A name such as acai-mnist, hf://owner/name[@revision], or a model's folder."
A_MODEL = {"callback": check_model, "help": MODEL_HELP, "autocompletion": trained_models}
Name = Annotated[str, typer.Argument(metavar="MODEL", **A_MODEL)]
Model = Annotated[str, typer.Option("--model", "-m", **A_MODEL)]
Revision = Annotated[str | None, typer.Option(help="Branch, tag or commit on the Hub.")]
Branch = Annotated[
    str | None, typer.Option("--revision", help="Branch to upload to.  [default: main]")
]
Token = Annotated[
    str | None, typer.Option(envvar="HF_TOKEN", help="Hugging Face token, for private models.")
]
CacheDir = Annotated[
    pathlib.Path | None, typer.Option(help="Hugging Face cache directory.  [default: HF_HOME]")
]
Offline = Annotated[bool, typer.Option("--local-files-only", help="Stay off the network.")]
Data = Annotated[
    str | None,
    typer.Option(
        help="Data set, folder of pictures, or .npz file.  [default: the model's training data]"
    ),
]
Restarts = Annotated[
    int | None,
    typer.Option(
        "--n-init", min=1, help="Number of k-means restarts.  [default: as recorded, else 1000]"
    ),
]
BatchSize = Annotated[int, typer.Option(min=1, help="Images per batch.")]
Pictures = Annotated[
    bool,
    typer.Option("--pictures", help="Draw test images of your own into the model's folder, too."),
]
ValueRange = Annotated[
    tuple[float, float] | None,
    typer.Option(
        metavar="BLACK WHITE", help="Numbers of black and white in an array, such as 0 1."
    ),
]
Background = Annotated[
    str, typer.Option(metavar="COLOUR", help="Colour behind transparent pictures.")
]
Column = Annotated[
    str | None, typer.Option(help="Column of pictures in Parquet files.  [default: the only one]")
]
ShardSize = Annotated[int, typer.Option(min=1, help="Images per file, if --out is a folder.")]
EngineOption = Annotated[
    Engine, typer.Option(help="This process, or Ray on this machine or on a cluster.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes of Ray.  [default: one for each core but one]")
]
Steps = Annotated[int, typer.Option(min=2, help="Number of pictures, both ends included.")]
MethodOption = Annotated[Method, typer.Option(help="Straight line (lerp) or great circle (slerp).")]
SpacingOption = Annotated[
    Spacing, typer.Option(help="Even steps of the codes, or steps that look even.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FormatOption = Annotated[Format, typer.Option(help="Format of the files.")]
PartsOption = Annotated[
    list[Part] | None,
    typer.Option(
        "--part", help="Part to write; may be repeated.  [default: all but the critic of ACAI]"
    ),
]
Scale = Annotated[
    float | None, typer.Option(min=0.1, help="Dots for each pixel of the model's images.")
]
Seconds = Annotated[float, typer.Option(min=0.1, help="Length of an animation, one way.")]
