"""合作方 — a partner with a receiver of its own, which is called at the end of every issue and verifies each call."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from types import TracebackType
from typing import Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from demo.client import Api, Json
from demo.facts import ISSUE_ENDS
from demo.staff import PARTNER

TYPES = [end.type for end in ISSUE_ENDS]
PATIENCE = 20.0  # seconds for callbacks that are on their way when everything else has ended
CHECK_SECONDS = 0.2


class Partner:
    """Listens on a free port, in a thread; ``issues`` are those that it was told of and believed."""

    def __init__(self) -> None:
        self.issues: Counter[str] = Counter()
        """Issue -> different events that it was told of."""
        self.refused = 0
        """Calls that did not verify."""
        self._secret: str | None = None
        self._seen: set[str] = set()
        self._subscription = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _hook(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._server.shutdown)
        self._server.server_close()

    async def subscribe(self, api: Api) -> None:
        """Ask notify to be called. Raises ``Refused`` or ``Away``."""
        url = f"http://127.0.0.1:{self._server.server_port}/hook"
        body: Json = {"url": url, "types": TYPES}
        answer = await api.post(PARTNER, "notify", "/v1/subscriptions", body, "subscribe")
        self._subscription = answer["id"]
        path = f"/v1/subscriptions/{self._subscription}/rotate-secret"
        if answer["secret"] is None:  # it was in an answer that got lost
            answer = await api.post(PARTNER, "notify", path, {}, "rotate")
        self._secret = answer["secret"]

    async def told(self, api: Api, ended: Iterable[str]) -> list[str]:
        """Wait until it was told of every issue that has ended; what is wrong if it was not, one line each."""
        wanted, until = set(ended), monotonic() + PATIENCE
        while True:
            if wanted <= set(self.issues) or monotonic() > until:
                break
            await asyncio.sleep(CHECK_SECONDS)
        shown = await api.get(PARTNER, "notify", f"/v1/subscriptions/{self._subscription}")
        missing = len(wanted - set(self.issues))
        waiting = shown["waiting"]
        wrong = [f"the partner was not told of {missing} issues that have ended, {waiting} wait"] if missing else []
        if self.refused or shown["failed"]:
            wrong.append(f"the partner refused {self.refused} calls, {shown['failed']} callbacks were given up")
        return wrong

    def take(self, headers: dict[str, str], body: bytes) -> bool:
        """Whether a call is believed; called from the receiver's threads."""
        try:
            Webhook(self._secret or "").verify(body, headers)
        except (WebhookVerificationError, ValueError, RuntimeError):
            self.refused += 1
            return False
        event = json.loads(body)
        if event["id"] not in self._seen:
            self._seen.add(event["id"])
            self.issues[event["issueid"]] += 1
        return True


def _hook(partner: Partner) -> type[BaseHTTPRequestHandler]:
    class Hook(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204 if partner.take(dict(self.headers.items()), body) else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Hook
