"""Users, their TikTok names, reset codes, and what other processes must notice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import Change, ChangeKind, Meta, ResetCode, TiktokName, User

Row = TypeVar("Row")


class AccountRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # Users

    async def get_user(self, user_id: int, *, lock: bool = False) -> User | None:
        """`lock`: nobody else changes the row until this transaction ends."""
        return await self._one(select(User).where(User.id == user_id), lock=lock)

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
        query = select(User).order_by(User.id).limit(limit).offset(offset)
        if text:
            query = query.where(
                or_(User.username.contains(text, autoescape=True), User.telegram_id == _number(text))
            )
        return (await self._session.scalars(query)).all()

    async def count_users(self) -> int:
        return await self._session.scalar(select(func.count()).select_from(User)) or 0

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
        row = await self._session.get(Meta, key)
        return row.value if row else None

    async def set_meta(self, key: str, value: str) -> None:
        await self._session.merge(Meta(key=key, value=value))

    async def _one(self, query: Select[Row], *, lock: bool) -> Row | None:
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
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
