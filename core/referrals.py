"""Who brought whom, and the reward: a share of the first payment, once it can no longer be refunded."""

import secrets
from datetime import datetime, timedelta

import structlog
from msgspec import Struct

from core import notices
from core.account import require_user
from core.audit import Act
from core.clock import Clock
from core.config import Config
from core.errors import Unavailable
from core.money import ledger
from core.money.ledger import Movement
from core.notices import NoticeKind
from storage.db import Database, UnitOfWork
from storage.models import AccountKind, ChangeKind, EntryKind, Payment, Referral, ReferralStatus

log = structlog.get_logger(__name__)

PREFIX = "ref_"  # of a start parameter
CODE_BYTES = 6
TRIES = 5  # for a code nobody has
MATURED_AT_ONCE = 100


class ReferralView(Struct, frozen=True):
    """What somebody sees of those they brought. Money in minor units."""

    parameter: str  # of `t.me/BOT?start=`
    count: int
    pending: int
    paid: int


class Referrals:
    def __init__(self, db: Database, config: Config, clock: Clock) -> None:
        self._db = db
        self._config = config
        self._clock = clock

    async def view(self, user_id: int) -> ReferralView:
        """Makes the user's code where there is none yet."""
        async with self._db.begin() as uow:
            await require_user(uow, user_id, lock=True)
            code = await _code(uow, user_id)
            totals = await uow.referrals.totals(user_id)
        return ReferralView(
            PREFIX + code,
            sum(count for count, _ in totals.values()),
            totals.get(ReferralStatus.PENDING, (0, 0))[1],
            totals.get(ReferralStatus.PAID, (0, 0))[1],
        )

    async def came_by(self, user_id: int, parameter: str, since: datetime) -> bool:
        """A person opened somebody's link; whether that counts.

        `since` is when we began to deal with what brought them here: an account made before existed already.
        """
        async with self._db.begin() as uow:
            referrer_id = await uow.referrals.user_by_code(parameter.removeprefix(PREFIX))
            user = await require_user(uow, user_id, lock=True)
            if referrer_id in (None, user_id) or user.telegram_id is None or user.created_at < since:
                return False
            return await uow.referrals.add(
                Referral(referee_id=user_id, referrer_id=referrer_id, bound_at=self._clock.now())
            )

    async def mature(self) -> int:
        """Pay what is due; how many were paid."""
        paid = 0
        while True:
            async with self._db.read() as uow:
                due = await uow.referrals.due(self._clock.now(), MATURED_AT_ONCE)
            for referral_id in due:
                async with self._db.begin() as uow:
                    paid += await _pay(uow, referral_id, Act("system", self._clock.now()))
            if len(due) < MATURED_AT_ONCE:
                return paid


async def count(uow: UnitOfWork, user_id: int) -> int:
    """How many somebody brought."""
    return sum(number for number, _ in (await uow.referrals.totals(user_id)).values())


async def note_payment(uow: UnitOfWork, payment: Payment, config: Config, now: datetime) -> None:
    """The first payment of somebody who was brought promises its reward."""
    referral = await uow.referrals.of_referee(payment.user_id, lock=True)
    reward = int(payment.amount * config.referral.percent / 100)
    if referral is None or referral.status is not ReferralStatus.BOUND or reward == 0:
        return
    if referral.referrer_id == referral.referee_id:
        return
    referral.status, referral.payment_id, referral.amount = ReferralStatus.PENDING, payment.id, reward
    referral.matures_at = now + timedelta(days=config.referral.mature_days)


async def cancel(uow: UnitOfWork, payment_id: int, now: datetime) -> None:
    """The payment was refunded. A reward that was paid already stays."""
    referral = await uow.referrals.of_payment(payment_id, lock=True)
    if referral and referral.status is ReferralStatus.PENDING:
        referral.status, referral.resolved_at = ReferralStatus.CANCELLED, now


async def _pay(uow: UnitOfWork, referral_id: int, by: Act) -> bool:
    referral = await uow.referrals.get(referral_id)
    if referral is None or referral.status is not ReferralStatus.PENDING:
        return False
    referrer = await require_user(uow, referral.referrer_id, lock=True)
    referral.resolved_at = by.at
    if referrer.is_banned or referral.referee_id == referrer.id:
        referral.status = ReferralStatus.CANCELLED
        return False
    referral.status = ReferralStatus.PAID
    key = f"referral:{referral.id}"
    movement = Movement(kind=EntryKind.REWARD, key=key, by=by, subject=key)
    await ledger.credit(uow, referrer.id, referral.amount, AccountKind.REWARDS, movement)
    await notices.add(uow, referrer.id, NoticeKind.PAYMENT, key, by.at, what="reward", amount=referral.amount)
    uow.accounts.note_change(referrer.id, ChangeKind.ACCESS, by.at)
    return True


async def _code(uow: UnitOfWork, user_id: int) -> str:
    if known := await uow.referrals.code_of(user_id):
        return known
    for _ in range(TRIES):
        code = secrets.token_urlsafe(CODE_BYTES)
        if await uow.referrals.add_code(user_id, code):
            return code
    raise Unavailable
