"""Trained models to the Hugging Face Hub: `publish`."""

import os
import pathlib

from keras_acai import files, presets
from keras_acai.datasets.catalogue import DATASETS
from keras_acai.errors import FolderError, HubError, LoadError, first_line
from keras_acai.hub import client
from keras_acai.zoo import cards, folders, records, schema, untrusted

EVAL_RESULTS = ".eval_results/keras_acai.yaml"
OURS = {  # files of a repository that are deleted when the model no longer has them
    schema.PLAYERS,
    records.METRICS,
    records.RUN,
    EVAL_RESULTS,
    *folders.PICTURES,
}
COUNTED = {"joint_probe": "linear-classification", "clustering": "clustering"}  # score → task


def publish(folder, repo_id, *, private=None, revision=None, token=None, message=None):
    """Uploads a model's folder to the Hub, as one commit.

    A missing repository is created. Scores and pictures of a previous model are deleted. A card
    that was written by hand on the Hub is kept, unless the folder has one written by hand.

    Args:
        folder: path, written by `save_pretrained`.
        repo_id: str. "owner/name".
        private: bool. Whether to create a new repository as private. Defaults to the owner's
            setting on the Hub.
        revision: str. The branch to commit to; it is created if missing. Defaults to main.
        token: str. A token with write access. Defaults to `HF_TOKEN`, or that of `hf auth login`.
        message: str. The commit message.

    Returns:
        `presets.Published`: the commit and the SHA-256 to pin. `load("hf://owner/name@commit")`
        loads the model.

    Raises:
        keras_acai.LoadError: for a folder that does not load, before anything is sent, and when
            the Hub refuses.

    Example:

    ```python
    model.save_pretrained("acai-flowers")
    keras_acai.publish("acai-flowers", "me/acai-flowers")
    ```
    """
    import huggingface_hub

    contents = plan(folder, repo_id, revision)
    api = huggingface_hub.HfApi(token=client.clean(token), library_name="keras_acai")
    try:
        api.create_repo(repo_id, private=private, exist_ok=True)
        if revision is not None:
            api.create_branch(repo_id, branch=revision, exist_ok=True)
        commit = api.create_commit(
            repo_id,
            _operations(api, repo_id, revision, contents),
            commit_message=message
            or f"Upload {pathlib.Path(folder).resolve().name} with keras_acai",
            revision=revision,
        )
    except Exception as error:  # the client's own, and those of its HTTP library
        raise HubError(client.explain(error, repo_id)) from error
    return pin_of(folder, repo_id, commit.oid)


def plan(folder, repo_id, revision=None):
    """Returns the files that `publish` uploads: name in the repository → path, or bytes.

    Scores and pictures are included if they are of these weights.

    Args:
        folder, repo_id, revision: as for `publish`.

    Raises:
        keras_acai.LoadError: for a folder that does not load, for links that lead out of it, for
            records that no card can be made of, and for a bad `repo_id`.
    """
    client.check_repo_id(repo_id)
    address = f"hf://{repo_id}@{revision}" if revision else f"hf://{repo_id}"
    try:
        return _plan(pathlib.Path(folder), address)
    except LoadError:
        raise
    except Exception as error:  # whatever odd numbers and texts of the records lead to
        raise FolderError(f"{folder} cannot be published: {first_line(error)}.") from error


def _plan(folder, address):
    folders.load(folder)
    config, metrics, run = records.read_all(folder)
    pictures = folders.PICTURES if metrics else ()
    extras = [name for name in (*pictures, folders.CARD) if os.path.lexists(folder / name)]
    for name in extras:
        untrusted.check_place(folder / name)
    names = [records.CONFIG, *config.weights_files(), *extras]
    contents: dict[str, str | bytes] = {name: str(folder / name) for name in names}
    run = records.portable(run) if run else None
    for name, record in ((records.METRICS, metrics), (records.RUN, run)):
        if record is not None:
            contents[name] = files.as_json(record.to_json()).encode()
    if cards.is_ours(folder / folders.CARD):
        picture = cards.picture(folder) if metrics else None
        card = cards.card(config, metrics, run, picture, address)
        contents[folders.CARD] = card.encode()
    if results := eval_results(config, metrics, run):
        contents[EVAL_RESULTS] = results
    return contents


def eval_results(config, metrics, run):
    """Returns the scores in the Hub's format (`.eval_results/*.yaml`), as bytes, or None.

    Only scores on the preset's data set are included, if it is on the Hub.
    """
    import huggingface_hub
    import yaml

    preset = records.preset_of(run, config)
    data = preset and DATASETS[preset.dataset].hub_id
    if not preset or not data or not records.comparable_figures(metrics, preset):
        return None
    entries = [
        huggingface_hub.EvalResultEntry(
            dataset_id=data,
            task_id=COUNTED[score],
            value=round(100 * value, 2),
            date=metrics.time,
            notes=f"{score}, %, of {preset.code_size} numbers",
        )
        for score, value in metrics.scores.items()
        if score in COUNTED and value is not None
    ]
    listed = huggingface_hub.eval_result_entries_to_yaml(entries)
    return yaml.safe_dump(listed).encode() if listed else None


def _operations(api, repo_id, revision, contents):
    """Returns the operations that turn a revision on the Hub into the planned contents.

    Files that are not ours are kept, and so is a card written by hand, if ours is generated.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    there = set(api.list_repo_files(repo_id, revision=revision))
    kept = set()
    if folders.CARD in there and isinstance(contents[folders.CARD], bytes):
        card = api.hf_hub_download(repo_id, folders.CARD, revision=revision)
        kept = set() if cards.is_ours(card) else {folders.CARD}
    stale = (there & OURS) - set(contents)
    adds = [CommitOperationAdd(name, one) for name, one in contents.items() if name not in kept]
    return [*adds, *map(CommitOperationDelete, sorted(stale))]


def pin_of(folder, repo_id, commit):
    """Returns the `presets.Published` of a folder that was uploaded as this commit."""
    config, metrics, run = records.read_all(folder)
    own = files.sha256(pathlib.Path(folder, records.CONFIG))
    if not records.are_of(metrics, records.preset_of(run, config)):
        metrics = None
    return presets.Published(
        repo_id=repo_id,
        revision=commit,
        sha256={records.CONFIG: own, **config.sha256},
        scores=metrics.scores if metrics else {},
        images=run.images if run else None,
        counts=list(metrics.counts) if metrics and metrics.counts else None,
    )
