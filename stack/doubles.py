"""Starts the two servers that stand in for the outside world: identity provider and SMS gateway."""

import os
import sys
from pathlib import Path

import httpx

from stack.children import Child, Children
from stack.net import free_port, wait_until

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
    wait_until(lambda: answers(child, url + path), START_SECONDS, name)
    return url


def answers(child: Child, url: str) -> bool:
    """Whether `url` answers 200; raises `StackError` if the child has ended."""
    child.check()
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
