"""Where a webhook may go: not to this machine, its network or its cloud's metadata, unless the settings allow it."""

import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from core.settings import BadSettings, Settings

Address = IPv4Address | IPv6Address
PORTS = {"http": 80, "https": 443}
# IPv6 addresses that stand for an IPv4 one: NAT64 has no property of its own
NAT64 = ip_network("64:ff9b::/96")
URL_LENGTH = 2000
# labels, the last of which is no number: `10.1.2` and `10.1.2.0/33` are networks gone wrong, no hosts
HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
)


class BadTarget(ValueError):
    """Not an address that webhooks are sent to; says why in English."""


def read_url(url: str) -> SplitResult:
    """The parts of `http[s]://host[:port]/…` without name, password or fragment. Raises BadTarget."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > URL_LENGTH:
        raise BadTarget("no URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadTarget("no URL") from None
    if parts.scheme not in PORTS or not parts.hostname or port == 0 or "@" in parts.netloc or parts.fragment:
        raise BadTarget("no http(s) URL of a host, without name and password")
    return parts


def resolve(parts: SplitResult, allowed: Iterable[str]) -> tuple[str, int]:
    """An address to connect to, looked up once. Raises BadTarget unless every answer is public, OSError for no answer.

    `allowed` names hosts and networks that may be private (`delivery.private_targets`).
    """
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = [str(answer[4][0]).partition("%")[0] for answer in answers]
    if not is_allowed(host, found, allowed):
        raise BadTarget(f"{host} is no public address; delivery.private_targets may allow it")
    return found[0], port


def is_allowed(host: str, addresses: Iterable[str], allowed: Iterable[str]) -> bool:
    """Whether all the addresses of the host are public, or allowed although they are not."""
    names = [one.strip().lower() for one in allowed]
    if host.lower() in names:
        return True
    networks = [network for name in names if (network := _network(name)) is not None]
    return all(
        _is_public(address) or any(address in network for network in networks) for address in map(ip_address, addresses)
    )


def literal(host: str) -> list[str]:
    """The address itself, if the host is written as one: also short, decimal, octal or hexadecimal as in `0x7f.1`."""
    bare = host.removesuffix(".")
    try:
        return [str(ip_address(bare))]
    except ValueError:
        pass
    try:
        return [str(IPv4Address(socket.inet_aton(bare)))]  # what connecting to it would take it for
    except OSError:
        return []


def check_targets(settings: Settings) -> None:
    """Raise BadSettings where `delivery.private_targets` names what is neither a host nor a network."""
    for name in settings.delivery.private_targets:
        if _network(name.strip()) is None and not HOST.fullmatch(name.strip()):
            raise BadSettings(f"delivery.private_targets: {name!r} is neither a host nor a network")


def _network(name: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(name, strict=False)
    except ValueError:
        return None


def _is_public(address: Address) -> bool:
    inner: Iterable[IPv4Address | None] = ()
    if isinstance(address, IPv6Address):
        teredo = address.teredo or (None, None)
        nat64 = IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None
        inner = (address.ipv4_mapped, address.sixtofour, *teredo, nat64)
    plain = address.is_global and not address.is_multicast and not address.is_reserved
    mapped = [one for one in inner if one is not None]
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address in NAT64):
        return all(map(_is_public, mapped))
    return plain and all(map(_is_public, mapped))
