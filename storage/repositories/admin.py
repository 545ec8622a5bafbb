"""Lists and sums that only those who run the installation see."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import AuditEntry, License, LicenseStatus, User, UserRole
from storage.models.money import AccountKind, EntryKind, LedgerAccount, LedgerEntry
from storage.models.notices import Notice
from storage.models.orders import Order, OrderStatus
from storage.models.payments import Payment, PaymentStatus
from storage.models.support import Ticket, TicketSide, TicketStatus
from storage.repositories.broadcasts import license_ends_at

_OPEN = (OrderStatus.PENDING, OrderStatus.PROCESSING)
_MANUAL = "manual"  # the provider that is a person

Found = tuple[Sequence[Any], int]
"""One page, and how many rows there are in all."""


class AdminRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def staff(self, telegram_ids: Iterable[int]) -> Sequence[User]:
        """Whoever has a role, or one of these Telegram accounts."""
        is_staff = or_(User.role != UserRole.USER, User.telegram_id.in_(list(telegram_ids)))
        return (await self._session.scalars(select(User).where(is_staff).order_by(User.id))).all()

    # Lists

    async def users(
        self, *, text: str, role: UserRole | None, is_banned: bool | None, limit: int, offset: int
    ) -> Found:
        """By id. `text`: part of a name, or an id, or a Telegram id."""
        query = select(User)
        if text:
            query = query.where(is_named(text))
        if role is not None:
            query = query.where(User.role == role)
        if is_banned is not None:
            query = query.where(User.is_banned.is_(is_banned))
        return await self._page(query, User.id, limit, offset)

    async def names_of(self, user_ids: Iterable[int]) -> dict[int, User]:
        query = select(User).where(User.id.in_(set(user_ids)))
        return {user.id: user for user in await self._session.scalars(query)}

    async def licenses_of(self, user_ids: Iterable[int]) -> dict[int, list[License]]:
        """In the order their days are used up."""
        query = select(License).where(License.user_id.in_(set(user_ids)))
        found: dict[int, list[License]] = {}
        for row in await self._session.scalars(query.order_by(License.redeemed_at, License.id)):
            if row.user_id is not None:
                found.setdefault(row.user_id, []).append(row)
        return found

    async def licenses(
        self,
        *,
        text: str,
        status: LicenseStatus | None,
        batch: str,
        user_id: int | None,
        limit: int,
        offset: int,
    ) -> Found:
        """Newest first. `text`: the end of a key, or part of a note, batch or owner's name."""
        query = select(License).outerjoin(User, User.id == License.user_id)
        if text:
            query = query.where(
                or_(
                    License.key_tail.endswith(text.upper(), autoescape=True),
                    License.note.icontains(text, autoescape=True),
                    License.batch == text,
                    is_named(text),
                )
            )
        if status is not None:
            query = query.where(License.status == status)
        if batch:
            query = query.where(License.batch == batch)
        if user_id is not None:
            query = query.where(License.user_id == user_id)
        return await self._page(query, License.id.desc(), limit, offset)

    async def audit(
        self,
        *,
        actor: str,
        action: str,
        subject: str,
        without: Iterable[str],
        limit: int,
        offset: int,
    ) -> Found:
        """Newest first. `action`: how it begins; `without`: beginnings that are left out."""
        query = select(AuditEntry)
        if actor:
            query = query.where(AuditEntry.actor == actor)
        if action:
            query = query.where(AuditEntry.action.startswith(action, autoescape=True))
        if subject:
            query = query.where(AuditEntry.subject == subject)
        for beginning in without:
            query = query.where(~AuditEntry.action.startswith(beginning, autoescape=True))
        return await self._page(query, AuditEntry.id.desc(), limit, offset)

    async def entries(
        self, *, user_id: int | None, kind: EntryKind | None, subject: str, limit: int, offset: int
    ) -> Found:
        """Newest first."""
        query = select(LedgerEntry)
        if user_id is not None:
            query = query.where(LedgerEntry.user_id == user_id)
        if kind is not None:
            query = query.where(LedgerEntry.kind == kind)
        if subject:
            query = query.where(LedgerEntry.subject == subject)
        return await self._page(query, LedgerEntry.id.desc(), limit, offset)

    async def ledger_accounts(self, *, kind: AccountKind | None, limit: int, offset: int) -> Found:
        """Those of the installation first, then by what lies in them."""
        query = select(LedgerAccount)
        if kind is not None:
            query = query.where(LedgerAccount.kind == kind)
        total = await self._session.scalar(select(func.count()).select_from(query.subquery()))
        page = query.order_by(
            LedgerAccount.user_id.is_not(None), LedgerAccount.balance.desc(), LedgerAccount.id
        )
        return (await self._session.scalars(page.limit(limit).offset(offset))).all(), total or 0

    async def orders(
        self,
        *,
        text: str,
        status: OrderStatus | None,
        user_id: int | None,
        is_queue: bool,
        limit: int,
        offset: int,
    ) -> Found:
        """Newest first. `is_queue`: open ones that a person delivers, oldest first."""
        query = select(Order)
        if text:
            is_meant = Order.number.startswith(text.upper(), autoescape=True)
            query = query.where(or_(is_meant, Order.video_id == text))
        if status is not None:
            query = query.where(Order.status == status)
        if user_id is not None:
            query = query.where(Order.user_id == user_id)
        if is_queue:
            query = query.where(Order.status.in_(_OPEN), Order.provider == _MANUAL)
        return await self._page(query, Order.id if is_queue else Order.id.desc(), limit, offset)

    async def payments(
        self,
        *,
        text: str,
        status: PaymentStatus | None,
        has_problem: bool | None,
        user_id: int | None,
        limit: int,
        offset: int,
    ) -> Found:
        """Newest first."""
        query = select(Payment)
        if text:
            query = query.where(Payment.charge_id.startswith(text, autoescape=True))
        if status is not None:
            query = query.where(Payment.status == status)
        if has_problem is not None:
            query = query.where((Payment.problem != "") if has_problem else (Payment.problem == ""))
        if user_id is not None:
            query = query.where(Payment.user_id == user_id)
        return await self._page(query, Payment.id.desc(), limit, offset)

    async def account_kinds(self, account_ids: Iterable[int]) -> dict[int, AccountKind]:
        query = select(LedgerAccount.id, LedgerAccount.kind).where(LedgerAccount.id.in_(set(account_ids)))
        return {row.id: row.kind for row in await self._session.execute(query)}

    # Sums

    async def count_users(self, *wanted: ColumnElement[bool]) -> int:
        return await self._session.scalar(select(func.count()).select_from(User).where(*wanted)) or 0

    async def user_figures(self, now: datetime, day_ago: datetime, week_ago: datetime) -> dict[str, int]:
        ends_at = license_ends_at()
        return {
            "total": await self.count_users(),
            "new_in_week": await self.count_users(User.created_at >= week_ago),
            "seen_in_day": await self.count_users(User.last_seen_at >= day_ago),
            "reachable": await self.count_users(User.is_reachable.is_(True)),
            "banned": await self.count_users(User.is_banned.is_(True)),
            "licensed": await self.count_users(ends_at > now.timestamp()),
            "expired": await self.count_users(ends_at <= now.timestamp()),
        }

    async def license_figures(self) -> dict[str, int]:
        query = select(License.status, func.count()).group_by(License.status)
        found = {row[0].value: row[1] for row in await self._session.execute(query)}
        return {status.value: found.get(status.value, 0) for status in LicenseStatus}

    async def order_figures(self) -> dict[str, int]:
        query = select(Order.status, func.count()).group_by(Order.status)
        found = {row[0].value: row[1] for row in await self._session.execute(query)}
        return {status.value: found.get(status.value, 0) for status in OrderStatus}

    async def money_figures(self) -> dict[str, int]:
        """What lies in the accounts of each kind, in minor units."""
        query = select(LedgerAccount.kind, func.sum(LedgerAccount.balance)).group_by(LedgerAccount.kind)
        found = {row[0].value: int(row[1]) for row in await self._session.execute(query)}
        return {kind.value: found.get(kind.value, 0) for kind in AccountKind}

    async def notices_waiting(self, now: datetime) -> tuple[int, datetime | None]:
        """How many are due, and since when the oldest."""
        query = select(func.count(), func.min(Notice.due_at))
        query = query.where(Notice.done_at.is_(None), Notice.due_at <= now)
        count, oldest = (await self._session.execute(query)).one()
        return count, oldest

    async def count_tickets_waiting(self) -> int:
        query = select(func.count()).select_from(Ticket)
        query = query.where(Ticket.status == TicketStatus.OPEN, Ticket.last_side == TicketSide.USER)
        return await self._session.scalar(query) or 0

    async def _page(self, query: Select[Any], order: Any, limit: int, offset: int) -> Found:
        total = await self._session.scalar(select(func.count()).select_from(query.subquery()))
        page = query.order_by(order).limit(limit).offset(offset)
        return (await self._session.scalars(page)).all(), total or 0


def is_named(text: str) -> ColumnElement[bool]:
    bare = text.removeprefix("@")
    named: list[ColumnElement[bool]] = [
        User.username.icontains(bare, autoescape=True),
        User.telegram_name.icontains(bare, autoescape=True),
        User.first_name.icontains(bare, autoescape=True),
        User.last_name.icontains(bare, autoescape=True),
    ]
    digits = text.removeprefix("tg:")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        named.append(User.telegram_id == int(digits))
        if digits == text and int(digits) < 2**31:
            named.append(User.id == int(digits))
    return or_(*named)
