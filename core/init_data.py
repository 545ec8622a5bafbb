"""What a Mini App was opened with: Telegram's signed words about who opened it, read strictly.

A sign-in, not a one-time thing: clients send the same again, and may within the window. Sizes, doubled
fields and control characters are refused before anything is hashed: the check string joins fields by
newlines, so a newline inside a value could pass one field off as part of another.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import unquote_plus

import msgspec
from msgspec import Struct

from core.account import TelegramPerson
from core.errors import InitDataExpired, InitDataInvalid

MAX_BYTES = 4096
MAX_FIELDS = 32
MAX_FUTURE = 60.0  # seconds Telegram's clock may be ahead of ours
MAX_ID = 2**52  # Telegram promises that ids stay below

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HASH = re.compile(r"[0-9a-f]{64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class InitData(TelegramPerson, frozen=True, kw_only=True):
    auth_date: int  # unix time at which Telegram signed it
    start_param: str = ""  # whoever made the link chose it


class _User(Struct, frozen=True):
    id: int
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""


def secret_of(token: str) -> bytes:
    """What a bot's init data is signed with."""
    return hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)


def verify(raw: str, secret: bytes, now: float, max_age: float) -> InitData:
    """`now`: unix time, `max_age`: seconds. Raises `InitDataInvalid` or `InitDataExpired`."""
    fields = _fields(raw)
    _check_hash(fields.pop("hash", ""), fields, secret)
    auth_date = _auth_date(fields)
    if auth_date > now + MAX_FUTURE:
        raise InitDataInvalid
    if now - auth_date > max_age:
        raise InitDataExpired
    user = _user(fields)
    return InitData(
        telegram_id=user.id,
        first_name=user.first_name,
        last_name=user.last_name,
        telegram_name=user.username,
        language_code=user.language_code,
        auth_date=auth_date,
        start_param=fields.get("start_param", ""),
    )


def _fields(raw: str) -> dict[str, str]:
    """As a form is written: `+` is a blank, `&` alone divides."""
    if (
        not raw.isascii()
        or len(raw) > MAX_BYTES
        or raw.count("&") >= MAX_FIELDS
        or _BROKEN_ESCAPE.search(raw)
    ):
        raise InitDataInvalid
    fields: dict[str, str] = {}
    for pair in raw.split("&"):
        name, sign, value = (_decoded(part) for part in pair.partition("="))
        if not name or not sign or name in fields or _CONTROL.search(name + value):
            raise InitDataInvalid
        fields[name] = value
    return fields


def _decoded(part: str) -> str:
    try:
        return unquote_plus(part, errors="strict")
    except UnicodeDecodeError as error:
        raise InitDataInvalid from error


def _check_hash(given: str, fields: Mapping[str, str], secret: bytes) -> None:
    """Everything but the hash itself is signed, the newer `signature` too."""
    said = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    right = hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()
    if not _HASH.fullmatch(given) or not hmac.compare_digest(given.encode(), right.encode()):
        raise InitDataInvalid


def _auth_date(fields: Mapping[str, str]) -> int:
    told = fields.get("auth_date", "")
    if not _SECONDS.fullmatch(told):
        raise InitDataInvalid
    return int(told)


def _user(fields: Mapping[str, str]) -> _User:
    try:
        user = msgspec.json.decode(fields.get("user", ""), type=_User)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InitDataInvalid from error
    if not 0 < user.id < MAX_ID:
        raise InitDataInvalid
    return user
