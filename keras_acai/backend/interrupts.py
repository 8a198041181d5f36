"""Ctrl-C in the middle of a step that frees its input."""

import contextlib
import functools
import signal
import threading


def kept(function, remember):
    """`function`, whose outcome is passed to `remember` before Ctrl-C can stop the program."""

    @functools.wraps(function)
    def run(*arguments):
        with _delayed():
            outcome = function(*arguments)
            remember(outcome)
        return outcome

    return run


@contextlib.contextmanager
def _delayed():
    """Delays Ctrl-C to the end of the block. Only the main thread receives it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []
    before = signal.signal(signal.SIGINT, lambda *arguments: came.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(*came[0])
