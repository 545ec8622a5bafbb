"""License keys as admins see them: never the key itself."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from msgspec import Struct

from core import administration, license_batches, license_clock, license_keys, licenses, plans, team
from core.audit import Act
from core.clock import Clock, iso
from core.config import Config
from core.errors import Invalid, InvalidLicenseKey, LicenseNotFound
from core.license_batches import BatchView
from core.license_clock import DAY
from core.licenses import Batch
from core.team import Person
from storage.db import Database, UnitOfWork
from storage.models import License, LicenseStatus

Operation = Callable[[UnitOfWork, License, Act], Awaitable[License]]


class LicenseQuery(Struct, frozen=True, kw_only=True):
    q: str = ""
    status: str | None = None
    batch: str = ""
    user_id: int | None = None
    limit: int = 50
    offset: int = 0


class LicenseRow(Struct, frozen=True, kw_only=True):
    id: int
    key: str  # its last six letters
    plan: str
    days: int
    days_left: float
    status: str
    user: Person | None
    note: str
    batch: str | None
    created_at: str
    redeemed_at: str | None


class Issued(Struct, frozen=True):
    """`keys` can be read this once."""

    plan: str
    days: int
    keys: list[str]


def _sought(text: str) -> str:
    """A whole key, as customers send it, is looked for by its end: nothing more of it is kept."""
    try:
        return license_keys.tail(license_keys.normalise(text))
    except InvalidLicenseKey:
        return text.strip().removeprefix("…")


class Keys:
    def __init__(self, db: Database, pepper: bytes, config: Config, clock: Clock) -> None:
        self._db = db
        self._pepper = pepper
        self._config = config
        self._clock = clock

    async def list_page(self, query: LicenseQuery) -> tuple[list[LicenseRow], int]:
        async with self._db.read() as uow:
            rows, total = await uow.admin.licenses(
                text=_sought(query.q),
                status=LicenseStatus(query.status) if query.status else None,
                batch=query.batch,
                user_id=query.user_id,
                limit=query.limit,
                offset=query.offset,
            )
            return await rows_of(uow, rows, self._clock.now()), total

    async def batches(self, text: str, limit: int, offset: int) -> tuple[list[BatchView], int]:
        async with self._db.read() as uow:
            return await license_batches.batches(uow, text=text.strip(), limit=limit, offset=offset)

    async def show(self, license_id: int) -> LicenseRow:
        async with self._db.read() as uow:
            return (await rows_of(uow, [await _require(uow, license_id)], self._clock.now()))[0]

    async def issue(self, plan: str | None, days: int, count: int, note: str, by: Act) -> Issued:
        name = plan or plans.default_plan(self._config)
        if name not in self._config.plans:
            raise Invalid(f"plan: one of {', '.join(self._config.plans)}", field="plan")
        async with self._db.begin() as uow:
            keys = await licenses.issue(uow, Batch(name, days, count, note), self._pepper, by)
        return Issued(name, days, keys)

    async def extend(self, license_id: int, days: int, by: Act) -> LicenseRow:
        return await self._do(license_id, by, lambda uow, key, act: licenses.extend(uow, key, days, act))

    async def suspend(self, license_id: int, by: Act) -> LicenseRow:
        return await self._do(license_id, by, licenses.suspend)

    async def resume(self, license_id: int, by: Act) -> LicenseRow:
        return await self._do(license_id, by, licenses.resume)

    async def revoke(self, license_id: int, by: Act) -> LicenseRow:
        return await self._do(license_id, by, licenses.revoke)

    async def transfer(self, license_id: int, user: str, by: Act) -> LicenseRow:
        """`user`: a username, or `tg:ID`, who may be somebody who has not come yet."""

        async def move(uow: UnitOfWork, key: License, act: Act) -> License:
            receiver = await administration.find_or_create_user(uow, user, act)
            return await licenses.transfer(uow, key, receiver.id, act)

        return await self._do(license_id, by, move)

    async def rotate(self, license_id: int, by: Act) -> str:
        """The new key: this is the only time it can be read."""
        async with self._db.begin() as uow:
            return await licenses.rotate(uow, await _require(uow, license_id), self._pepper, by)

    async def _do(self, license_id: int, by: Act, operation: Operation) -> LicenseRow:
        async with self._db.begin() as uow:
            key = await operation(uow, await _require(uow, license_id), by)
            return (await rows_of(uow, [key], self._clock.now()))[0]


async def rows_of(uow: UnitOfWork, keys: Sequence[License], now: datetime) -> list[LicenseRow]:
    owner_ids = {key.user_id for key in keys if key.user_id is not None}
    owners = await uow.admin.names_of(owner_ids)
    all_keys = await uow.admin.licenses_of(owner_ids)
    left = {key.id: key.remaining_seconds for key in keys}
    for owner in owners.values():
        left |= license_clock.remaining_at(owner, all_keys.get(owner.id, []), now)
    return [
        LicenseRow(
            id=key.id,
            key=key.key_tail,
            plan=key.plan,
            days=key.days,
            days_left=round(left[key.id] / DAY, 1),
            status=key.status.value,
            user=team.person(owners[key.user_id]) if key.user_id in owners else None,
            note=key.note,
            batch=key.batch,
            created_at=iso(key.created_at),
            redeemed_at=iso(key.redeemed_at) if key.redeemed_at else None,
        )
        for key in keys
    ]


async def _require(uow: UnitOfWork, license_id: int) -> License:
    found = await uow.licenses.get(license_id)
    if found is None:
        raise LicenseNotFound
    return found
