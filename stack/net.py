"""Free ports and waiting, for processes on this machine."""

import socket
import ssl
import time
from collections.abc import Callable
from random import SystemRandom

from stack.errors import StackError

POLL_SECONDS = 0.05
PLAIN_HTTP = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""``verify`` of httpx clients that speak plain HTTP: they would load every known certificate authority, 30 ms each.

It knows none, so that no server passes if it is used for HTTPS all the same.
"""
_PORTS = range(20_000, 32_768)
"""Below what Linux (32768) and macOS (49152) give to outgoing connections."""
_random = SystemRandom()
_given: set[int] = set()
"""Ports that this process has asked for, whether or not somebody listens there already."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now.

    Not one of those that the system gives to outgoing connections: they would take it from a server that is down for
    a moment and comes back.
    """
    while True:
        port = _random.choice(_PORTS)
        if port not in _given and is_free(port):
            _given.add(port)
            return port


def is_free(port: int) -> bool:
    """Whether a listener could take `port` on 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def accepts(port: int) -> bool:
    """Whether somebody listens on `port` of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll `ready` until it is true; raises `StackError` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise StackError(f"{what} did not become ready within {seconds:.0f} s.")
        time.sleep(POLL_SECONDS)
