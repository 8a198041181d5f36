"""Calls of the Hub's client end in time, with the answer or with the error."""

import threading
import time

import huggingface_hub
import pytest

from keras_acai.errors import HubError
from keras_acai.hub import guard

pytestmark = pytest.mark.once


def test_answers_and_errors_come_through():
    assert guard.call(lambda a, b: a + b, 1, b=2) == 3
    with pytest.raises(ZeroDivisionError):
        guard.call(lambda: 1 / 0)


def test_a_server_that_holds_on():
    free = threading.Event()
    start = time.monotonic()
    with pytest.raises(HubError, match=r"longer than 0\.1 seconds"):
        guard.call(free.wait, seconds=0.1)
    assert time.monotonic() - start < 5
    free.set()


def test_the_client_is_left_as_it_was():
    hooks = huggingface_hub.get_session().event_hooks["response"]
    check = guard.call(lambda: hooks[-1])
    assert callable(check) and check not in hooks
