"""Payments from outside, as the edges use them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from core import plans
from core.account import require_user
from core.account_settings import of_user
from core.audit import Act
from core.clock import Clock
from core.config import Config
from core.errors import AppError, PaymentsUnavailable, RefundRefused, TelegramNotSetUp, Unavailable
from core.payments import inbox, invoices, reconciliation, refunds
from core.payments.booking import Terms
from core.payments.gateway import Gateway, InvoiceOffer
from core.payments.invoices import CheckoutQuery, InvoiceLink, TopUpTerms
from core.payments.reconciliation import Reconciled
from core.payments.views import PaymentView, view_of
from core.secrets import Secrets
from storage.db import Database, DatabaseError
from storage.models import Invoice

log = structlog.get_logger(__name__)

CHECK_SECONDS = 7.0  # Telegram waits ten for the answer to arrive
GATEWAY_SECONDS = 15.0
POLL_SECONDS = 5.0  # for what another process left, or what was put off
AT_ONCE = 50


class Payments:
    """`gateway` is None where the operator has no Telegram bot: then nothing can be paid."""

    def __init__(
        self, db: Database, config: Config, secrets: Secrets, clock: Clock, gateway: Gateway | None
    ) -> None:
        self._db = db
        self._config = config
        self._clock = clock
        self._gateway = gateway
        self._terms = Terms(config, secrets.license_pepper)

    async def bot_address(self) -> str:
        """Of whoever takes the money. Raises `TelegramNotSetUp`, `Unavailable`."""
        if self._gateway is None:
            raise TelegramNotSetUp
        try:
            async with asyncio.timeout(GATEWAY_SECONDS):
                return await self._gateway.address()
        except TimeoutError as error:
            raise Unavailable("Telegram does not answer, try again") from error

    # Asking for money

    def top_up_terms(self) -> TopUpTerms | None:
        """None where nothing can be paid."""
        if self._gateway is None:
            return None
        return TopUpTerms(self._config.telegram.stars_rate, invoices.most_of(self._config))

    async def top_up(self, user_id: int, amount: int) -> InvoiceLink:
        """`amount` (minor units) is credited exactly. Raises `Invalid`, `Unavailable`."""
        gateway = self._require_gateway()
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id)
            invoice = await invoices.add_top_up(uow, user.id, amount, self._config, self._clock.now())
        return await self._link(gateway, invoice, of_user(user).language)

    async def for_license(self, user_id: int, plan: str) -> InvoiceLink:
        """Raises `NotForSale` and `DebtOpen` too."""
        gateway = self._require_gateway()
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id)
            invoice = await invoices.add_for_license(uow, user.id, plan, self._config, self._clock.now())
        return await self._link(gateway, invoice, of_user(user).language)

    async def check_out(self, query: CheckoutQuery) -> AppError | None:
        """What speaks against taking this money, in time for Telegram; None: nothing does."""
        try:
            async with asyncio.timeout(CHECK_SECONDS), self._db.read() as uow:
                await invoices.check(uow, query, self._config, self._clock.now())
        except AppError as refusal:
            return refusal
        except (TimeoutError, DatabaseError) as error:
            log.warning("checkout_unchecked", reason=type(error).__name__)
            return Unavailable()
        return None

    # Getting it

    async def receive(self, raw: Mapping[str, Any]) -> None:
        """A Bot API message with `successful_payment` or `refunded_payment`. Kept once this returns."""
        async with self._db.begin() as uow:
            await inbox.put(uow, raw, self._config, self._clock.now())
        await self.process_inbox()

    async def process_inbox(self) -> int:
        """Deal with what is due, each in a transaction of its own; how many were looked at."""
        done = 0
        while True:
            async with self._db.read() as uow:
                due = await uow.payments.due_events(self._clock.now(), AT_ONCE)
            for event_id in due:
                await self._deal_with(event_id)
            done += len(due)
            if len(due) < AT_ONCE:
                return done

    async def run(self) -> None:
        """Until cancelled: what was left undone is done, also what the process before this one left."""
        while True:
            try:
                await self.process_inbox()
                await self.process_refunds()
            except (DatabaseError, OSError) as error:
                log.warning("payments_waiting", reason=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _deal_with(self, event_id: int) -> None:
        now = self._clock.now()
        try:
            async with self._db.begin() as uow:
                await inbox.deal_with(uow, event_id, self._terms, now)
        except Exception as error:
            log.exception("payment_put_off", event_id=event_id)
            async with self._db.begin() as uow:
                await inbox.put_off(uow, event_id, type(error).__name__, self._config, now)

    # Giving it back

    async def refund(self, charge_id: str, by: Act, reason: str) -> PaymentView:
        """Asked for once this returns, and done where Telegram answers at once."""
        self._require_gateway()
        async with self._db.begin() as uow:
            await refunds.request(uow, charge_id, reason, by)
        await self._refund(charge_id)
        return await self.payment(charge_id)

    async def process_refunds(self) -> None:
        if self._gateway is None:
            return
        async with self._db.read() as uow:
            due = await uow.payments.due_refunds(self._clock.now(), AT_ONCE)
        for payment in due:
            await self._refund(payment.charge_id)

    async def _refund(self, charge_id: str) -> None:
        gateway, now = self._require_gateway(), self._clock.now()
        async with self._db.begin() as uow:
            payment = await refunds.claim(uow, charge_id, now)
        if payment is None:
            return
        try:
            async with asyncio.timeout(GATEWAY_SECONDS):
                await gateway.refund(payment.telegram_id, charge_id)
        except RefundRefused as refusal:
            async with self._db.begin() as uow:
                await refunds.give_up(uow, charge_id, refusal.detail, self._config, now)
        except (Unavailable, TimeoutError) as error:
            log.warning("refund_put_off", payment_id=payment.id, reason=type(error).__name__)
        else:
            async with self._db.begin() as uow:
                await refunds.finish(uow, charge_id, now)

    # Looking at it

    async def payment(self, charge_id: str) -> PaymentView:
        async with self._db.read() as uow:
            return view_of(await refunds.require(uow, charge_id))

    async def list(
        self, user_id: int | None = None, *, limit: int = 100, offset: int = 0
    ) -> tuple[list[PaymentView], int]:
        """Newest first, and how many there are."""
        async with self._db.read() as uow:
            rows = await uow.payments.list_page(user_id=user_id, limit=limit, offset=offset)
            return [view_of(row) for row in rows], await uow.payments.count(user_id)

    async def reconcile(self) -> Reconciled | None:
        """Compare with Telegram's own list; None where there is no bot."""
        if self._gateway is None:
            return None
        found = await reconciliation.read_all(self._db, self._gateway, self._config, self._clock)
        await self.process_inbox()
        return await reconciliation.conclude(self._db, found, self._config, self._clock)

    async def reconciled(self) -> Reconciled | None:
        """What the last comparison found; None: there was none."""
        async with self._db.read() as uow:
            return await reconciliation.last(uow)

    async def purge_invoices(self) -> int:
        """Forget those nobody paid."""
        async with self._db.begin() as uow:
            return await uow.payments.purge_invoices(self._clock.now() - invoices.KEPT)

    def _require_gateway(self) -> Gateway:
        if self._gateway is None:
            raise PaymentsUnavailable
        return self._gateway

    async def _link(self, gateway: Gateway, invoice: Invoice, language: str) -> InvoiceLink:
        offer = InvoiceOffer(
            payload=invoice.payload,
            stars=invoice.stars,
            amount=invoice.amount,
            currency=self._config.orders.currency,
            language=language,
            plan=plans.limits_of(self._config, invoice.plan).title if invoice.plan else None,
            days=invoice.days,
        )
        try:
            async with asyncio.timeout(GATEWAY_SECONDS):
                link = await gateway.create_invoice_link(offer)
        except TimeoutError as error:
            raise Unavailable("Telegram does not answer, try again") from error
        rate = self._config.telegram.stars_rate
        return InvoiceLink(link, invoice.stars, invoice.amount, rate, invoice.id)
