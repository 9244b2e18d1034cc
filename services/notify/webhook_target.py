"""Where a callback goes: what a URL must be, and the addresses behind its name, checked before anything connects."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx

from services.notify.public_addresses import Network, is_allowed, is_local

LONGEST_URL = 2000
_LONGEST_HOST = 253  # RFC 1035
_HIGHEST_PORT = 65_535
_PATIENCE = 3.0  # seconds; a call has five for everything
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port -> numeric addresses, in the order in which to try them. Raises OSError if there are none."""


class BadTarget(Exception):
    """A URL that callbacks may not be sent to; ``code`` says why, ``message`` is Chinese and for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Unresolved(BadTarget):
    """The name has no address at present."""

    def __init__(self) -> None:
        super().__init__("subscription.target_unresolved", "域名无法解析")


@dataclass(frozen=True, slots=True)
class Where:
    """What the configuration allows: ports of https, and networks that may be private and plain http."""

    ports: frozenset[int]
    local: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was looked at, and addresses that may be connected to: exactly these, whatever the name says later."""

    url: httpx.URL
    addresses: tuple[str, ...]

    @property
    def host(self) -> str:
        """The name in its ASCII form, for SNI and the certificate."""
        return _ascii_host(self.url)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, for as long as somebody waits."""
    async with asyncio.timeout(_PATIENCE):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def check(url: str, where: Where, ask: Resolve = resolve) -> Target:
    """Read ``url`` and resolve its host. Raises ``BadTarget`` if callbacks may not go there, now at least.

    One address that is not allowed refuses them all: a name that points to both is no accident.
    """
    parsed = _parse(url)
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    try:
        addresses = await ask(_ascii_host(parsed), port)
    except (OSError, UnicodeError):
        raise Unresolved from None
    if not addresses:
        raise Unresolved
    if not all(is_allowed(address, where.local) for address in addresses):
        raise BadTarget("subscription.target_not_public", "该地址不是公网地址，不能接收回调")
    if not all(is_local(address, where.local) for address in addresses):
        if parsed.scheme != "https":
            raise BadTarget("subscription.target_not_https", "回调地址应为 https")
        if port not in where.ports:
            raise BadTarget("subscription.target_port", f"端口应为 {'、'.join(map(str, sorted(where.ports)))}")
    return Target(parsed, tuple(addresses))


def _ascii_host(url: httpx.URL) -> str:
    # Not its ``host``, which decodes names of other scripts and raises for those that only look like one.
    return url.raw_host.decode("ascii")


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        raise BadTarget("subscription.target_invalid", "不是合法的 URL") from None
    host, port = _ascii_host(parsed), parsed.port
    if len(url) > LONGEST_URL or parsed.scheme not in ("http", "https") or not 0 < len(host) <= _LONGEST_HOST:
        raise BadTarget("subscription.target_invalid", "应为 https 的 URL，不超过 2000 个字符")
    if parsed.userinfo or parsed.fragment:
        raise BadTarget("subscription.target_invalid", "URL 中不能有用户名、密码或 # 片段")
    if port is not None and not 0 < port <= _HIGHEST_PORT:
        raise BadTarget("subscription.target_invalid", "端口应为 1 至 65535")
    return parsed
