"""HTTP to one address, on connections that are kept: what was answered, or why nothing was."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from geventhttpclient import HTTPClient

CONNECTIONS = 200  # at once to one address, the rest wait, which counts; three digits of sockets need no special rights
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 30.0
Json = dict[str, Any]


class Unanswered(Exception):
    """No answer: refused, cut off, or too late."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``document`` is empty if it is not a JSON object. ``size`` is in bytes."""

    status: int
    document: Json
    size: int

    @property
    def good(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """That of the problem details, where it has any."""
        return str(self.document.get("code", "?"))


class Wire:
    """Speaks to the address ``url``, which may have a path that all others hang under."""

    def __init__(self, url: str) -> None:
        self._under = urlsplit(url).path.rstrip("/")
        self._http = HTTPClient.from_url(
            url, concurrency=CONNECTIONS, connection_timeout=CONNECT_SECONDS, network_timeout=ANSWER_SECONDS
        )

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Raises ``Unanswered``."""
        try:
            answer = self._http.request(method, self._under + path, body, headers)
            content = bytes(answer.read())
        except (OSError, HTTPException) as error:
            raise Unanswered(type(error).__name__) from error
        try:
            document = json.loads(content) if content else {}
        except ValueError:
            document = {}
        return Reply(answer.status_code, document if isinstance(document, dict) else {}, len(content))
