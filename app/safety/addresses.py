"""Which web addresses may be fetched from here: those of the public internet, and those that were allowed by name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from app.errors import Invalid

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2000
LONGEST_HOST = 253
_STRANGE = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"^`{|}]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"0[xo][0-9a-f]*|\d+")
_NEAR = frozenset(
    ("local", "localhost", "localdomain", "internal", "lan", "intranet", "arpa", "svc", "test", "invalid")
)
"""Top-level names that the public internet does not have (RFC 6761 and usage)."""
_NAT64 = ip_network("64:ff9b::/96")
_NEVER = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # holds 192.0.0.192, where Oracle's cloud keeps credentials
        "168.63.129.16/32",  # Azure's
        "192.88.99.0/24",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "fec0::/10",
    )
)
"""Addresses that `is_global` lets through although they lead, or may lead, to a machine nearby."""


class Unreachable(Invalid):
    """This address may not be fetched."""


class Place(NamedTuple):
    """What a request connects to; `host` is ASCII, as the name is looked up."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be fetched. `allowed` holds hosts, or hosts with a port, that are reached although they are private."""

    allowed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, hosts: Iterable[str]) -> "Reach":
        """From a setting: `wiki.example.com`, or `10.0.0.7:8080`."""
        return cls(frozenset(host.strip().lower() for host in hosts))

    def place(self, url: str) -> Place:
        """Where this address leads, if its form allows it. Raises `Unreachable`."""
        place = place_of(url)
        if self.allows(place):
            return place
        if place.port not in PORTS.values():
            raise Unreachable(f"Only the ports 80 and 443 are fetched, and {place.host} is wanted at {place.port}.")
        _refuse_near(place.host)
        return place

    def allows(self, place: Place) -> bool:
        """Whether this host was allowed by name, whatever address it has."""
        bare = place.host in self.allowed and place.port in PORTS.values()
        return bare or f"{place.host}:{place.port}" in self.allowed

    def check(self, place: Place, addresses: Iterable[str]) -> None:
        """Refuse a host of which any address is not public. Raises `Unreachable`."""
        if not self.allows(place) and not all(is_public(ip_address(one.partition("%")[0])) for one in addresses):
            raise Unreachable(f"{place.host} leads to a private address, so it is not fetched.")


def place_of(url: str) -> Place:
    """Host and port of a plain web address, on which two parsers agree. Raises `Unreachable`."""
    if len(url) > LONGEST_URL:
        raise Unreachable(f"A web address may have at most {LONGEST_URL:,} characters.")
    if _STRANGE.search(url):
        raise Unreachable("This web address holds characters that none may hold. Spaces are written as %20.")
    try:
        one, other = urlsplit(url), httpx.URL(url)
        port = one.port
    except (ValueError, httpx.InvalidURL) as error:
        raise Unreachable("This is not a web address. One looks like https://help.example.com/articles.") from error
    if one.scheme not in PORTS or not one.hostname:
        raise Unreachable("Only addresses that begin with http:// or https:// and name a host are fetched.")
    if "@" in one.netloc:
        raise Unreachable("This web address holds a name or a password. Leave out everything up to the @.")
    host = other.raw_host.decode("ascii").strip("[]").lower()
    if _ascii(one.hostname) != host or (port or PORTS[one.scheme]) != (other.port or PORTS[one.scheme]):
        raise Unreachable("This web address can be read in two ways, so it is not fetched.")
    _refuse_malformed(host)
    return Place(one.scheme, host, PORTS[one.scheme] if port is None else port)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is an address of the public internet; that behind NAT64 (RFC 6052) is judged by what is inside."""
    if address.version == 6 and address in _NAT64:  # noqa: PLR2004  # the version of the protocol
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    kept = not address.is_multicast and not any(address in network for network in _NEVER)
    return kept and address.is_global


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return httpx.URL(scheme="https", host=host).raw_host.decode("ascii")
    except httpx.InvalidURL:
        return ""


def _refuse_malformed(host: str) -> None:
    if _is_ip(host):
        return
    labels = host.removesuffix(".").split(".")
    if len(host) > LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise Unreachable("The host in this web address is not a valid name.")
    if _NUMBER.fullmatch(labels[-1]):
        raise Unreachable("The host in this web address is a number in an unusual form, so it is not fetched.")


def _refuse_near(host: str) -> None:
    if _is_ip(host):
        if not is_public(ip_address(host)):
            raise Unreachable(f"{host} is a private address, so it is not fetched.")
        return
    labels = host.removesuffix(".").split(".")
    if len(labels) == 1 or labels[-1] in _NEAR:
        raise Unreachable(f"{host} is not a name of the public internet, so it is not fetched.")


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
