"""The machine that is measured, and what happens once a process: import and load."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time

TIMES = 3  # processes started for one figure


def facts():
    """What the figures depend on, as a dict."""
    from importlib import metadata

    packages = ("keras", "tensorflow", "jax", "torch", "numpy")
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "device": device(),
        "python": platform.python_version(),
        "versions": {name: _version(metadata, name) for name in packages},
    }


def device():
    """What PyTorch computes on: "cuda" or "cpu"."""
    try:
        import torch
    except ImportError:
        return "cpu"
    return "cuda" if torch.cuda.is_available() else "cpu"


def matrix_gflops(dtype):
    """10⁹ operations a second of a large matrix product, the best of several; None without PyTorch.

    Args:
        dtype: str or None. That of the models: "mixed_bfloat16" multiplies in bfloat16.
    """
    try:
        import torch
    except ImportError:
        return None
    where = device()
    size = 8192 if where == "cuda" else 2048
    kind = getattr(torch, (dtype or "float32").removeprefix("mixed_"))
    torch.set_float32_matmul_precision("high")  # TensorFloat-32, where a GPU has it
    a, b = (torch.randn(size, size, device=where).to(kind) for _ in range(2))
    best = float("inf")
    for _ in range(TIMES + 1):  # the first warms up
        start = time.perf_counter()
        (a @ b).sum().item()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def import_seconds(backend):
    """(of this package after Keras, of both), the median of fresh processes."""
    code = """
        import time
        start = time.perf_counter()
        import keras
        middle = time.perf_counter()
        import keras_acai
        end = time.perf_counter()
        print(end - middle, end - start)
    """
    return dict(zip(("after Keras", "with Keras"), _run(backend, code)))


def load_seconds(backend, cell):
    """Of a model's folder, after the import: the median of fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        code = f"""
            import time
            from keras_acai import folders
            from training.benchmark import ours
            ours.build({cell!r}).save_pretrained({folder!r})
            print(0)
        """
        _run(backend, code, times=1)
        code = f"""
            import time
            from keras_acai import folders
            start = time.perf_counter()
            folders.load({folder!r})
            print(time.perf_counter() - start)
        """
        return _run(backend, code)[0]


def _run(backend, code, times=TIMES):
    """The median of each number that the code prints, over fresh processes."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    outputs = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(times)
    ]
    rows = [[float(number) for number in output.split()] for output in outputs]
    return [statistics.median(column) for column in zip(*rows)]


def _processor():
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
        with open("/proc/cpuinfo") as file:
            avx512 = "avx512f" in file.read()
        return f"{names[0]}, {'AVX-512' if avx512 else 'no AVX-512'}"
    except (OSError, IndexError):
        return platform.processor()


def _version(metadata, name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
