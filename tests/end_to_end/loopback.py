"""A Hugging Face Hub on this machine: olah serves git repositories, a front watches and uploads.

The client is the real one. What it reads comes from olah, a mirror server that others wrote; the
front counts requests, alters answers where a test asks for it, and speaks as much of the commit
API as `huggingface_hub` needs to upload.
"""

import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

NOBODY = {
    "GIT_AUTHOR_NAME": "nobody",
    "GIT_AUTHOR_EMAIL": "nobody@example.com",
    "GIT_COMMITTER_NAME": "nobody",
    "GIT_COMMITTER_EMAIL": "nobody@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "PATH": "/usr/bin:/bin:/usr/local/bin",
}
HIDDEN = {"content-length", "transfer-encoding", "connection", "date", "server"}


class Hub:
    """The server.

    Attributes:
        url: str. What `HF_ENDPOINT` is to be.
        requests: list of str. "GET /path" of each request since the last `forget`.
        heard: callable (headers), called for each.
        answer: callable (method, path) → (status, headers, body) instead of olah's, or None.
        tamper: callable (path, body) → (body, length that is claimed).
        dress: callable (path, headers) → headers.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.lfs = {}
        self.forget()
        self._front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._front.server_port}"
        self.port = _free_port()

    def forget(self):
        """Back to plain answers, with no request seen."""
        self.requests = []
        self.heard = lambda headers: None
        self.answer = lambda method, path: None
        self.tamper = lambda path, body: (body, len(body))
        self.dress = lambda path, headers: headers

    @contextlib.contextmanager
    def running(self):
        config = self.folder / "olah.toml"
        mirrors = self.folder / "mirrors"
        mirrors.mkdir(parents=True)
        config.write_text(
            f"[basic]\nhost = '127.0.0.1'\nport = {self.port}\nmirrors-path = ['{mirrors}']\n"
            f"repos-path = '{self.folder / 'cache'}'\n[accessibility]\noffline = true\n"
        )
        command = [pathlib.Path(sys.executable).with_name("olah-cli"), "--config", config]
        command += ["--log-path", self.folder / "logs"]
        with open(self.folder / "olah.log", "wb") as log:
            olah = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        threading.Thread(target=self._front.serve_forever, daemon=True).start()
        try:
            _wait_for(self.port, olah)
            yield self
        finally:
            self._front.shutdown()
            olah.terminate()
            olah.wait(10)

    def repository(self, repo_id):
        """The git folder of a model's repository, or of a data set's: "datasets/owner/name"."""
        is_data = repo_id.startswith("datasets/")
        return self.folder.joinpath("mirrors", *([] if is_data else ["models"]), repo_id)

    def put(self, repo_id, folder):
        """A commit of all that is in a folder → its hash."""
        shutil.copytree(folder, self.create(repo_id), dirs_exist_ok=True)
        return self.commit(repo_id, "Put")

    def create(self, repo_id):
        """A repository, empty where it was not there."""
        repository = self.repository(repo_id)
        if not repository.exists():
            repository.mkdir(parents=True)
            self.git(repo_id, "init", "-q", "-b", "main")
            self.git(repo_id, "commit", "-q", "--allow-empty", "-m", "Empty")
        return repository

    def commit(self, repo_id, message):
        self.git(repo_id, "add", "-A")
        self.git(repo_id, "commit", "-q", "--allow-empty", "-m", message)
        return self.head(repo_id)

    def head(self, repo_id, revision="HEAD"):
        return self.git(repo_id, "rev-parse", revision)

    def git(self, repo_id, *arguments):
        command = ["git", "-C", str(self.repository(repo_id)), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=NOBODY)
        return done.stdout.strip()


def _handler(hub):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            length = int(self.headers.get("content-length") or 0)
            chunked = self.headers.get("transfer-encoding") == "chunked"
            body = _chunks(self.rfile) if chunked else self.rfile.read(length)
            hub.requests.append(f"{self.command} {self.path}")
            hub.heard(self.headers)
            answer = hub.answer(self.command, self.path) or _missing(hub, self.path)
            answer = answer or _upload(hub, self.command, self.path, body)
            status, headers, content = answer or self.ask_olah()
            content, claimed = hub.tamper(self.path, content)
            headers = hub.dress(self.path, headers)
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in HIDDEN:
                    self.send_header(name, value)
            size = headers.get("content-length", claimed) if self.command == "HEAD" else claimed
            self.send_header("content-length", str(size))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
            self.close_connection = claimed != len(content)

        do_GET = do_HEAD = do_POST = do_PUT = handle_any  # noqa: N815

        def ask_olah(self):
            connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=30)
            headers = {key: value for key, value in self.headers.items() if key.lower() != "host"}
            connection.request(self.command, self.path, headers=headers | {"Accept-Encoding": ""})
            response = connection.getresponse()
            headers = {key.lower(): value for key, value in response.getheaders()}
            return response.status, headers, response.read()

        def log_message(self, *arguments):
            pass

    return Handler


def _missing(hub, path):
    """What the Hub answers for a revision or a file that is not there; olah has no word for it."""
    found = re.fullmatch(r"/(.+/[^/]+)/resolve/([^/]+)/(.+)", path)
    if not found or not hub.repository(found[1]).exists():
        return None
    repo_id, revision, name = found.groups()
    for code, thing in (("RevisionNotFound", revision), ("EntryNotFound", f"{revision}:{name}")):
        try:
            hub.git(repo_id, "cat-file", "-e", thing + ("^{commit}" if thing == revision else ""))
        except subprocess.CalledProcessError:
            return 404, {"X-Error-Code": code, "X-Error-Message": code}, b""
    return None


def _upload(hub, method, path, body):
    """The answer to a request of the commit API, None for any other."""
    routes = {
        r"POST /api/repos/create": _create,
        r"POST /api/validate-yaml": _valid,
        r"POST /api/models/(.+/[^/]+)/branch/(.+)": _branch,
        r"POST /api/models/(.+/[^/]+)/preupload/(.+)": _modes,
        r"POST /(.+/[^/]+)\.git/info/lfs/objects/batch": _batch,
        r"PUT /lfs/(.+)": _store,
        r"POST /api/models/(.+/[^/]+)/commit/(.+)": _commit,
    }
    for pattern, route in routes.items():
        if found := re.fullmatch(pattern, f"{method} {path.partition('?')[0]}"):
            return route(hub, body, *found.groups())
    return None


def _create(hub, body):
    asked = json.loads(body)
    repo_id = f"{asked['organization']}/{asked['name']}"
    if hub.repository(repo_id).exists():
        return _json({"error": "exists", "url": f"{hub.url}/{repo_id}"}, 409)
    hub.create(repo_id)
    return _json({"url": f"{hub.url}/{repo_id}", "private": asked.get("private")})


def _valid(hub, body):
    return _json({"errors": [], "warnings": []})


def _branch(hub, body, repo_id, name):
    hub.git(repo_id, "branch", name)
    return _json({})


def _modes(hub, body, repo_id, revision):
    """Weights go to LFS, as the Hub's own .gitattributes says."""
    modes = [
        {
            "path": file["path"],
            "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
            "shouldIgnore": False,
        }
        for file in json.loads(body)["files"]
    ]
    return _json({"files": modes})


