"""Turn untrusted input into checked values, or refuse."""

import asyncio
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from aiohttp import web

from core.errors import Invalid, NotFound, TooLarge, UnsupportedMediaType
from webapp.keys import CALLER, PROXIES, SERVICES, Caller

Body = TypeVar("Body")

MAX_JSON = 512 * 1024  # the largest settings fit, escaped
MAX_REASON = 200
BODY_SECONDS = 30.0
Network = IPv4Network | IPv6Network
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
IDEMPOTENCY_KEY = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{1,255}")
_NUL = b"\\u0000"
_NAMED = re.compile(r"field `([^`]*)`")


def caller(request: web.Request) -> Caller:
    """Who asks. Only calls that need a token may ask for it."""
    return request[CALLER]


def networks(proxies: Iterable[str]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(proxy, strict=False) for proxy in proxies)
    except ValueError as error:
        raise Invalid(f"configuration: web.trusted_proxies: {error}", field="web.trusted_proxies") from error


def client_address(request: web.Request) -> str:
    """Whose request it is: the nearest address in front of our own proxies."""
    address = _address(request.remote or "")
    for hop in reversed(_forwarded_for(request)):
        if address is None or not _is_trusted(request, address):
            break
        address = _address(hop) or address
    return str(address or "")


def limit_address(request: web.Request) -> str:
    """What an address limit counts: one subscriber of IPv6 has a whole /64 to hop in."""
    address = client_address(request)
    network = network_of(address)
    return str(network) if network and network.version == 6 else address


def network_of(address: str) -> Network | None:
    """What one subscriber has of addresses."""
    found = _address(address.partition("%")[0])
    if found is None:
        return None
    return ip_network((found, 32 if found.version == 4 else 64), strict=False)


def is_local(request: web.Request) -> bool:
    """From this machine and not passed on by a proxy."""
    address = _address(request.remote or "")
    forwarded = any(
        name.lower().startswith(("x-forwarded", "x-real-ip", "forwarded")) for name in request.headers
    )
    return address is not None and address.is_loopback and not forwarded


def base_url(request: web.Request) -> str:
    """What our URLs begin with: the configured one, else what the caller used to reach us."""
    web_config = request.app[SERVICES].config.web
    if web_config.public_url:
        return web_config.public_url
    scheme, host = request.scheme, request.headers.get("Host", "")
    peer = _address(request.remote or "")
    if peer is not None and _is_trusted(request, peer):
        scheme = _last(request, "X-Forwarded-Proto") or scheme
        host = _last(request, "X-Forwarded-Host") or host
    if scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return f"http://{web_config.host}:{web_config.port}"
    return f"{scheme}://{host}"


def is_this_machine(url: str) -> bool:
    """Whether nobody but the machine itself can open it."""
    host = urlsplit(url).hostname or ""
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def media_url(request: web.Request, name: str) -> str:
    return f"{base_url(request)}/media/{quote(name)}"


def bearer(request: web.Request) -> str | None:
    """The token of `Authorization: Bearer`; None where there is no such header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def init_data(request: web.Request, given: str) -> str:
    """Of the body, else of `Authorization: tma`."""
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    return given or (raw.strip() if scheme.lower() == "tma" else "")


def idempotency_key(request: web.Request) -> str:
    """The `Idempotency-Key` of the request; raises `Invalid` where there is not exactly one."""
    given = request.headers.getall(IDEMPOTENCY_KEY, [])
    if len(given) != 1 or not _KEY.fullmatch(given[0]):
        raise Invalid(
            f"{IDEMPOTENCY_KEY}: one header of 1 to 255 visible ASCII characters is needed",
            field=IDEMPOTENCY_KEY,
        )
    return given[0]


async def read_bytes(request: web.Request) -> bytes:
    """The body, at most `MAX_JSON` of it."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError as error:
        raise Invalid("the body took too long") from error
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(limit=MAX_JSON) from error
    except web.RequestPayloadError as error:
        raise Invalid("the body cannot be read") from error


async def read_body(request: web.Request, kind: type[Body]) -> Body:
    """The JSON body as `kind`. No body at all is an empty object."""
    raw = await read_bytes(request)
    if _NUL in raw:  # no database keeps it, and no text has it
        raise Invalid("the body holds a null character")
    if raw.strip() and request.content_type != "application/json":
        raise UnsupportedMediaType
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("the body is not valid JSON", reason=_reason(error)) from error


def refuse_null(request: web.Request) -> None:
    """No name of anything has a null character; Postgres would fail at it."""
    if "%00" in request.raw_path.partition("?")[0]:
        raise NotFound


def read_query(request: web.Request, kind: type[Body]) -> Body:
    given: dict[str, Any] = dict(request.query)
    if any("\0" in text for pair in given.items() for text in pair):
        raise Invalid("the query holds a null character")
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: msgspec.ValidationError) -> Invalid:
    """Which field and what is wrong with it, in msgspec's words, never the value."""
    reason, _, path = _reason(error).partition(" - at `$")
    field = path.removesuffix("`").lstrip(".")
    if named := _NAMED.search(reason):
        field = ".".join(filter(None, (field, named[1])))
    return Invalid(f"{field}: {reason}" if field else reason, field=field or None)


def _reason(error: BaseException) -> str:
    return str(error)[:MAX_REASON]


def _forwarded_for(request: web.Request) -> list[str]:
    joined = ",".join(request.headers.getall("X-Forwarded-For", []))
    return [hop.strip() for hop in joined.split(",") if hop.strip()]


def _last(request: web.Request, header: str) -> str:
    """What the nearest proxy wrote: a caller may have sent a value of its own before it."""
    return ",".join(request.headers.getall(header, [])).rpartition(",")[2].strip()


def _is_trusted(request: web.Request, address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in request.app[PROXIES])


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read also with a port, in brackets, or as IPv4 written as IPv6."""
    bare = text.partition("]")[0].removeprefix("[") if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
