"""A partner's receiver of callbacks, with nothing of ours: Python's own HTTP server in a thread."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Mapping[str, str]]


@dataclass(frozen=True)
class Came:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent in it."""
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass
class Receiver:
    """Says ``answer`` to whatever comes: a status, or a function of the request; remembers what came and was taken."""

    answer: int | Callable[[Came], int | Answer] = 204
    tls: ssl.SSLContext | None = None
    hold: threading.Event | None = None
    endless: bool = False
    came: list[Came] = field(default_factory=list)
    taken: list[Came] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    def __enter__(self) -> "Receiver":
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        if self.hold is not None:
            self.hold.set()
        self.close()

    def listen(self) -> None:
        """Listen, at the same port as before if there was one."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        """Listen no more: connections are refused, and those that are open end with their next request."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = None

    @property
    def is_closed(self) -> bool:
        """Whether nobody is to be answered any more."""
        return self._server is None

    def ids(self, key: str | None = None) -> list[str]:
        """Ids of the events that were taken, in the order in which they came; of one issue if ``key`` is given."""
        return [came.event["id"] for came in list(self.taken) if key in (None, came.event["issueid"])]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            receiver.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.is_closed:
                self.close_connection = True
                return
            came = Came(self.path, dict(self.headers.items()), body, time.monotonic())
            receiver.came.append(came)
            if receiver.hold is not None:
                receiver.hold.wait(20)
            said = receiver.answer(came) if callable(receiver.answer) else receiver.answer
            status, headers = said if isinstance(said, tuple) else (said, {})
            if status < 300:
                receiver.taken.append(came)
            self._say(status, headers)

        def _say(self, status: int, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header(*(("Transfer-Encoding", "chunked") if receiver.endless else ("Content-Length", "0")))
            self.end_headers()
            try:
                while receiver.endless:
                    self.wfile.write(b"400\r\n" + b"x" * 0x400 + b"\r\n")
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
