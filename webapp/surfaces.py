"""The two APIs say the same things in different envelopes; this is what differs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from core.errors import AppError, BalanceLeft, InsufficientFunds, Invalid
from core.money import amounts


@dataclass(frozen=True, slots=True)
class Surface:
    prefix: str
    audience: str  # of its tokens
    rates: Callable[[str | None], tuple[str, ...]]  # that count a caller with a token, for a call's own rate
    public_rate: str | None  # that counts, by address, whoever has none
    answer: Callable[[Any], bytes]
    refusal: Callable[[AppError, str], dict[str, Any]]
    problem: type[msgspec.Struct]  # the refusal's shape, for the document
    has_envelope: bool = False  # answers say `success` beside their fields


class Problem(msgspec.Struct):
    """What went wrong. `field`, `retry_after`, `limit` or `triggers` say more where there is more."""

    detail: str
    code: str
    request_id: str


class Fault(msgspec.Struct):
    """`details` says more where there is more: `field`, `retry_after`, `limit`, `available`, `required`."""

    code: str
    message: str
    details: dict[str, Any]


class Failure(msgspec.Struct):
    """What went wrong."""

    success: Literal[False]
    error: Fault
    request_id: str


def _plain_refusal(error: AppError, request_id: str) -> dict[str, Any]:
    return {
        **_details(error),
        "detail": _words(error),
        "code": error.code,
        "request_id": request_id,
    }


def _enveloped_refusal(error: AppError, request_id: str) -> dict[str, Any]:
    fault = {"code": error.code, "message": _words(error), "details": _details(error)}
    return {"success": False, "error": fault, "request_id": request_id}


def _enveloped(answer: Any) -> bytes:
    fields = _encode(answer)
    return b'{"success":true}' if fields == b"{}" else b'{"success":true,' + fields[1:]


def _details(error: AppError) -> dict[str, Any]:
    known = {key: value for key, value in error.details.items() if value is not None}
    if isinstance(error, InsufficientFunds | BalanceLeft):  # money has two decimals outside
        known = {
            key: amounts.number(value) if isinstance(value, int) else value for key, value in known.items()
        }
    found: dict[str, Any] = msgspec.to_builtins(known)
    return found


def _words(error: AppError) -> str:
    """The human line. Bare `invalid request` names its field."""
    field = error.details.get("field")
    if field and error.detail == Invalid.text:
        return f"{field}: {error.detail}"
    return error.detail


def _mobile_rates(named: str | None) -> tuple[str, ...]:
    return (named or "v2_user",)


def _webapp_rates(named: str | None) -> tuple[str, ...]:
    """What costs much is counted by itself too, together with the mobile API's."""
    return ("api_user", named) if named in _COSTLY else (named if named == ADMIN_RATE else "api_user",)


ADMIN_RATE = "api_admin"
_COSTLY = frozenset({"auth", "sounds_upload", "preview", "live_start"})
_encode = msgspec.json.Encoder().encode

V2 = Surface(
    prefix="/v2",
    audience="mobile",
    rates=_mobile_rates,
    public_rate=None,
    answer=_encode,
    refusal=_plain_refusal,
    problem=Problem,
)
API = Surface(
    prefix="/api",
    audience="webapp",
    rates=_webapp_rates,
    public_rate="api_public",
    answer=_enveloped,
    refusal=_enveloped_refusal,
    problem=Failure,
    has_envelope=True,
)

PAGES = replace(API, prefix="/app/view", rates=lambda _: ("pages",))
"""The Mini App's pages: what the WebApp API answers as JSON, made by the server into HTML."""

SURFACES = (V2, API, PAGES)


def surface_of(path: str) -> Surface:
    """In whose words to refuse; whatever belongs to neither API speaks like the first one."""
    return next((surface for surface in SURFACES if is_below(path, surface)), V2)


def is_below(path: str, surface: Surface) -> bool:
    return path.startswith(f"{surface.prefix}/") or path == surface.prefix
