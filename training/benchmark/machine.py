"""The machine that is measured, and the times of import and load in fresh processes."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time

from .. import machine

PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy")
TIMES = 3  # processes started for one figure


def facts():
    """Returns what the figures depend on, as a dict."""
    return {
        "processor": ", ".join([machine.processor(), *_features()]),
        "cores": machine.cores(),
        "device": device(),
        "python": platform.python_version(),
        "versions": machine.versions(PACKAGES),
    }


def _features():
    """What the speed of a processor depends on."""
    found = {
        "AVX-512": machine.has_avx512(),
        "AVX512_BF16": machine.has_avx512_bf16(),
        "AMX": machine.has_amx(),
    }
    return [name if is_there else f"no {name}" for name, is_there in found.items()]


def device():
    """Returns what PyTorch computes on: "cuda" or "cpu"."""
    try:
        import torch
    except ImportError:
        return "cpu"
    return "cuda" if torch.cuda.is_available() else "cpu"


def matrix_gflops(dtype):
    """Returns the speed of a large matrix product, the best of several; None without PyTorch.

    Args:
        dtype: str or None. "mixed_bfloat16" multiplies in bfloat16; None stands for float32.

    Returns:
        float. 10⁹ operations per second.
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
    """Returns the seconds of importing this package, the median over fresh processes."""
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
    """Returns the seconds of loading a model's folder, the median over fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        code = f"""
            import time
            from keras_acai.zoo import folders
            from . import ours
            ours.build({cell!r}).save_pretrained({folder!r})
            print(0)
        """
        _run(backend, code, times=1)
        code = f"""
            import time
            from keras_acai.zoo import folders
            start = time.perf_counter()
            folders.load({folder!r})
            print(time.perf_counter() - start)
        """
        return _run(backend, code)[0]


def _run(backend, code, times=TIMES):
    """Returns the median of each number that the code prints, over fresh processes."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    outputs = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(times)
    ]
    rows = [[float(number) for number in output.split()] for output in outputs]
    return [statistics.median(column) for column in zip(*rows)]
