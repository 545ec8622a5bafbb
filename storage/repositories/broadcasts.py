"""Broadcasts and who they go to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Row,
    Text,
    extract,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import License, LicenseStatus, User
from storage.models.support import Audience, Broadcast, BroadcastRecipient, BroadcastStatus, Delivery

_DEFAULT_LANGUAGE = "en"  # of `core.settings`: what differs is what is kept


def license_ends_at() -> ColumnElement[Any]:
    """Seconds since 1970, as `core.license_clock` counts; null: never had a license."""
    left = select(func.coalesce(func.sum(License.remaining_seconds), 0.0))
    left = left.where(License.user_id == User.id, License.status == LicenseStatus.ACTIVE)
    return extract("epoch", User.license_clock_at) + left.correlate(User).scalar_subquery()


class BroadcastRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, broadcast_id: int, *, lock: bool = False) -> Broadcast | None:
        query = select(Broadcast).where(Broadcast.id == broadcast_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def add(self, broadcast: Broadcast) -> Broadcast:
        self._session.add(broadcast)
        await self._session.flush()
        return broadcast

    async def list_page(
        self, limit: int, offset: int, status: BroadcastStatus | None = None
    ) -> tuple[Sequence[Broadcast], int]:
        """Newest first."""
        query = select(Broadcast)
        if status is not None:
            query = query.where(Broadcast.status == status)
        total = await self._session.scalar(select(func.count()).select_from(query.subquery()))
        page = query.order_by(Broadcast.id.desc()).limit(limit).offset(offset)
        return (await self._session.scalars(page)).all(), total or 0

    async def first_running(self, *, lock: bool = False) -> Broadcast | None:
        query = select(Broadcast).where(Broadcast.status == BroadcastStatus.RUNNING).order_by(Broadcast.id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query.limit(1))).one_or_none()

    # Recipients

    async def count_audience(self, audience: Audience, language: str | None, now: datetime) -> int:
        query = select(func.count()).select_from(User).where(*_audience(audience, language, now))
        return await self._session.scalar(query) or 0

    async def enumerate(self, broadcast: Broadcast, now: datetime) -> None:
        """A row for everybody it goes to, in one statement."""
        chosen = select(literal(broadcast.id), User.id)
        chosen = chosen.where(*_audience(broadcast.audience, broadcast.language, now))
        await self._session.execute(
            insert(BroadcastRecipient).from_select(["broadcast_id", "user_id"], chosen)
        )

    async def claim(self, broadcast_id: int, now: datetime, limit: int) -> Sequence[Row[Any]]:
        """Up to `limit` recipients nobody has been handed, each to one caller only."""
        rows = BroadcastRecipient
        free = select(rows.user_id).where(
            rows.broadcast_id == broadcast_id, rows.outcome.is_(None), rows.claimed_at.is_(None)
        )
        free = free.order_by(rows.user_id).limit(limit).with_for_update(skip_locked=True)
        taken = update(rows).where(rows.broadcast_id == broadcast_id, rows.user_id.in_(free))
        taken = taken.values(claimed_at=now).returning(rows.user_id)
        user_ids = (await self._session.scalars(taken)).all()
        query = select(User.id, User.telegram_id, User.is_reachable, User.settings)
        return (await self._session.execute(query.where(User.id.in_(user_ids)).order_by(User.id))).all()

    async def note(self, broadcast_id: int, user_id: int, outcome: Delivery, now: datetime) -> bool:
        """False: it was noted before."""
        rows = BroadcastRecipient
        noted = update(rows).where(rows.broadcast_id == broadcast_id, rows.user_id == user_id)
        if outcome is Delivery.LATER:
            noted = noted.where(rows.outcome.is_(None)).values(claimed_at=None)
        else:
            is_open = or_(rows.outcome.is_(None), rows.outcome == Delivery.UNSURE)
            noted = noted.where(is_open).values(outcome=outcome, done_at=now)
        return await self._changed(noted) == 1

    async def give_up_claims(self, before: datetime, now: datetime) -> int:
        """What was handed out earlier and never heard of again is not sent a second time."""
        rows = BroadcastRecipient
        lost = update(rows).where(rows.outcome.is_(None), rows.claimed_at < before)
        return await self._changed(lost.values(outcome=Delivery.UNSURE, done_at=now))

    async def is_finished(self, broadcast_id: int) -> bool:
        rows = BroadcastRecipient
        query = select(func.count()).select_from(rows)
        return not await self._session.scalar(
            query.where(rows.broadcast_id == broadcast_id, rows.outcome.is_(None))
        )

    async def outcomes(self, broadcast_id: int) -> dict[Delivery | None, int]:
        """How many of each; None: not yet."""
        rows = BroadcastRecipient
        query = select(rows.outcome, func.count()).where(rows.broadcast_id == broadcast_id)
        return {row[0]: row[1] for row in await self._session.execute(query.group_by(rows.outcome))}

    async def _changed(self, statement: Any) -> int:
        return cast("CursorResult[Any]", await self._session.execute(statement)).rowcount


def _audience(audience: Audience, language: str | None, now: datetime) -> list[ColumnElement[bool]]:
    muted, settings = type_coerce(User.muted, Text), type_coerce(User.settings, Text)
    wanted: list[ColumnElement[bool]] = [
        User.is_reachable.is_(True),
        not_(User.is_banned),
        User.telegram_id.is_not(None),
        not_(muted.contains('"broadcast"')),
    ]
    if audience is Audience.LICENSED:
        wanted.append(license_ends_at() > now.timestamp())
    elif audience is Audience.EXPIRED:
        wanted.append(license_ends_at() <= now.timestamp())
    if language is not None:
        says_so = settings.contains(f'"language":"{language}"')
        says_nothing = not_(settings.contains('"language":'))
        wanted.append(or_(says_so, says_nothing) if language == _DEFAULT_LANGUAGE else says_so)
    return wanted
