"""Where deliveries may go: public addresses over TLS, checked when they are sent.

Whoever types an address could otherwise have this server call machines of its own network. So the
name is looked up for each attempt, every address it stands for must be a public one, and the
connection goes to the very address that was checked: a second look-up could say another thing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import httpx

from messaging.webhooks.errors import AddressRefused, InvalidEndpoint
from messaging.webhooks.models import URL_LENGTH

HTTPS_PORT = 443
FIRST_FREE_PORT = 1_024
"""Ports below belong to other services, which might take a request for something of theirs."""
LAST_PORT = 65_535
LOCAL_NAMES = ("localhost", "localhost.localdomain")
_PROTOCOLS = ip_network("192.0.0.0/24")
"""For protocols of the internet itself (RFC 6890); one cloud answers there about its machines."""
_NAT64 = ip_network("64:ff9b::/96")
_NAT64_OWN = ip_network("64:ff9b:1::/48")

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a name."""


@dataclass(frozen=True)
class Target:
    """An address that was checked: where to connect, and whom to ask for there."""

    address: str
    host: str
    port: int
    path: str
    """With the query."""
    is_tls: bool

    @property
    def connect_url(self) -> str:
        """The address with the number in place of the name."""
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return f"{'https' if self.is_tls else 'http'}://{shown}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        """What the receiver is asked for."""
        usual = HTTPS_PORT if self.is_tls else 80
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == usual else f"{shown}:{self.port}"


def check_url(text: str, *, local: bool) -> httpx.URL:
    """The address of an endpoint, without asking what its name stands for.

    ``local`` lets programs on this machine be told, without TLS: for development and tests.

    Raises
    ------
    InvalidEndpoint
        Saying what is wrong with it.
    """
    if not text or len(text) > URL_LENGTH or any(ord(char) < 33 for char in text):
        raise InvalidEndpoint(f"The address has 1 to {URL_LENGTH} characters and no spaces.")
    try:
        urlsplit(text)
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii")
        port = url.port or (HTTPS_PORT if url.scheme == "https" else 80)
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise InvalidEndpoint("The address cannot be read: write https://host/path.") from None
    if not host or url.scheme not in ("https", "http"):
        raise InvalidEndpoint("The address begins with https:// and names a host.")
    if url.userinfo or url.fragment:
        raise InvalidEndpoint("The address holds no user, no password and no part behind #.")
    here = local and is_local_host(host)
    if url.scheme != "https" and not here:
        raise InvalidEndpoint("Deliveries go over TLS alone: the address begins with https://.")
    lowest = 1 if here else FIRST_FREE_PORT
    if port != HTTPS_PORT and not lowest <= port <= LAST_PORT:
        raise InvalidEndpoint(f"The port is {HTTPS_PORT}, or {FIRST_FREE_PORT} to {LAST_PORT}.")
    if not here:
        _check_host(host)
    return url


def _check_host(host: str) -> None:
    """What can be said about a host before its name is looked up."""
    number = _as_number(host)
    if number is not None:
        if not is_public(number):
            raise InvalidEndpoint("The address must be one of the public internet.")
    elif "." not in host.strip(".") or host.rstrip(".").lower().endswith(
        (".localhost", ".local", ".internal")
    ):
        raise InvalidEndpoint("The address must name a host of the public internet.")


def is_local_host(host: str) -> bool:
    """Whether a host is this machine, by what it is called."""
    number = _as_number(host)
    return host.lower() in LOCAL_NAMES if number is None else number.is_loopback


def _as_number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the public internet, also where it wraps another one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address in _NAT64_OWN or address.is_site_local or address.teredo is not None:
            return False
    elif address in _PROTOCOLS:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )


async def find_target(text: str, *, local: bool, resolve: Resolve) -> Target:
    """Look up where a delivery goes, and check it.

    Raises
    ------
    AddressRefused
        When one of the addresses is not public.
    OSError
        When the name is not known.
    """
    url = check_url(text, local=local)
    host = url.raw_host.decode("ascii")
    is_tls = url.scheme == "https"
    port = url.port or (HTTPS_PORT if is_tls else 80)
    path = url.raw_path.decode("ascii")
    found = [ip_address(entry) for entry in await resolve(host, port)]
    if not found:
        raise OSError("no address")
    here = local and is_local_host(host)
    for address in found:
        if not (address.is_loopback if here else is_public(address)):
            raise AddressRefused(
                "The address of the endpoint does not lead to the public internet."
            )
    return Target(str(found[0]), host, port, path, is_tls)


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, as this machine finds them."""
    loop = asyncio.get_running_loop()
    rows = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(row[4][0]).partition("%")[0] for row in rows]
