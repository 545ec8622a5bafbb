"""A gateway in memory, and the messages Telegram would send."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from core.errors import AppError
from core.payments.gateway import InvoiceOffer, Page, Transaction


class Till:
    """`trouble` is raised by the next calls, one each."""

    account = "42"

    def __init__(self) -> None:
        self.offers: list[InvoiceOffer] = []
        self.refunded: list[tuple[int, str]] = []
        self.lines: list[Transaction] = []
        self.trouble: list[AppError] = []
        self.on_refund: Callable[[], None] = lambda: None

    async def address(self) -> str:
        self._fail()
        return "https://t.me/ttboost_bot"

    async def create_invoice_link(self, offer: InvoiceOffer) -> str:
        self._fail()
        self.offers.append(offer)
        return f"https://t.me/$invoice{len(self.offers)}"

    async def refund(self, telegram_id: int, charge_id: str) -> None:
        self.on_refund()
        self._fail()
        self.refunded.append((telegram_id, charge_id))

    async def transactions(self, offset: int, limit: int) -> Page:
        self._fail()
        found = self.lines[offset : offset + limit]
        return Page(len(found), found)

    def _fail(self) -> None:
        if self.trouble:
            raise self.trouble.pop(0)

    def paid(self, charge_id: str, telegram_id: int, *, offer: int = -1, **changes: Any) -> dict[str, Any]:
        """The message after `offer` was paid."""
        return message(
            charge_id, telegram_id, self.offers[offer].payload, self.offers[offer].stars, **changes
        )


def message(
    charge_id: str, telegram_id: int, payload: str, stars: int, kind: str = "successful_payment"
) -> dict[str, Any]:
    return {
        "message_id": 7,
        "chat": {"id": telegram_id, "type": "private"},
        "from": {"id": telegram_id, "is_bot": False, "first_name": "Anna"},
        kind: {
            "currency": "XTR",
            "total_amount": stars,
            "invoice_payload": payload,
            "telegram_payment_charge_id": charge_id,
            "provider_payment_charge_id": "",
        },
    }


def line(
    charge_id: str, telegram_id: int, payload: str, stars: int, *, is_refund: bool = False
) -> Transaction:
    return Transaction(
        charge_id=charge_id,
        stars=stars,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        telegram_id=telegram_id,
        payload=payload,
        is_refund=is_refund,
    )
