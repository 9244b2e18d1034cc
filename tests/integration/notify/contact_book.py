"""Stands where intake and mediation are for the sender's tests: one route each, over HTTP, that can be told to fail."""

import json
import threading
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ContactBook:
    """Knows one number per appeal or party; ``numbers`` may be changed, ``status``, unless OK, is answered to all."""

    def __init__(self) -> None:
        self.numbers: dict[str, str | None] = {}
        self.addresses: dict[str, str] = {}
        self.together: list[frozenset[str]] = []
        """Appeals or parties of every question."""
        self.broken: set[str] = set()
        """Appeals about which a question is answered with 500."""
        self.status = HTTPStatus.OK
        self.questions: list[tuple[str, str, dict[str, Any]]] = []
        """Appeal, idempotency key and body of every question that came with a token."""
        book = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = book.answer(self.path, body, self.headers)
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

    def answer(self, path: str, body: dict[str, Any], headers: Message) -> tuple[HTTPStatus, dict[str, Any]]:
        """What intake or mediation would say."""
        if not headers.get("Authorization", "").startswith("Bearer ey"):
            return HTTPStatus.UNAUTHORIZED, {}
        # /v1/contacts/reveal of many callers, /v1/cases/{id}/parties/{party}/reveal of one party
        asked = [one["appeal_id"] for one in body["appeals"]] if "appeals" in body else [path.split("/")[5]]
        self.together.append(frozenset(asked))
        for one in asked:
            self.questions.append((one, headers.get("Idempotency-Key", ""), {"purpose": body["purpose"]}))
        if self.status is not HTTPStatus.OK:
            return self.status, {}
        if self.broken.intersection(asked):
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"code": "internal.error"}
        if path.startswith("/v1/cases/"):
            (party,) = asked
            return HTTPStatus.OK, {"party_id": party, "contact": self.numbers[party]}
        return HTTPStatus.OK, {"contacts": [self._contact(one) for one in asked]}

    def _contact(self, appeal: str) -> dict[str, Any]:
        if appeal not in self.numbers:
            return {"appeal_id": appeal, "phone": None, "email": None, "code": "issue.not_found"}
        phone, email = self.numbers[appeal], self.addresses.get(appeal)
        return {"appeal_id": appeal, "phone": phone, "email": email, "code": None}
