"""Which addresses belong to the open internet, and which hosts can be known not to without asking anybody."""

import ipaddress
import socket
import unicodedata
from urllib.parse import unquote

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HERE = "localhost"


def may_be_public(host: str) -> bool:
    """False for this machine's name and for an address, however spelled, that `is_public` refuses."""
    name = unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").lower().rstrip(".")
    if name == _HERE or name.endswith(f".{_HERE}"):
        return False
    try:
        address = _literal(name)
        return address is None or is_public(address)
    except ValueError:  # has the colons of IPv6 and is none
        return False


def _literal(host: str) -> str | None:
    """The address a host without a name is. IPv4 also in the system's other spellings: 127.1, 0x7f000001."""
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, also where IPv6 only wraps an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (inner := _wrapped(ip)):
        ip = inner
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _wrapped(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(ip.packed[-4:])
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None)
