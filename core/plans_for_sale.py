"""The shop: plans for sale, the trial, keys activated, and the licenses somebody has."""

import hashlib
import secrets as random
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from core import license_clock, license_keys, licenses, notices, plans, sales
from core.account import require_user
from core.audit import Act
from core.clock import Clock, iso
from core.config import Config, Plan
from core.errors import (
    Invalid,
    KeyReused,
    NoTrial,
    TelegramRequired,
    TrialUsed,
)
from core.license_clock import LicenseState
from core.licenses import Batch
from core.notices import NoticeKind
from core.payments import rates
from core.payments.invoices import InvoiceLink, for_sale
from core.payments.service import Payments
from core.sales import Bought, Sale
from core.secrets import Secrets
from storage.db import Database, UnitOfWork
from storage.models import License, Purchase, Trial, User

Pay = Literal["stars", "balance"]
DOUBLE_CLICK = timedelta(seconds=10)
LONGEST_KEY = 255


class Offer(Struct, frozen=True, kw_only=True):
    plan: str
    title: str
    days: int
    stars: int
    price: int  # from the balance, minor units
    tiktok_usernames: int
    triggers: int
    sound_quota_bytes: int
    speech_characters_per_day: int


class TrialOffer(Struct, frozen=True):
    plan: str
    title: str
    days: int


class HeldLicense(Struct, frozen=True, kw_only=True):
    """One of an account's licenses. `source`: how it came: key, trial, stars or balance."""

    key_tail: str
    plan: str
    days: int
    status: str  # active, suspended, revoked or used_up
    source: str
    redeemed_at: datetime
    days_left: float
    amount: int | None  # paid, minor units


class Shelf(Struct, frozen=True):
    """All there is to see about somebody's license."""

    state: LicenseState
    history: list[HeldLicense]  # newest first
    offers: list[Offer]
    trial: TrialOffer | None  # where they may still have one


