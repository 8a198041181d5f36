"""Calls of the Hub's client end in time, with the answer or with the error."""

import contextlib
import gzip
import http.server
import threading
import time

import huggingface_hub
import pytest

from keras_acai.errors import HubError
from keras_acai.hub import guard

pytestmark = pytest.mark.once


@pytest.fixture
def server():
    """A server; `server.answer` is what its handler does for a GET."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            with contextlib.suppress(OSError):
                self.server.answer(self)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server
        server.shutdown()


def get(url, headers):
    """Reads an answer as the Hub's client does."""
    with huggingface_hub.get_session().stream("GET", url, headers=headers) as response:
        return sum(map(len, response.iter_bytes()))


def send(handler, body, chunked=False, **headers):
    handler.send_response(200)
    size = {"transfer-encoding": "chunked"} if chunked else {"content-length": str(len(body))}
    for name, value in (size | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    if chunked:
        for start in range(0, len(body), 2**16):
            part = body[start : start + 2**16]
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n" if chunked else body)


def test_answers_and_errors_come_through():
    assert guard.call(lambda headers: list(headers)) == [guard.CALL]
    with pytest.raises(ZeroDivisionError):
        guard.call(lambda headers: 1 / 0)


def test_a_server_that_holds_on():
    free = threading.Event()
    start = time.monotonic()
    with pytest.raises(HubError, match=r"longer than 0\.1 seconds"):
        guard.call(lambda headers: free.wait(), seconds=0.1)
    assert time.monotonic() - start < 5
    free.set()


def test_a_call_that_took_too_long_disturbs_no_other(server):
    free = threading.Event()
    server.answer = lambda handler: send(handler, b"content")
    with pytest.raises(HubError, match="longer than"):
        guard.call(lambda headers: free.wait() and get(server.url, headers), seconds=0.1)
    assert guard.call(lambda headers: get(server.url, headers)) == 7
    assert get(server.url, {}) == 7
    free.set()


def test_a_new_client_is_checked_too(server):
    """The client replaces itself when a connection fails, and waits a second."""
    server.answer = lambda handler: send(handler, b"content", etag="../../outside")

    def reconnect(headers):
        huggingface_hub.close_session()
        time.sleep(0.5)
        return get(server.url, headers)

    with pytest.raises(HubError, match="which is not a hash"):
        guard.call(reconnect)
    assert get(server.url, {}) == 7


@pytest.mark.parametrize("path, limit", [("/api/models/a", "LARGEST_LIST"), ("/a", "LARGEST_FILE")])
@pytest.mark.parametrize("chunked", [True, False])
def test_an_answer_that_is_too_large(server, monkeypatch, path, limit, chunked):
    monkeypatch.setattr(guard, limit, 10**5)
    server.answer = lambda handler: send(handler, bytes(10**6), chunked)
    with pytest.raises(HubError, match="offers more than 100,000 bytes"):
        guard.call(lambda headers: get(server.url + path, headers))
    assert get(server.url + path, {}) == 10**6  # of somebody else
    server.answer = lambda handler: send(handler, bytes(10**5), chunked)
    assert guard.call(lambda headers: get(server.url + path, headers)) == 10**5


def test_a_list_that_swells(server):
    body = gzip.compress(bytes(2**27))
    server.answer = lambda handler: send(handler, body, True, content_encoding="gzip")
    with pytest.raises(HubError, match=r"more than 65,536 bytes"):
        guard.call(lambda headers: get(f"{server.url}/api/models/a", headers))


def test_the_client_is_left_as_it_was():
    def hooks():
        return huggingface_hub.get_session().event_hooks["response"]

    check = guard.call(lambda headers: hooks()[-1])
    assert callable(check) and check not in hooks()
