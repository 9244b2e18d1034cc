"""Stands where intake and mediation are for the sender's tests: one route each, over HTTP, that can be told to fail."""

import json
import threading
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ContactBook:
    """Knows one number per appeal or party; ``numbers`` may be changed, ``status`` is answered to everything."""

    def __init__(self) -> None:
        self.numbers: dict[str, str | None] = {}
        self.addresses: dict[str, str] = {}
        self.status = HTTPStatus.OK
        self.questions: list[tuple[str, str, dict[str, Any]]] = []
        """Appeal, idempotency key and body of every question that came with a token."""
        book = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                appeal = self.path.split("/")[5]  # /v1/issues/{id}/appeals/{appeal}/reveal, and so a party's
                status, answer = book.answer(self.path, appeal, body, self.headers)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(
        self, path: str, appeal: str, body: dict[str, Any], headers: Message
    ) -> tuple[HTTPStatus, dict[str, Any]]:
        """What intake would say."""
        if not headers.get("Authorization", "").startswith("Bearer ey"):
            return HTTPStatus.UNAUTHORIZED, {}
        self.questions.append((appeal, headers.get("Idempotency-Key", ""), body))
        if self.status is not HTTPStatus.OK:
            return self.status, {}
        if not path.endswith("/reveal") or appeal not in self.numbers:
            return HTTPStatus.NOT_FOUND, {"code": "issue.not_found"}
        if path.startswith("/v1/cases/"):
            return HTTPStatus.OK, {"party_id": appeal, "contact": self.numbers[appeal]}
        contact = {"name": "赵示例", "phone": self.numbers[appeal], "email": self.addresses.get(appeal)}
        return HTTPStatus.OK, {**contact, "place": None, "text": "例"}
