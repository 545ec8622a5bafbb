"""Dialogs, taken updates and cards of the Telegram bot."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.telegram import Card, DialogState, TakenUpdate
from storage.repositories.upserts import insert_into


class TelegramRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # Dialogs

    async def get_dialog(self, key: str, *, lock: bool = False) -> DialogState | None:
        query = select(DialogState).where(DialogState.key == key)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def save_dialog(self, key: str, now: datetime, **values: Any) -> None:
        """Make it or change it, in one statement."""
        made = insert_into(self._session, DialogState).values(
            key=key, updated_at=now, **{"data": {}, **values}
        )
        change = made.on_conflict_do_update(index_elements=["key"], set_={**values, "updated_at": now})
        await self._session.execute(change)

    async def patch_dialog(self, key: str, patch: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Add `patch` to its data; nothing said at the same moment is lost."""
        made = insert_into(self._session, DialogState).values(key=key, updated_at=now, data={})
        await self._session.execute(made.on_conflict_do_nothing(index_elements=["key"]))
        row = await self.get_dialog(key, lock=True)
        data = {**(row.data if row else {}), **patch}
        await self.save_dialog(key, now, data=data)
        return data

    async def delete_dialogs(self, before: datetime) -> None:
        await self._session.execute(delete(DialogState).where(DialogState.updated_at < before))

    # Updates

    async def take_update(self, update_id: int, now: datetime, free_before: datetime) -> bool:
        """False: somebody has dealt with it, or has been dealing with it since `free_before`."""
        made = insert_into(self._session, TakenUpdate).values(update_id=update_id, taken_at=now)
        is_free = TakenUpdate.done_at.is_(None) & (TakenUpdate.taken_at < free_before)
        taken = made.on_conflict_do_update(
            index_elements=["update_id"], set_={"taken_at": now}, where=is_free
        )
        found = await self._session.scalars(taken.returning(TakenUpdate.update_id))
        return found.one_or_none() is not None

    async def note_done(self, update_id: int, now: datetime) -> None:
        await self._session.execute(
            update(TakenUpdate).where(TakenUpdate.update_id == update_id).values(done_at=now)
        )

    async def delete_updates(self, before: datetime) -> None:
        await self._session.execute(delete(TakenUpdate).where(TakenUpdate.taken_at < before))

    # Cards

    async def get_card(self, user_id: int, subject: str) -> int | None:
        """Its message's id."""
        card = await self._session.get(Card, (user_id, subject))
        return card.message_id if card else None

    async def set_card(self, user_id: int, subject: str, message_id: int) -> None:
        made = insert_into(self._session, Card).values(
            user_id=user_id, subject=subject, message_id=message_id
        )
        change = made.on_conflict_do_update(
            index_elements=["user_id", "subject"], set_={"message_id": message_id}
        )
        await self._session.execute(change)

    async def find_card(self, user_id: int, message_id: int) -> str | None:
        """What that message shows."""
        shown = select(Card.subject).where(Card.user_id == user_id, Card.message_id == message_id)
        return await self._session.scalar(shown.limit(1))

    async def delete_card(self, user_id: int, subject: str) -> None:
        await self._session.execute(delete(Card).where(Card.user_id == user_id, Card.subject == subject))
