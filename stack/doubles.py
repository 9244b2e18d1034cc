"""Starts the two servers that stand in for the outside world: identity provider and SMS gateway."""

import os
import sys
from pathlib import Path

import httpx

from stack.children import Child, Children
from stack.net import PLAIN_HTTP, free_port, wait_until

START_SECONDS = 30


def start_issuer(children: Children, logs: Path, client_secret: str) -> str:
    """Start the development issuer and return its URL; services authenticate with `client_secret`."""
    return _start(children, logs, "issuer", "/jwks", {"CLIENT_SECRET": client_secret})


def start_sms_gateway(children: Children, logs: Path) -> str:
    """Start the SMS gateway and return its URL."""
    return _start(children, logs, "sms_gateway", "/messages", {})


def _start(children: Children, logs: Path, name: str, path: str, env: dict[str, str]) -> str:
    port = free_port()
    command = [sys.executable, "-m", f"stack.{name}", "--port", str(port)]
    child = children.spawn(name, command, logs / f"{name}.log", env=os.environ | env)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: trouble(child, url + path) is None, START_SECONDS, name)
    return url


def trouble(child: Child, url: str) -> str | None:
    """None if `url` answers 200, else what it says instead; raises `StackError` if the child has ended."""
    child.check()
    try:
        answer = httpx.get(url, timeout=5, verify=PLAIN_HTTP)
    except httpx.TransportError as error:
        return f"no answer ({type(error).__name__})"
    return None if answer.status_code == httpx.codes.OK else f"{answer.status_code} {answer.text}"
