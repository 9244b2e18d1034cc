"""A gateway of text messages and a mail server with every fault at once, written with nothing of the services."""

import hashlib
import hmac
import itertools
import json
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from stack.net import free_port


class FaultyGateway:
    """Takes signed messages once per key; of ten calls three fail, each in another way.

    ``faults`` are called in turn: None takes the message, a status refuses it, ``"hang"`` takes it and answers
    ``seconds`` too late, ``"drop"`` takes it and closes the connection.
    """

    def __init__(self, secret: bytes, seconds: float) -> None:
        self.sent: dict[str, dict[str, str]] = {}
        self.calls: Counter[str] = Counter()
        self.unsigned = 0
        self.faults: list[int | str | None] = []
        self._turn = itertools.count()
        self._secret, self._seconds = secret, seconds
        self._lock = threading.Lock()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = gateway.take(body, self.headers)
                if status is None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
                    self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

            def handle(self) -> None:
                try:
                    super().handle()
                except (OSError, ValueError):  # the caller has given up, or we have hung up
                    return

            def finish(self) -> None:
                try:
                    super().finish()
                except (OSError, ValueError):
                    return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, body: bytes, headers: Message) -> int | None:
        """The status of the answer; None to hang up."""
        key, stamp = headers["Idempotency-Key"], headers.get("Qingcheng-Timestamp", "")
        expected = hmac.new(self._secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        with self._lock:
            self.calls[key] += 1
            fault = self.faults[next(self._turn) % len(self.faults)] if self.faults else None
            if headers.get("Qingcheng-Signature") != f"v1={expected}" or abs(time.time() - int(stamp)) > 300:
                self.unsigned += 1
                return HTTPStatus.UNAUTHORIZED
            if isinstance(fault, int):
                return fault
            first = self.sent.setdefault(key, json.loads(body))
            if first != json.loads(body):
                return HTTPStatus.UNPROCESSABLE_ENTITY
        if fault == "hang":
            time.sleep(self._seconds)
        return None if fault == "drop" else HTTPStatus.ACCEPTED

    def sign(self, key: str, body: bytes, at: float | None = None) -> dict[str, str]:
        """Headers of a receipt."""
        stamp = f"{time.time() if at is None else at:.0f}"
        digest = hmac.new(self._secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "Qingcheng-Timestamp": stamp,
            "Qingcheng-Signature": f"v1={digest}",
        }


@dataclass
class FaultyMailServer:
    """Answers what is sent to an address with the next of its ``replies``, the last of which is for good.

    An empty one takes what comes, as everything is taken for an address that has none. They belong to an address, since
    mails come in any order, and again: a repetition of one must not use up what was meant for another.
    """

    replies: dict[str, list[str]] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    _controller: Controller | None = None

    def start(self) -> int:
        """Serve; the port."""
        port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=port, decode_data=False)
        self._controller.start()
        return port

    def close(self) -> None:
        """Stop serving."""
        if self._controller is not None:
            self._controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Before the text: here a number stands for that this address is unknown."""
        self.asked[address] += 1
        if address.startswith("unknown"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """After the text."""
        replies = self.replies.get(envelope.rcpt_tos[0], [""])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        content = envelope.content
        assert isinstance(content, bytes)
        if not reply or reply.startswith("lost"):
            message = message_from_bytes(content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
        if reply.startswith("lost"):  # taken, but the answer never comes
            assert session is not None
            transport = server.transport
            assert transport is not None
            transport.close()
        return reply or "250 OK"
