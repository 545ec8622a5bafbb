"""Signatures between us and the operator's service, both ways, as Standard Webhooks has them. Pure."""

import base64
import binascii
import hashlib
import hmac

from msgspec import Struct

from core.errors import Invalid, InvalidSignature

TOLERANCE_SECONDS = 300.0  # between the two clocks
MAX_ID = 128

_PREFIX = "whsec_"


class Signed(Struct, frozen=True):
    """A message as it came: the three headers and the body."""

    id: str
    timestamp: str
    signature: str
    body: bytes


def key_of(secret: str) -> bytes:
    """A secret in the notation of Standard Webhooks, or any other text. Raises `Invalid`."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise Invalid("fulfilment.operator.secret: not base64 after whsec_") from error


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()


def check(key: bytes, message: Signed, now: float) -> None:
    """`now`: seconds since 1970. Raises `InvalidSignature`, whatever is wrong."""
    if not (1 <= len(message.id) <= MAX_ID and message.id.isascii() and message.id.isprintable()):
        raise InvalidSignature
    if not (message.timestamp.isascii() and message.timestamp.isdigit() and len(message.timestamp) <= 12):
        raise InvalidSignature
    if abs(now - int(message.timestamp)) > TOLERANCE_SECONDS:
        raise InvalidSignature("the timestamp is too far from now")
    wanted = sign(key, message.id, message.timestamp, message.body).encode()
    # Each is compared: while a secret is being changed a sender signs with both.
    given = [one.encode("utf-8", "replace") for one in message.signature.split(" ")]
    if not any(hmac.compare_digest(wanted, one) for one in given):
        raise InvalidSignature
