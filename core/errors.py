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


# Licenses and accounts


class InvalidLicenseKey(Invalid):
    code = "invalid_license_key"
    text = "invalid license key"


class LicenseNotFound(NotFound):
    code = "license_not_found"
    text = "license not found"


class LicenseRevoked(Forbidden):
    code = "license_revoked"
    text = "license revoked"


class LicenseSuspended(Forbidden):
    code = "license_suspended"
    text = "license suspended"


class LicenseAlreadyBound(Conflict):
    code = "license_already_bound"
    text = "license already bound to another user"


class LicenseRequired(Forbidden):
    code = "license_required"
    text = "license required"


class LicenseExpired(Forbidden):
    code = "license_expired"
    text = "license expired"


class PlanLimit(Forbidden):
    """The plan does not reach that far; `limit` in the details says what it allows."""

    code = "plan_limit"
    text = "plan limit"


class InvalidCredentials(Unauthenticated):
    code = "invalid_credentials"
    text = "invalid credentials"


class MissingToken(Unauthenticated):
    code = "missing_token"
    text = "missing bearer token"


class InvalidToken(Unauthenticated):
    code = "invalid_token"
    text = "invalid token"


class UserBanned(Forbidden):
    code = "user_banned"
    text = "user banned"


class UserNotFound(NotFound):
    code = "user_not_found"
    text = "user not found"


class InvalidCode(Invalid):
    code = "invalid_code"
    text = "invalid code"


# Sounds


class UnsupportedSound(Invalid):
    code = "unsupported_sound"
    text = "unsupported sound"


class SoundExists(Conflict):
    code = "sound_exists"
    text = "sound exists"


class SoundInUse(Conflict):
    code = "sound_in_use"
    text = "sound in use"


class FileTooLarge(TooLarge):
    code = "file_too_large"
    text = "file too large"


class QuotaExceeded(Full):
    code = "quota_exceeded"
    text = "quota exceeded"


class SoundNotFound(NotFound):
    code = "sound_not_found"
    text = "sound file not found"


# LIVE


class TiktokUsernameNotSet(Invalid):
    code = "tiktok_username_not_set"
    text = "tiktok username not set"
