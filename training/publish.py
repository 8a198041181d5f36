"""Uploads models of `weights/` to the Hugging Face Hub and pins them.

    python -m training.publish acai-lines acai-mnist --owner keras-acai --dry-run
    python -m training.publish acai-lines acai-mnist --owner keras-acai

Each becomes one commit of the repository OWNER/NAME. Its hash, and the SHA-256 of every file, go
into `keras_acai/published.json`: commit that, and `keras_acai.load` takes these files, no others.
"""

import argparse
import dataclasses
import sys

from keras_acai import files, presets
from keras_acai.errors import LoadError
from keras_acai.zoo import publishing


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.publish", description=__doc__.splitlines()[0]
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="acai-lines acai-mnist …")
    parser.add_argument("--owner", required=True, help="a user or an organisation of the Hub")
    parser.add_argument("--private", action="store_true", help="for repositories that are new")
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    options = parser.parse_args(arguments)
    try:
        for preset in [_trained(name) for name in options.names]:
            publish(preset, f"{options.owner}/{preset.name}", options.private, options.dry_run)
    except (LoadError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


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
            f"{name} is not in weights/: train it (python -m training.train {name}), then "
            f"python -m training.ship runs/{name}-fast-0."
        )
    return preset


if __name__ == "__main__":
    sys.exit(main())
