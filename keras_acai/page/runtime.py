"""The files of onnxruntime-web, which run ONNX models in a browser: fetched once by npm."""

import pathlib
import shutil
import subprocess
import tarfile
import tempfile

from keras_acai import files
from keras_acai.datasets import cache

VERSION = "1.30.0"
SHA256 = {
    "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    "ort-wasm-simd-threaded.mjs": (
        "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b"
    ),
    "ort-wasm-simd-threaded.wasm": (
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"
    ),
}


def find(folder=None):
    """Returns the files of the runtime, whose hashes match: name → path.

    Args:
        folder: path. A folder that has them, such as `dist` of the npm package. Defaults to None:
            the cache, which is filled by `npm pack`.

    Raises:
        ValueError: for a folder without them or with others.
        OSError: if npm is missing or cannot fetch them.
    """
    folder = pathlib.Path(folder) if folder else _cached()
    paths = {name: folder / name for name in SHA256}
    for name, path in paths.items():
        if not path.is_file() or files.sha256(path) != SHA256[name]:
            raise ValueError(
                f"{path} is not that of onnxruntime-web {VERSION}: pass the folder dist of that "
                "version, or delete this one."
            )
    return paths


def _cached():
    """The folder of the cache; npm fills it the first time."""
    folder = cache.home() / f"onnxruntime-web-{VERSION}"
    if not all((folder / name).is_file() for name in SHA256):
        with files.atomic_write_together(folder) as new:
            _fetch(new)
    return folder


def _fetch(folder):
    npm = shutil.which("npm")
    if npm is None:
        raise OSError(
            f"npm is missing, which fetches onnxruntime-web {VERSION}: install Node.js, or pass "
            "the folder dist of that package as runtime."
        )
    with tempfile.TemporaryDirectory() as place:
        command = [npm, "pack", "--silent", f"onnxruntime-web@{VERSION}"]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True)
        packed = list(pathlib.Path(place).glob("*.tgz"))
        if done.returncode or not packed:
            reason = " ".join(done.stderr.split())[:200]
            raise OSError(f"npm could not fetch onnxruntime-web {VERSION}: {reason}")
        with tarfile.open(packed[0]) as tar:
            for name in SHA256:
                content = tar.extractfile(f"package/dist/{name}").read()
                (folder / name).write_bytes(content)
