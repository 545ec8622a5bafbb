"""Users, their TikTok names, reset codes, and what other processes must notice."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import Change, ChangeKind, Meta, ResetCode, TiktokName, User, UserRole
from storage.repositories.upserts import insert_into

Row = TypeVar("Row")


class AccountRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.noted: list[tuple[int, ChangeKind]] = []

    # Users

    async def get_user(self, user_id: int, *, lock: bool = False) -> User | None:
        """`lock`: nobody else changes the row until this transaction ends. None where it was joined into
        another."""
        query = select(User).where(User.id == user_id, User.joined_into.is_(None))
        return await self._one(query, lock=lock)

    async def get_by_username(self, username: str, *, lock: bool = False) -> User | None:
        """`username` already folded."""
        return await self._one(select(User).where(User.username == username), lock=lock)

    async def get_by_telegram_id(self, telegram_id: int, *, lock: bool = False) -> User | None:
        return await self._one(select(User).where(User.telegram_id == telegram_id), lock=lock)

    async def add_user(self, user: User) -> bool:
        """False: somebody took the username or Telegram account first; nothing is added."""
        return await self._flush(user)

    async def rename_user(self, user: User, username: str) -> bool:
        """False: the name is taken."""
        taken = select(User.id).where(User.username == username, User.id != user.id)
        if await self._session.scalar(taken) is not None:
            return False
        user.username = username
        return await self._flush(user)

    async def list_users(self, *, text: str = "", limit: int = 100, offset: int = 0) -> Sequence[User]:
        query = select(User).where(User.joined_into.is_(None))
        query = query.order_by(User.id).limit(limit).offset(offset)
        if text:
            query = query.where(
                or_(User.username.contains(text, autoescape=True), User.telegram_id == _number(text))
            )
        return (await self._session.scalars(query)).all()

    async def list_admins(self, telegram_ids: Sequence[int]) -> Sequence[User]:
        """By their role, or because the configuration names their Telegram account."""
        is_admin = or_(User.role == UserRole.ADMIN, User.telegram_id.in_(telegram_ids))
        query = select(User).where(is_admin, User.is_banned.is_(False)).order_by(User.id)
        return (await self._session.scalars(query)).all()

    async def count_users(self) -> int:
        query = select(func.count()).select_from(User).where(User.joined_into.is_(None))
        return await self._session.scalar(query) or 0

    async def set_seen(self, user_ids: Collection[int], at: datetime, before: datetime) -> None:
        """That they were here, where it was last noted `before` that moment."""
        is_old = or_(User.last_seen_at.is_(None), User.last_seen_at < before)
        await self._session.execute(
            update(User).where(User.id.in_(user_ids), is_old).values(last_seen_at=at),
            execution_options={"synchronize_session": False},
        )

    # TikTok names

    async def tiktok_names(self, user_id: int) -> Sequence[TiktokName]:
        """Oldest first."""
        query = select(TiktokName).where(TiktokName.user_id == user_id).order_by(TiktokName.id)
        return (await self._session.scalars(query)).all()

    def add_tiktok_name(self, user_id: int, unique_id: str, since: datetime) -> None:
        self._session.add(TiktokName(user_id=user_id, unique_id=unique_id, since=since))

    # Password reset

    async def get_reset_code(self, user_id: int) -> ResetCode | None:
        return await self._one(select(ResetCode).where(ResetCode.user_id == user_id), lock=True)

    def add_reset_code(self, code: ResetCode) -> None:
        self._session.add(code)

    async def delete_reset_code(self, user_id: int) -> None:
        await self._session.execute(delete(ResetCode).where(ResetCode.user_id == user_id))

    # What other processes must notice

    def note_change(self, user_id: int, kind: ChangeKind, at: datetime) -> None:
        """Tell every server, this one too, once the transaction has committed."""
        self._session.add(Change(user_id=user_id, kind=kind, at=at))
        self.noted.append((user_id, kind))

    async def changes_after(self, change_id: int, limit: int = 5_000) -> Sequence[Change]:
        query = select(Change).where(Change.id > change_id).order_by(Change.id).limit(limit)
        return (await self._session.scalars(query)).all()

    async def last_change_id(self) -> int:
        return await self._session.scalar(select(func.max(Change.id))) or 0

    async def delete_changes(self, before: datetime) -> None:
        """All but the newest row, whose id tells a server starting up where to read on."""
        newest = await self.last_change_id()
        await self._session.execute(delete(Change).where(Change.at < before, Change.id < newest))

    # The installation

    async def get_meta(self, key: str) -> str | None:
        return await self._session.scalar(select(Meta.value).where(Meta.key == key))

    async def set_meta(self, key: str, value: str) -> None:
        row = insert_into(self._session, Meta).values(key=key, value=value)
        await self._session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))

    async def keep_meta(self, key: str, value: str) -> str:
        """Set it where it is not set; what it is now."""
        row = insert_into(self._session, Meta).values(key=key, value=value)
        await self._session.execute(row.on_conflict_do_nothing(index_elements=["key"]))
        return await self.get_meta(key) or value

    async def _one(self, query: Select[Row], *, lock: bool) -> Row | None:
        if lock:
            # NO KEY: rows of other tables that refer to this one may still be written meanwhile, else
            # a writer of the ledger would wait for us while we wait for the ledger's lock.
            query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def _flush(self, row: Any) -> bool:
        try:
            async with self._session.begin_nested():
                self._session.add(row)
                await self._session.flush()
        except IntegrityError:
            return False
        return True


def _number(text: str) -> int:
    digits = text.removeprefix("tg:")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else -1
