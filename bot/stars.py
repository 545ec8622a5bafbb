"""Telegram Stars behind the protocol of `core.payments.gateway`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
)
from aiogram.methods import TelegramMethod
from aiogram.types import LabeledPrice
from aiogram.utils.token import TokenValidationError
from msgspec import Struct

from bot.screens import plain
from bot.telegram_http import TelegramHttp
from core.errors import Invalid, RefundRefused, Unavailable
from core.i18n import language_of, message, words
from core.money import amounts
from core.payments.gateway import InvoiceOffer, Page, Transaction
from core.payments.told import STARS

log = structlog.get_logger(__name__)

TITLE_LETTERS, DESCRIPTION_LETTERS = 32, 255  # Telegram's limits
REQUEST_SECONDS = 12
ALREADY_REFUNDED = "CHARGE_ALREADY_REFUNDED"
INVOICE_PAYMENT = "invoice_payment"


class GetRawTransactions(TelegramMethod[dict[str, Any]]):
    """As they come: one of a kind that is new at Telegram must not take the others along."""

    __returning__ = dict[str, Any]
    __api_method__ = "getStarTransactions"

    offset: int
    limit: int


class _User(Struct, frozen=True):
    id: int


class _Partner(Struct, frozen=True):
    type: str
    transaction_type: str = ""
    user: _User | None = None
    invoice_payload: str = ""


class _Line(Struct, frozen=True):
    id: str
    amount: int
    date: int
    source: _Partner | None = None
    receiver: _Partner | None = None


class StarsGateway:
    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @property
    def account(self) -> str:
        return str(self._bot.id)

    async def address(self) -> str:
        try:
            me = await self._bot.me()  # asked for once
        except TelegramAPIError as error:
            raise Unavailable("Telegram does not answer, try again") from error
        return f"https://t.me/{me.username}"

    async def create_invoice_link(self, offer: InvoiceOffer) -> str:
        title, description = invoice_words(offer)
        try:
            return await self._bot.create_invoice_link(
                title=title,
                description=description,
                payload=offer.payload,
                currency=STARS,
                prices=[LabeledPrice(label=title, amount=offer.stars)],
                provider_token="",
                request_timeout=REQUEST_SECONDS,
            )
        except TelegramAPIError as error:
            raise Unavailable("Telegram makes no invoice right now, try again") from error

    async def refund(self, telegram_id: int, charge_id: str) -> None:
        try:
            await self._bot.refund_star_payment(
                user_id=telegram_id, telegram_payment_charge_id=charge_id, request_timeout=REQUEST_SECONDS
            )
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            if ALREADY_REFUNDED not in error.message:
                raise RefundRefused(error.message[:100]) from error
        except TelegramAPIError as error:
            retry_after = error.retry_after if isinstance(error, TelegramRetryAfter) else None
            raise Unavailable("Telegram does not refund right now", retry_after=retry_after) from error

    async def transactions(self, offset: int, limit: int) -> Page:
        try:
            found = await self._bot(GetRawTransactions(offset=offset, limit=limit), REQUEST_SECONDS)
            lines = found["transactions"]
        except (TelegramAPIError, KeyError) as error:
            raise Unavailable("Telegram does not list its transactions right now") from error
        return Page(len(lines), _of_persons(lines))


@asynccontextmanager
async def open_gateway(token: str, api_url: str) -> AsyncIterator[StarsGateway]:
    """Raises `Invalid` where that can be no token."""
    try:
        bot = Bot(token, TelegramHttp(api=TelegramAPIServer.from_base(api_url)))
    except TokenValidationError as error:
        raise Invalid("telegram.token: not a token of @BotFather", field="telegram.token") from error
    async with bot:
        yield StarsGateway(bot)


def invoice_words(offer: InvoiceOffer) -> tuple[str, str]:
    """Title and description in the payer's language."""
    said = words(language_of(offer.language))
    if offer.plan is None:
        amount = amounts.words(offer.amount, offer.currency)
        title = plain(said(message("Balance: {amount}"), amount=amount))
        return title[:TITLE_LETTERS], plain(said(message("{amount} for your balance"), amount=amount))
    days = said.many(
        message("{count} day of {plan}"), message("{count} days of {plan}"), offer.days or 0, plan=offer.plan
    )
    return offer.plan[:TITLE_LETTERS], plain(days)[:DESCRIPTION_LETTERS]


def _of_persons(lines: Sequence[Any]) -> list[Transaction]:
    """Payments of our invoices and their refunds; gifts, withdrawals and advertising are none."""
    return [one for one in map(_read, lines) if one]


def _read(raw: Any) -> Transaction | None:
    try:
        line = msgspec.convert(raw, _Line)
    except msgspec.ValidationError as error:
        log.warning("transaction_unreadable", reason=str(error))
        return None
    partner = line.source or line.receiver
    if partner is None or partner.user is None or partner.transaction_type != INVOICE_PAYMENT:
        return None
    return Transaction(
        charge_id=line.id,
        stars=line.amount,
        at=datetime.fromtimestamp(line.date, UTC),
        telegram_id=partner.user.id,
        payload=partner.invoice_payload,
        is_refund=line.source is None,
    )
