"""As much of WebHDFS as Hadoop's client asks for, to list and to read: a folder of this machine on its loopback address."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PREFIX = "/webhdfs/v1"


class Served:
    """A folder that is served, and what goes wrong with it: the paths that are denied, and where reading breaks off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.denied: set[str] = set()
        self.breaks_at: dict[str, int] = {}
        self.broken: set[str] = set()
        """Operations that fail for a reason that nobody foresees."""
        self.held: set[str] = set()
        """Paths that nobody gets to read before ``go_on``; when one tries to, ``reached`` is set."""
        self.reached, self.go_on = Event(), Event()


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a folder on a free port."""
    state = Served(folder)
    handler = type("Handler", (_Handler,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        state.address = f"webhdfs://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            state.go_on.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: Served

    def do_GET(self) -> None:
        parts = urlsplit(
            quote(self.path.encode("latin-1"), safe="%/?&=:+,;@!$'()*~")
        )  # the client sends UTF-8 as it is
        path = unquote(parts.path.removeprefix(_PREFIX)) or "/"
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
        operation = query.get("op", "").upper()
        found = self.state.folder / path.lstrip("/")
        if path in self.state.denied:
            self._refuse(
                403, "org.apache.hadoop.security.AccessControlException", f"Permission denied: secret of {path}"
            )
        elif not found.exists():
            self._refuse(404, "java.io.FileNotFoundException", f"File does not exist: {path}")
        elif operation in self.state.broken:
            self._refuse(500, "java.lang.IllegalStateException", f"secret of {path}")
        elif operation == "GETFILESTATUS":
            self._answer({"FileStatus": _status(found, "")})
        elif operation == "LISTSTATUS":
            inside = sorted(found.iterdir()) if found.is_dir() else [found]
            names = [(each, each.name if found.is_dir() else "") for each in inside]
            self._answer({"FileStatuses": {"FileStatus": [_status(each, name) for each, name in names]}})
        elif operation == "GETFILEBLOCKLOCATIONS":
            self._answer({"BlockLocations": {"BlockLocation": []}})
        elif operation == "OPEN" and "redirected" not in query:
            self.send_response(307)  # to a data node, which is this server as well
            self.send_header("Location", f"http://{self.headers['Host']}{parts.path}?{parts.query}&redirected=true")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif operation == "OPEN" and path in self.state.held:
            self.state.reached.set()
            self.state.go_on.wait()
        elif operation == "OPEN":
            self._send(found.read_bytes()[int(query.get("offset", 0)) :], self.state.breaks_at.get(path))
        else:
            self._refuse(400, "java.lang.UnsupportedOperationException", operation)

    def _send(self, content: bytes, breaks_at: int | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:breaks_at])

    def _answer(self, content: Any, code: int = 200) -> None:
        text = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _refuse(self, code: int, kind: str, message: str) -> None:
        exception = {"exception": kind.rpartition(".")[2], "javaClassName": kind, "message": message}
        self._answer({"RemoteException": exception}, code)

    def log_message(self, *_: object) -> None:
        """Tests say what they have to say."""


def _status(path: Path, name: str) -> dict[str, Any]:
    state = path.stat()
    return {
        "accessTime": 0,
        "blockSize": 1 << 27,
        "group": "users",
        "length": 0 if path.is_dir() else state.st_size,
        "modificationTime": state.st_mtime_ns // 1_000_000,
        "owner": "somebody",
        "pathSuffix": name,
        "permission": "644",
        "replication": 1,
        "type": "DIRECTORY" if path.is_dir() else "FILE",
    }
