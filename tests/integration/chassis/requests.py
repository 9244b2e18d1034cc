"""Requests as the HTTP door makes them."""

import hashlib

from chassis.ids import new_id
from chassis.work import Request


def a_request(key: str | None = None, body: str = "{}", principal: str = "agent-1") -> Request:
    """A request under ``key``, or under a key of its own."""
    return Request(principal, "POST /v1/issues", key or new_id(), hashlib.sha256(body.encode()).digest())
