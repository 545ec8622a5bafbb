"""What Telegram tells of a payment or a refund, read without trusting its shape."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from storage.models import PaymentEventKind

STARS = "XTR"
MOST_STARS = 1_000_000_000  # far beyond any invoice
LARGEST_ID = 2**53


class Told(Struct, frozen=True):
    kind: PaymentEventKind
    charge_id: str
    telegram_id: int  # who paid, or got it back
    payload: str
    currency: str
    stars: int


class _Charge(Struct, frozen=True):
    telegram_payment_charge_id: str
    total_amount: int
    currency: str = ""
    invoice_payload: str = ""


class _Person(Struct, frozen=True):
    id: int


class _Message(Struct, frozen=True, rename={"sender": "from"}):
    """Of a Bot API message what matters here; aiogram spells the sender `from_user`."""

    chat: _Person | None = None
    sender: _Person | None = None
    from_user: _Person | None = None
    successful_payment: _Charge | None = None
    refunded_payment: _Charge | None = None


def read(raw: Mapping[str, Any]) -> Told | None:
    """None: this is nothing a charge could be found in."""
    try:
        message = msgspec.convert(raw, _Message)
    except msgspec.ValidationError:
        return None
    charge = message.successful_payment or message.refunded_payment
    # A refund is told by the bot's own message: there the chat is the person.
    person = (message.sender or message.from_user) if message.successful_payment else None
    person = person or message.chat
    if charge is None or person is None or not 0 < len(charge.telegram_payment_charge_id) <= 255:
        return None
    if not (0 < charge.total_amount <= MOST_STARS and 0 < person.id <= LARGEST_ID):
        return None
    return Told(
        PaymentEventKind.PAYMENT if message.successful_payment else PaymentEventKind.REFUND,
        charge.telegram_payment_charge_id,
        person.id,
        charge.invoice_payload,
        charge.currency,
        charge.total_amount,
    )


def as_raw(told: Told) -> dict[str, Any]:
    """The message Telegram would have sent: what is found later is kept in the same shape."""
    charge = {
        "telegram_payment_charge_id": told.charge_id,
        "total_amount": told.stars,
        "currency": told.currency,
        "invoice_payload": told.payload,
    }
    name = "successful_payment" if told.kind is PaymentEventKind.PAYMENT else "refunded_payment"
    return {"chat": {"id": told.telegram_id}, "from": {"id": told.telegram_id}, name: charge}


def stand_in_id(raw: Mapping[str, Any]) -> str:
    """Of a message no charge could be found in, so that it is kept once."""
    return "unreadable:" + hashlib.sha256(msgspec.json.encode(raw, order="sorted")).hexdigest()
