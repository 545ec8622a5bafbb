"""Stars: who paid what, what went back, and the list Telegram keeps of both."""

import itertools
import time
from typing import Any

from tests.fake_telegram.rules import Refused


class Stars:
    def __init__(self) -> None:
        self.invoices: dict[str, tuple[str, int]] = {}  # link or message -> payload, Stars
        self.transactions: list[dict[str, Any]] = []
        self.payments: dict[str, tuple[dict[str, Any], int]] = {}  # charge id -> who, Stars
        self.refunded: set[str] = set()
        self._charges = itertools.count(1)

    def pay(self, person: dict[str, Any], invoice: str) -> dict[str, Any]:
        """The `successful_payment` of an invoice."""
        payload, amount = self.invoices[invoice]
        charge_id = f"stx-test-{next(self._charges)}"
        self.payments[charge_id] = (person, amount)
        source = {"type": "user", "transaction_type": "invoice_payment", "user": person}
        self._note(charge_id, amount, source={**source, "invoice_payload": payload})
        return {
            "currency": "XTR",
            "total_amount": amount,
            "invoice_payload": payload,
            "telegram_payment_charge_id": charge_id,
            "provider_payment_charge_id": "",
        }

    def refund(self, user_id: int, charge_id: str) -> None:
        if charge_id in self.refunded:
            raise Refused(400, "Bad Request: CHARGE_ALREADY_REFUNDED")
        person, amount = self.payments.get(charge_id, ({}, 0))
        if person.get("id") != user_id:
            raise Refused(400, "Bad Request: CHARGE_NOT_FOUND")
        self.refunded.add(charge_id)
        receiver = {"type": "user", "transaction_type": "invoice_payment", "user": person}
        self._note(charge_id, amount, receiver=receiver)

    def _note(self, charge_id: str, amount: int, **side: Any) -> None:
        self.transactions.append({"id": charge_id, "amount": amount, "date": int(time.time()), **side})
