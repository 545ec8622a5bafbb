"""Refusals a person may see.

`code` is part of the public API: clients switch on it, edges translate it. The
kind a class derives from decides the HTTP status (`webapp.errors`); nothing
here knows about HTTP. `text` is the human line, in the words of the contract.
"""

from typing import ClassVar


class AppError(Exception):
    """Base of every expected refusal. Anything else is a bug and is logged as one.

    `details` are shown to the caller: no secrets, no SQL, no vendor's words.
    """

    code: ClassVar[str] = "internal"
    text: ClassVar[str] = "something went wrong"

    def __init__(self, text: str | None = None, **details: object) -> None:
        super().__init__(text or self.text)
        self.details = details

    @property
    def detail(self) -> str:
        return str(self.args[0])


class Invalid(AppError):
    """Bad input. `field` in the details names what is wrong."""

    code = "invalid"
    text = "invalid request"


class Unauthenticated(AppError):
    code = "unauthenticated"
    text = "sign in first"


class Forbidden(AppError):
    code = "forbidden"
    text = "not allowed"


class NotFound(AppError):
    code = "not_found"
    text = "not found"


class MethodNotAllowed(AppError):
    code = "method_not_allowed"
    text = "method not allowed"


class UpgradeRequired(AppError):
    code = "upgrade_required"
    text = "connect by WebSocket"


class Conflict(AppError):
    code = "conflict"
    text = "conflict"


class TooLarge(AppError):
    code = "too_large"
    text = "body too large"


class UnsupportedMediaType(AppError):
    code = "unsupported_media_type"
    text = "send application/json"


class RateLimited(AppError):
    """`retry_after` in the details: whole seconds until it is worth trying again."""

    code = "rate_limited"
    text = "too many requests"


class Full(AppError):
    code = "storage_full"
    text = "no space left"


class Unavailable(AppError):
    code = "unavailable"
    text = "not available right now, try again"
