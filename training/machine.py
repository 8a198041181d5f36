"""Facts about this machine and this checkout, for the records of runs and benchmarks."""

import contextlib
import importlib.metadata
import os
import pathlib
import platform
import subprocess

from keras_acai import presets

PACKAGES = ("keras", "keras-acai", "numpy", "tensorflow", "jax", "torch")


def processor() -> str:
    """Returns the name of the processor, or of its architecture where the name is unknown."""
    names = cpuinfo("model name")
    return names[0] if names else platform.processor() or platform.machine()


def description() -> str:
    """Returns the processor and the number of its cores that this process may use."""
    count = cores()
    return f"{processor()}, {count} core{'s' if count > 1 else ''}"


def has_avx512() -> bool:
    """Returns whether the processor has AVX-512 instructions."""
    return _has("avx512f")


def has_amx() -> bool:
    """Returns whether the processor multiplies matrices of bfloat16 numbers in tiles."""
    return _has("amx_bf16")


def has_avx512_bf16() -> bool:
    """Returns whether the processor multiplies vectors of bfloat16 numbers."""
    return _has("avx512_bf16")


def is_faster_in_bfloat16() -> bool:
    """Returns whether the processor trains faster in bfloat16 than in float32.

    AMX does, and so does AVX512_BF16 on AMD's processors. Intel's are slower with AVX512_BF16 alone
    (docs/speed.md).
    """
    return has_amx() or (has_avx512_bf16() and "AuthenticAMD" in cpuinfo("vendor_id"))


def cores() -> int:
    """Returns the number of cores that this process may use."""
    return len(core_numbers())


def core_numbers() -> list[int]:
    """Returns the numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def run_operations_side_by_side():
    """Lets TensorFlow train faster on two cores: two operations at once, with a thread each.

    One operation split in two gains less, as many are small. Encoding is faster without, because it
    has only one operation at a time. To be called before TensorFlow computes anything.
    """
    if cores() == 2:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")


def pin(process, core):
    """Lets a process use one core alone, where the system can.

    Args:
        process: int. Its number; nothing happens if it has ended.
        core: int or None. The number of the core; None for all.
    """
    if core is not None and hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(process, {core})


def cpuinfo(key: str) -> list[str]:
    """Returns the values of a key in /proc/cpuinfo, one for each core; none elsewhere."""
    path = pathlib.Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.partition(":") for line in lines)
    return [value.strip() for name, _, value in pairs if name.strip() == key]


def versions(packages=PACKAGES) -> dict[str, str]:
    """Returns the versions of the packages that are installed."""
    return {name: found for name in packages if (found := _version(name))}


def git_commit() -> str | None:
    """Returns the commit of this checkout, with "+" if files have changed since; None without."""
    folder = presets.checkout()
    if folder is None:
        return None
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return commit + ("+" if _git(folder, "status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _has(flag):
    return any(flag in flags.split() for flags in cpuinfo("flags"))


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _git(folder, *arguments):
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
