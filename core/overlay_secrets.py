"""The secrets in the URLs of overlay and player: they name the account and need no table to be checked."""

import base64
import binascii
import hashlib
import hmac
import struct
from typing import Literal

from msgspec import Struct

Kind = Literal["overlay", "player"]

_HEAD = struct.Struct(">QI")
_MAC_BYTES = 18
_LENGTH = 40  # letters of base64 without padding


class Holder(Struct, frozen=True):
    user_id: int
    version: int  # rotating raises the account's: older secrets stop working


def make(kind: Kind, holder: Holder, key: bytes) -> str:
    head = _HEAD.pack(holder.user_id, holder.version)
    return base64.urlsafe_b64encode(head + _mac(kind, head, key)).decode()


def read(kind: Kind, secret: str, key: bytes) -> Holder | None:
    """None where it was not made by us, or for the other kind."""
    if len(secret) != _LENGTH or not secret.isascii():
        return None
    try:
        raw = base64.b64decode(secret, altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    head = raw[: _HEAD.size]
    if not hmac.compare_digest(raw[_HEAD.size :], _mac(kind, head, key)):
        return None
    return Holder(*_HEAD.unpack(head))


def _mac(kind: Kind, head: bytes, key: bytes) -> bytes:
    return hmac.new(key, kind.encode() + head, hashlib.sha256).digest()[:_MAC_BYTES]