class Shop:
    def __init__(
        self, db: Database, config: Config, secrets: Secrets, clock: Clock, payments: Payments
    ) -> None:
        self._db = db
        self._config = config
        self._pepper = secrets.license_pepper
        self._clock = clock
        self._payments = payments

    async def offers(self, user_id: int) -> list[Offer]:  # noqa: ARG002 - the same for everybody so far
        """What is for sale, in the order of the configuration."""
        return self._offers()

    async def shelf(self, user_id: int) -> Shelf:
        now = self._clock.now()
        async with self._db.read() as uow:
            user = await require_user(uow, user_id)
            state = await licenses.state(uow, user, now, self._config)
            history = await _history(uow, user, now)
            trial = await self._trial_for(uow, user)
        return Shelf(state, history, self._offers(), trial)

    async def activate(self, user_id: int, license_key: str) -> LicenseState:
        """Bind somebody's own key. One bound to this account already changes nothing."""
        key_mac = license_keys.mac(license_keys.normalise(license_key), self._pepper)
        now = self._clock.now()
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            await licenses.redeem(uow, key_mac, user, now)
            return await licenses.state(uow, user, now, self._config)

    async def start_trial(self, user_id: int, by: Act) -> LicenseState:
        """Raises `NoTrial`, `TelegramRequired`, `TrialUsed`."""
        name = self._trial_plan()
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            if user.telegram_id is None:
                raise TelegramRequired
            if user.trial_at is not None or await uow.sales.get_trial(user.telegram_id):
                raise TrialUsed
            batch = Batch(name, self._config.plans[name].trial_days, note="trial")
            granted = await licenses.grant(uow, user, batch, self._pepper, by)
            user.trial_at = by.at
            await uow.sales.add_trial(
                Trial(telegram_id=user.telegram_id, user_id=user_id, license_id=granted.id, at=by.at)
            )
            return await licenses.state(uow, user, by.at, self._config)

    async def buy(self, user_id: int, plan: str, pay: Pay, key: str | None, by: Act) -> Bought | InvoiceLink:
        """From the balance: bound at once. By Stars: what is to be paid.

        The same `key` answers as the first time, and so does the same again within ten seconds without one.
        Raises `NotForSale`, `InsufficientFunds`, `KeyReused`, `DebtOpen`, `PaymentsUnavailable`.
        """
        if pay == "stars":
            return await self._payments.for_license(user_id, plan)
        if key is not None and not (
            0 < len(key) <= LONGEST_KEY and all("!" <= letter <= "~" for letter in key)
        ):
            raise Invalid("Idempotency-Key: 1 to 255 visible ASCII characters", field="Idempotency-Key")
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            if known := await self._bought_before(uow, user_id, plan, key, by.at):
                return known
            return await self._sell(uow, user, plan, key, by)

    async def _sell(self, uow: UnitOfWork, user: User, name: str, key: str | None, by: Act) -> Bought:
        plan = for_sale(self._config, name)
        sale = Sale(
            plan=name,
            days=plan.days,
            amount=self._price(plan),
            key=f"key:{key}" if key else f"click:{random.token_hex(8)}",
        )
        done = await sales.sell(uow, user, sale, self._pepper, by)
        if not by.actor.startswith("tg:"):  # the chat has its answer already
            data = {"plan": done.plan, "days": done.days, "amount": done.amount, "stars": 0}
            notice_key = f"purchase:{hashlib.sha256(sale.key.encode()).hexdigest()}"
            await notices.add(
                uow,
                user.id,
                NoticeKind.LICENSE_BOUGHT,
                notice_key,
                by.at,
                expires_at=iso(done.expires_at),
                **data,
            )
        return done

    async def _bought_before(
        self, uow: UnitOfWork, user_id: int, plan: str, key: str | None, now: datetime
    ) -> Bought | None:
        if key is not None:
            known = await uow.sales.by_key(user_id, f"key:{key}")
            if known and known.plan != plan:
                raise KeyReused
        else:
            known = await uow.sales.last_by_balance(user_id)
            if known and (known.plan != plan or now - known.at >= DOUBLE_CLICK):
                return None
        return sales.bought(known) if known else None

    def _offers(self) -> list[Offer]:
        return [
            Offer(
                plan=name,
                title=plan.title,
                days=plan.days,
                stars=plan.stars,
                price=self._price(plan),
                tiktok_usernames=plan.tiktok_usernames,
                triggers=plan.triggers,
                sound_quota_bytes=plans.sound_quota(self._config, plan),
                speech_characters_per_day=plan.speech_characters_per_day,
            )
            for name, plan in self._config.plans.items()
            if plan.stars
        ]

    def _price(self, plan: Plan) -> int:
        return rates.price_of(plan.stars, self._config.telegram.stars_rate)

    def _trial_plan(self) -> str:
        """The best there is a trial of."""
        name = plans.best(self._config, [one for one, plan in self._config.plans.items() if plan.trial_days])
        if name is None:
            raise NoTrial
        return name

    async def _trial_for(self, uow: UnitOfWork, user: User) -> TrialOffer | None:
        if user.telegram_id is None or user.trial_at or await uow.sales.get_trial(user.telegram_id):
            return None
        try:
            name = self._trial_plan()
        except NoTrial:
            return None
        plan = self._config.plans[name]
        return TrialOffer(name, plan.title, plan.trial_days)


async def _history(uow: UnitOfWork, user: User, now: datetime) -> list[HeldLicense]:
    keys = await uow.licenses.list_of_user(user.id)
    ids = [key.id for key in keys]
    sold = {row.license_id: row for row in await uow.sales.of_licenses(ids)}
    tried = {row.license_id for row in await uow.sales.trials_of(ids)}
    left = license_clock.remaining_at(user, keys, now)
    return [_held(key, sold.get(key.id), left[key.id], is_trial=key.id in tried) for key in reversed(keys)]


def _held(key: License, sold: Purchase | None, left: float, *, is_trial: bool) -> HeldLicense:
    is_used_up = key.status == "active" and left <= 0
    source = "trial" if is_trial else "key"
    if sold:
        source = "stars" if sold.payment_id else "balance"
    return HeldLicense(
        key_tail=key.key_tail,
        plan=key.plan,
        days=key.days,
        status="used_up" if is_used_up else key.status.value,
        source=source,
        redeemed_at=key.redeemed_at or key.created_at,
        days_left=round(left / license_clock.DAY, 2),
        amount=sold.amount if sold else None,
    )
