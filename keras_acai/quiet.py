"""Keeps logs free of progress bars, and of the lines that TensorFlow prints when it is imported.

The lines tell of oneDNN, CUDA and the processor, and TensorFlow's own switch
(`TF_CPP_MIN_LOG_LEVEL`) comes too late for some of them. `TF_CPP_MIN_LOG_LEVEL=0` keeps them all.
"""

import contextlib
import importlib.util
import os
import re
import sys
import tempfile

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
DRIVER = "/proc/driver/nvidia"  # without it, TensorFlow reports that it found no GPU as an error
NOISE = re.compile(
    rb"[IWE]\d{4} |\d{4}-\d\d-\d\d .*tensorflow/|To enable the following instr"
    rb"|WARNING: All log messages before absl::Init"
)


def install():
    """Silences the next import of TensorFlow, unless it is imported already or the user objects."""
    os.environ.setdefault(LEVEL, "1" if os.path.exists(DRIVER) else "3")
    if "tensorflow" not in sys.modules and os.environ[LEVEL] != "0":
        sys.meta_path.insert(0, _Finder())


def progress_bar(count, unit, verbose="auto"):
    """A progress bar of Keras: `update(done)` draws it.

    Args:
        count: int. What there is to do.
        unit: str. What is counted, such as "image".
        verbose: 0 for silence, 1 for a bar, or "auto" for one on a terminal and in a notebook.
            Defaults to "auto".
    """
    import keras

    if verbose == "auto":
        verbose = sys.stdout.isatty() or "ipykernel" in sys.modules
    return keras.utils.Progbar(count, verbose=int(verbose), unit_name=unit)


class _Finder:
    """Finds TensorFlow, and has it executed quietly."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)  # others only look whether it is there
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: _quietly(execute, module)
        return spec


def _quietly(execute, module):
    with _without_noise():
        execute(module)


@contextlib.contextmanager
def _without_noise():
    """Leaves out `NOISE` of what is written to the process's stderr within the block."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            written.seek(0)
            for line in written:
                if not NOISE.match(line):
                    os.write(2, line)
