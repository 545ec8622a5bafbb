"""Whoever takes the money: Telegram now, others for the web later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class InvoiceOffer(Struct, frozen=True, kw_only=True):
    """What the payer is shown. The gateway finds the words, in `language`."""

    payload: str
    stars: int
    amount: int  # minor units
    currency: str
    language: str
    plan: str | None = None  # its title; None: money for the balance
    days: int | None = None


class Transaction(Struct, frozen=True, kw_only=True):
    """A line of the gateway's own list; a refund has the charge id of what it refunds."""

    charge_id: str
    stars: int
    at: datetime
    telegram_id: int
    payload: str
    is_refund: bool


class Page(Struct, frozen=True):
    """`size` counts all lines, also those that are no payment of a person."""

    size: int
    transactions: Sequence[Transaction]


class Gateway(Protocol):
    @property
    def account(self) -> str:
        """Whose list of transactions it is."""

    async def address(self) -> str:
        """Where the bot is written to. Raises `Unavailable`."""

    async def create_invoice_link(self, offer: InvoiceOffer) -> str:
        """Raises `Unavailable`."""

    async def refund(self, telegram_id: int, charge_id: str) -> None:
        """Done, also where it was done before. Raises `RefundRefused` for good, `Unavailable` for now."""

    async def transactions(self, offset: int, limit: int) -> Page:
        """Oldest first. Raises `Unavailable`."""
