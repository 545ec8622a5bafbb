"""The two APIs say the same things in different envelopes; this is what differs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from core.errors import AppError, Invalid


@dataclass(frozen=True, slots=True)
class Surface:
    prefix: str
    audience: str  # of its tokens
    rate: str  # of calls that name no rate of their own
    answer: Callable[[Any], bytes]
    refusal: Callable[[AppError, str], dict[str, Any]]
    problem: type[msgspec.Struct]  # the refusal's shape, for the document


class Problem(msgspec.Struct):
    """What went wrong. `field`, `retry_after`, `limit` or `triggers` say more where there is more."""

    detail: str
    code: str
    request_id: str


def _plain_refusal(error: AppError, request_id: str) -> dict[str, Any]:
    return {
        **msgspec.to_builtins({key: value for key, value in error.details.items() if value is not None}),
        "detail": _words(error),
        "code": error.code,
        "request_id": request_id,
    }


def _words(error: AppError) -> str:
    """The human line. Bare `invalid request` names its field."""
    field = error.details.get("field")
    if field and error.detail == Invalid.text:
        return f"{field}: {error.detail}"
    return error.detail


V2 = Surface(
    prefix="/v2",
    audience="mobile",
    rate="v2_user",
    answer=msgspec.json.Encoder().encode,
    refusal=_plain_refusal,
    problem=Problem,
)

SURFACES = (V2,)


def surface_of(path: str) -> Surface:
    """In whose words to refuse; whatever belongs to neither API speaks like the first one."""
    return next((surface for surface in SURFACES if path.startswith(f"{surface.prefix}/")), V2)
