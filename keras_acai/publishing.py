"""Trained models to the Hugging Face Hub: `publish`."""

import pathlib

from keras_acai import cards, files, folders, hub, presets
from keras_acai.errors import HubError

EVAL_RESULTS = ".eval_results/keras_acai.yaml"
PICTURES = ("interpolations.png", "reconstructions.png")
COUNTED = {"joint_probe": "linear-classification", "clustering": "clustering"}  # score → task


def publish(folder, repo_id, *, private=None, revision=None, token=None, message=None):
    """Uploads a model's folder to the Hub, as one commit.

    The repository is made where it is not there. What is uploaded is what `plan` gives. A card on
    the Hub that somebody wrote by hand is kept.

    Args:
        folder: what `save_pretrained` wrote.
        repo_id: str. "owner/name".
        private: bool. Whether a new repository is private. Defaults to what the owner has set.
        revision: str. The branch to commit to, made where it is not there. Defaults to main.
        token: str. One that may write. Defaults to `HF_TOKEN`, or that of `hf auth login`.
        message: str. Of the commit.

    Returns:
        `presets.Published`: the commit and the SHA-256 to pin. `load("hf://owner/name@commit")`
        gives the model.

    Raises:
        keras_acai.LoadError: for a folder that does not load, before anything is sent, and for
            all that the Hub says no to.

    Example:

    ```python
    model.save_pretrained("acai-flowers")
    keras_acai.publish("acai-flowers", "me/acai-flowers")
    ```
    """
    import huggingface_hub

    contents = plan(folder, repo_id)
    api = huggingface_hub.HfApi(token=token, library_name="keras_acai")
    try:
        api.create_repo(repo_id, private=private, exist_ok=True)
        if revision is not None:
            api.create_branch(repo_id, branch=revision, exist_ok=True)
        if not _may_write_card(api, repo_id, revision):
            del contents[folders.CARD]
        commit = api.create_commit(
            repo_id,
            [huggingface_hub.CommitOperationAdd(name, one) for name, one in contents.items()],
            commit_message=message
            or f"Upload {pathlib.Path(folder).resolve().name} with keras_acai",
            revision=revision,
        )
    except Exception as error:  # the client's own, and those of its HTTP library
        raise HubError(hub.explain(error, repo_id, revision)) from error
    return _published(folder, repo_id, commit.oid)


def plan(folder, repo_id):
    """What `publish` would upload: name in the repository → path of a file, or bytes.

    Raises:
        keras_acai.LoadError: for a folder that does not load.
    """
    folder = pathlib.Path(folder)
    folders.load(folder)
    config, metrics, run = _read(folder)
    names = [folders.CONFIG, *folders.files_of(config)]
    names += [name for name, content in ((folders.METRICS, metrics), (folders.RUN, run)) if content]
    names += [name for name in PICTURES if (folder / name).is_file()]
    contents = {name: str(folder / name) for name in names}
    contents[folders.CARD] = _card(folder, config, metrics, run, f"hf://{repo_id}")
    if results := eval_results(metrics, run):
        contents[EVAL_RESULTS] = results
    return contents


def eval_results(metrics, run):
    """The scores in the Hub's format (`.eval_results/*.yaml`), as bytes; None for none.

    Only scores on a data set that the Hub has.
    """
    import huggingface_hub
    import yaml

    preset = presets.of_run(run)
    data = preset and presets.DATASETS[preset.dataset].hub_id
    if not data or not metrics:
        return None
    entries = [
        huggingface_hub.EvalResultEntry(
            dataset_id=data,
            task_id=COUNTED[score],
            value=round(100 * value, 2),
            date=metrics.get("time"),
            notes=f"{score}, %, of {preset.code_size} numbers",
        )
        for score, value in metrics["scores"].items()
        if score in COUNTED
    ]
    return yaml.safe_dump(huggingface_hub.eval_result_entries_to_yaml(entries)).encode()


def _card(folder, config, metrics, run, source):
    """The card somebody wrote by hand, or one made for the Hub."""
    path = folder / folders.CARD
    if path.exists() and not cards.is_ours(path):
        return str(path)
    return cards.card(config, metrics, run, cards.picture(folder), source).encode()


def _may_write_card(api, repo_id, revision):
    """Whether the Hub has no card, or one that we wrote."""
    from huggingface_hub.errors import EntryNotFoundError

    try:
        return cards.is_ours(api.hf_hub_download(repo_id, folders.CARD, revision=revision))
    except EntryNotFoundError:
        return True


def _read(folder):
    return folders.read_config(folder), folders.read_metrics(folder), folders.read_run(folder)


def _published(folder, repo_id, commit):
    config, metrics, run = _read(pathlib.Path(folder))
    own = files.sha256(pathlib.Path(folder, folders.CONFIG))
    return presets.Published(
        repo_id=repo_id,
        revision=commit,
        sha256={folders.CONFIG: own, **config["sha256"]},
        scores=metrics["scores"] if metrics else {},
        images=run.get("images") if run else None,
    )
