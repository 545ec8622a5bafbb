"""An account as its owner sees it, kept for a few seconds so that asking again asks no database."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec import Struct

from core import account_settings, staff
from core.account import require_user
from core.clock import Clock
from core.config import Config
from core.money import ledger
from storage.db import Database, UnitOfWork
from storage.models import ChangeKind

KEPT_SECONDS = 5.0
MAX_KEPT = 20_000

Count = Callable[[UnitOfWork, int], Awaitable[int]]
"""(unit of work, account id) -> how many."""


class UserView(Struct, frozen=True):
    id: int
    telegram_id: int | None
    username: str
    first_name: str
    last_name: str
    language: str
    balance: int  # minor units, as all money here
    total_spent: int
    views_bought: int
    role: str
    is_banned: bool
    registered_at: datetime
    last_seen_at: datetime | None
    today_activity: int
    referrals: int


async def _none(_uow: UnitOfWork, _user_id: int) -> int:
    return 0


class UserViews:
    """`drop` belongs on the change feed and on the database: own changes are seen at once."""

    def __init__(
        self,
        db: Database,
        config: Config,
        clock: Clock,
        *,
        views_bought: Count = _none,
        referrals: Count = _none,
    ) -> None:
        self._db = db
        self._config = config
        self._clock = clock
        self._views_bought = views_bought
        self._referrals = referrals
        self._kept: OrderedDict[int, tuple[float, UserView]] = OrderedDict()
        self._drops = 0

    async def of(self, user_id: int) -> UserView:
        asked_at, drops = self._clock.monotonic(), self._drops
        kept = self._kept.get(user_id)
        if kept and asked_at - kept[0] < KEPT_SECONDS:
            return kept[1]
        async with self._db.read() as uow:
            view = await self._load(uow, user_id)
        if drops == self._drops:  # else it may be of before a change
            self._kept[user_id] = (asked_at, view)
            self._kept.move_to_end(user_id)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return view

    def drop(self, user_id: int, _kind: ChangeKind) -> None:
        self._drops += 1
        self._kept.pop(user_id, None)

    async def _load(self, uow: UnitOfWork, user_id: int) -> UserView:
        user = await require_user(uow, user_id)
        midnight = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return UserView(
            id=user.id,
            telegram_id=user.telegram_id,
            username=user.username or user.telegram_name,
            first_name=user.first_name,
            last_name=user.last_name,
            language=account_settings.of_user(user).language,
            balance=(await ledger.balance(uow, user_id)).posted,
            total_spent=await uow.ledger.spent(user_id),
            views_bought=await self._views_bought(uow, user_id),
            role=staff.role_of(user, self._config).value,
            is_banned=user.is_banned,
            registered_at=user.created_at,
            last_seen_at=user.last_seen_at,
            today_activity=await uow.journal.count_events(user_id, midnight),
            referrals=await self._referrals(uow, user_id),
        )
