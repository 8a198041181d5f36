"""What a server may answer while a model is downloaded: plain names, bounded sizes, in time.

The Hub's client names files of its cache by hashes that the server sends, reads answers of any
size, and waits as long as it is told to. A hostile server could thus write outside the cache, fill
the disk, or never let go.
"""

import contextlib
import importlib
import itertools
import re
import threading
import time

from keras_acai.errors import HubError, printable

SECONDS = 15 * 60  # that a download may take: 20 MB at 22 kB/s
LONGEST_WAIT = 60  # seconds that a server may ask for before another try
LARGEST_FILE = 2**32  # bytes
LARGEST_LIST = 2**22  # bytes of an answer that lists files
PACKED = 64  # times that an answer may be larger than its compressed form
CALL = "x-keras-acai-call"  # header of a request: the number of the call that it belongs to
PLAIN = re.compile(r'(W/)?"?[\w+=-][\w.+=-]{0,127}"?')
HASHES = ("sha", "oid", "blobId", "sha256", "xetHash")  # keys of values that become file names
HEADERS = ("etag", "x-linked-etag", "x-repo-commit")  # likewise


NOTICED = 0.05  # seconds until a new client is checked; it waits for one before it asks again
_numbers = itertools.count(1)
_lock = threading.Lock()


def call(function, seconds=SECONDS):
    """Calls a function that uses the Hub's client, and checks every answer to its requests.

    All of a process share the client. Requests of this call are known by a header, and those of
    others are left alone.

    Args:
        function: callable. It has one argument, the headers that all its requests must send. It
            runs in a thread of its own, which is left alone if it takes longer.
        seconds: float. The time that it may take. Defaults to 15 minutes.

    Raises:
        HubError: for an answer that is refused, and when the time is up.
        Exception: whatever the function raises.
    """
    results, errors, refusals = [], [], []
    headers, deadline = {CALL: str(next(_numbers))}, time.monotonic() + seconds
    check = _checker(headers[CALL], refusals, deadline)

    def work():
        try:
            results.append(function(headers))
        except BaseException as error:
            errors.append(error)
        finally:
            _unhook(check)

    thread = threading.Thread(target=work, daemon=True)
    _hook(check)
    thread.start()
    while thread.is_alive() and time.monotonic() < deadline:
        thread.join(NOTICED)
        if thread.is_alive():
            _hook(check)  # the client replaces itself when a connection fails
    if thread.is_alive():
        raise HubError(f"the server took longer than {seconds:g} seconds, try again later")
    _unhook(check)
    if refusals or errors:
        raise (refusals or errors)[0]
    return results[0]


def _checker(number, refusals, deadline):
    """A hook that checks the answers to a call, and adds the errors of refused ones to a list."""

    def check(response):
        if response.request.headers.get(CALL) != number:
            return
        try:
            _check(response, deadline)
        except HubError as error:
            refusals.append(error)
            raise

    return check


def _hook(check):
    """Has the client call a hook for every answer."""
    import huggingface_hub

    client = huggingface_hub.get_session()
    with _lock:
        hooks = client.event_hooks
        if check not in hooks["response"]:  # a new list: another thread may be in the old one
            client.event_hooks = {**hooks, "response": [*hooks["response"], check]}


def _unhook(check):
    import huggingface_hub

    client = huggingface_hub.get_session()
    with _lock:
        hooks = client.event_hooks
        left = [hook for hook in hooks["response"] if hook is not check]
        client.event_hooks = {**hooks, "response": left}


def _check(response, deadline):
    headers = response.headers
    for name in HEADERS:
        _check_name(name, headers.get(name, "0"))
    if _number(headers.get("retry-after")) > LONGEST_WAIT:
        raise HubError("the server asks to wait for longer than a minute, try again later")
    if time.monotonic() > deadline:
        raise HubError("the server took too long, try again later")
    listing = response.request.url.path.startswith("/api/")
    limit = LARGEST_LIST if listing else LARGEST_FILE
    if max(_number(headers.get(name)) for name in ("content-length", "x-linked-size")) > limit:
        raise _too_large(limit)
    packed = headers.get("content-encoding", "identity") != "identity"
    response.stream = _limited(response, limit // PACKED if packed else limit)
    if listing:
        response.read()
        with contextlib.suppress(ValueError):  # a page that is not JSON names no file
            _check_values(response.json())


def _too_large(limit):
    return HubError(f"the server offers more than {limit:,} bytes")


def _limited(response, limit):
    """The stream of an answer's bytes, which ends with an error beyond a number of them."""
    http = importlib.import_module(type(response).__module__.partition(".")[0])  # the client's

    class Limited(http.SyncByteStream):
        def __init__(self, stream):
            self.stream = stream

        def __iter__(self):
            count = 0
            for part in self.stream:
                count += len(part)
                if count > limit:
                    raise _too_large(limit)
                yield part

        def close(self):
            self.stream.close()

    return Limited(response.stream)


def _check_values(content):
    """Checks the hashes in parsed JSON."""
    waiting = [content]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += item.values()
            for key in HASHES:
                if isinstance(item.get(key), str):
                    _check_name(key, item[key])


def _check_name(kind, name):
    if not PLAIN.fullmatch(name):
        raise HubError(f"the server sent the {kind} {printable(name, 60)!r}, which is not a hash")


def _number(text):
    """A header as a number; 0 without it, infinity for text."""
    try:
        return float(text or 0)
    except ValueError:
        return float("inf")
