"""Which addresses a callback may go to: public unicast ones, and what the configuration adds for a local stack.

A partner names the host. What it resolves to must not be a machine of ours or of our network, neither directly nor
inside an IPv6 address that carries an IPv4 one. Source: IANA's special-purpose address registries (RFC 6890), and
RFC 6052, 3056, 4380, 4291 for the embedded ones.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

# What ipaddress takes for global: it leaves these out of is_private, or of its tables altogether.
_REFUSED_V4 = tuple(
    map(
        IPv4Network,
        (
            "192.0.0.0/24",  # protocol assignments; Python counts a part of them as global, which one depends on it
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "224.0.0.0/4",  # multicast
        ),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")  # all of global unicast there is; 64:ff9b::/96 (NAT64), ::ffff:0:0/96 lie outside
_REFUSED_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo and ORCHID among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address inside
            "3fff::/20",  # documentation
        ),
    )
)


def is_allowed(address: str, local: Sequence[Network]) -> bool:
    """Whether a callback may be sent to ``address``, a numeric one; ``local`` are networks allowed by configuration."""
    found = _read(address)
    return found is not None and (_is_public(found) or is_local(address, local))


def is_local(address: str, local: Sequence[Network]) -> bool:
    """Whether ``address`` lies in one of the networks that the configuration allows."""
    found = _read(address)
    return found is not None and any(found in network for network in local)


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return None if "%" in address else ip_address(address)  # a zone belongs to this machine's links
    except ValueError:
        return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _REFUSED_V4)
    return address in _GLOBAL_V6 and address.is_global and not any(address in network for network in _REFUSED_V6)


def networks(text: str) -> tuple[Network, ...]:
    """Read networks separated by commas, ``127.0.0.0/8,::1/128``. Raises ``ValueError`` for anything else."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
