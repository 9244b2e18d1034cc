"""A receiver on a private address is refused, whatever the address is dressed as (RFC 6890 and the embeddings)."""

from ipaddress import IPv4Address

import pytest

from services.notify.public_addresses import is_allowed, networks

REFUSED = {
    "unspecified": str(IPv4Address(0)),
    "this network": "0.1.2.3",
    "private 10/8": "10.1.2.3",
    "private 172.16/12": "172.16.0.1",
    "private 192.168/16": "192.168.1.1",
    "loopback": "127.0.0.1",
    "loopback, another": "127.9.9.9",
    "link-local, where clouds keep their secrets": "169.254.169.254",
    "CGNAT": "100.64.0.1",
    "CGNAT, where a cloud keeps its secrets": "100.100.100.200",
    "protocol assignments": "192.0.0.8",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "benchmarks": "198.18.0.1",
    "6to4 relay": "192.88.99.1",
    "multicast": "224.0.0.1",
    "multicast, another": "239.255.255.250",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "IPv6 unspecified": "::",
    "IPv6 loopback": "::1",
    "IPv4-mapped, private": "::ffff:10.0.0.1",
    "IPv4-mapped, loopback": "::ffff:127.0.0.1",
    "IPv4-mapped, public": "::ffff:8.8.8.8",
    "IPv4-compatible": "::127.0.0.1",
    "IPv4-translated": "::ffff:0:127.0.0.1",
    "NAT64, private": "64:ff9b::10.0.0.1",
    "NAT64, public": "64:ff9b::8.8.8.8",
    "NAT64 of a network's own": "64:ff9b:1::10.0.0.1",
    "discard only": "100::1",
    "6to4, private": "2002:0a00:0001::1",
    "6to4, loopback": "2002:7f00:0001::1",
    "6to4, public": "2002:0808:0808::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "ORCHID": "2001:20::1",
    "IPv6 documentation": "2001:db8::1",
    "IPv6 documentation, the new one": "3fff::1",
    "unique local": "fd00::1",
    "unique local, where a cloud keeps its secrets": "fd00:ec2::254",
    "link-local": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "public with a zone": "2a00:1450:4001::1%eth0",
    "site-local": "fec0::1",
    "IPv6 multicast": "ff02::1",
    "SRv6 identifiers": "5f00::1",
    "no address": "localhost",
    "an address as one number": "2130706433",
    "nothing": "",
}
ALLOWED = {
    "IPv4": "8.8.8.8",
    "IPv4 of a city": "218.21.128.1",
    "IPv6": "2400:3200::1",
    "IPv6, another": "2a00:1450:4001::1",
}
LOCAL = networks("127.0.0.0/8, ::1/128")


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_public_is_allowed(address: str) -> None:
    assert is_allowed(address, ())


def test_only_what_the_configuration_names_is_allowed_besides() -> None:
    assert [address for address in REFUSED.values() if is_allowed(address, LOCAL)] == ["127.0.0.1", "127.9.9.9", "::1"]


def test_networks_are_read_or_refused() -> None:
    assert networks("") == ()
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        networks("10.0.0.1/8")
