"""Uploads models of `weights/` to the Hugging Face Hub and pins them.

    python -m training.publish acai-lines acai-mnist --owner keras-acai --dry-run
    python -m training.publish acai-lines acai-mnist --owner keras-acai

Each becomes one commit of the repository OWNER/NAME. Its hash, and the SHA-256 of every file, go
into `keras_acai/published.json`: commit that, and `keras_acai.load` takes these files, no others.
"""

import dataclasses
import sys
from typing import Annotated

import typer

from keras_acai import files, presets
from keras_acai.cli.commands import check_preset
from keras_acai.zoo import publishing

from . import commands


@commands.command("training.publish")
def main(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME", callback=check_preset, help="Models in weights/."),
    ],
    owner: Annotated[str, typer.Option(help="A user or an organisation on the Hub.")],
    private: Annotated[
        bool, typer.Option("--private", help="Create new repositories as private.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the files; upload nothing.")
    ] = False,
):
    """Upload shipped models to the Hugging Face Hub, and pin what was uploaded.

    Example: `python -m training.publish acai-lines --owner keras-acai --dry-run`
    """
    for preset in [_trained(name) for name in names]:
        publish(preset, f"{owner}/{preset.name}", private, dry_run)


def publish(preset, repo_id, private=False, dry_run=False):
    """Uploads one model and writes its pin, or says what would go."""
    if dry_run:
        print(f"{repo_id}: {', '.join(sorted(publishing.plan(preset.shipped, repo_id)))}")
        return
    done = publishing.publish(preset.shipped, repo_id, private=private or None)
    pins = (files.read_json(presets.PUBLISHED) or {}) | {preset.name: dataclasses.asdict(done)}
    files.write_json(presets.PUBLISHED, dict(sorted(pins.items())))
    print(f"{preset.name}: hf://{done.repo_id}@{done.revision}")


def _trained(name):
    preset = presets.get(name)
    if preset.shipped is None:
        raise ValueError(
            f"{name} is not in weights/: train it (keras-acai train {name}), then "
            f"python -m training.ship runs/{name}-fast-0."
        )
    return preset


if __name__ == "__main__":
    sys.exit(main())