def _batch(hub, body, repo_id):
    objects = [
        {**one, "actions": {"upload": {"href": f"{hub.url}/lfs/{one['oid']}"}}}
        for one in json.loads(body)["objects"]
    ]
    return _json({"transfer": "basic", "objects": objects}, kind="application/vnd.git-lfs+json")


def _store(hub, body, oid):
    assert hashlib.sha256(body).hexdigest() == oid
    hub.lfs[oid] = body
    return _json({})


def _commit(hub, body, repo_id, revision):
    lines = [json.loads(line) for line in body.splitlines()]
    head, operations = lines[0], lines[1:]
    hub.git(repo_id, "checkout", "-q", revision)
    for operation in operations:
        value = operation["value"]
        path = hub.repository(repo_id) / value["path"]
        if operation["key"] == "deletedFile":
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        stored = operation["key"] == "lfsFile"
        path.write_bytes(hub.lfs[value["oid"]] if stored else base64.b64decode(value["content"]))
    commit = hub.commit(repo_id, head["value"]["summary"])
    hub.git(repo_id, "checkout", "-q", "main")
    return _json({"commitOid": commit, "commitUrl": f"{hub.url}/{repo_id}/commit/{commit}"})


def _json(content, status=200, kind="application/json"):
    return status, {"content-type": kind}, json.dumps(content).encode()


def _chunks(file):
    body = b""
    while size := int(file.readline().split(b";")[0], 16):
        body += file.read(size)
        file.readline()
    file.readline()
    return body


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait_for(port, process, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"olah did not start: it ended with {process.poll()}")
