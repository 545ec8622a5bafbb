"""Where people stand in their dialogs, kept in the database: a restart in the middle loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import (
    BaseEventIsolation,
    BaseStorage,
    DefaultKeyBuilder,
    StateType,
    StorageKey,
)

from core.clock import Clock
from core.tasks import TaskPool
from storage.db import Database
from storage.shared.lanes import Lanes
from storage.shared.reach import Reach


class Dialog(StatesGroup):
    """What the next message answers."""

    key = State()
    amount = State()
    link = State()
    count = State()
    quote = State()
    question = State()
    answer = State()  # to a ticket
    staff = State()  # what an operator was asked; the data say for what
    sure = State()  # they are about to do something that wants a yes
    tiktok = State()


class DialogStorage(BaseStorage):
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._keys = DefaultKeyBuilder(with_bot_id=True, with_destiny=True)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        async with self._db.begin() as uow:
            await uow.telegram.save_dialog(self._keys.build(key), self._clock.now(), state=name)

    async def get_state(self, key: StorageKey) -> str | None:
        async with self._db.read() as uow:
            dialog = await uow.telegram.get_dialog(self._keys.build(key))
        return dialog.state if dialog else None

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        async with self._db.begin() as uow:
            await uow.telegram.save_dialog(self._keys.build(key), self._clock.now(), data=dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        async with self._db.read() as uow:
            dialog = await uow.telegram.get_dialog(self._keys.build(key))
        return dialog.data if dialog else {}

    async def update_data(self, key: StorageKey, data: Mapping[str, Any]) -> dict[str, Any]:
        async with self._db.begin() as uow:
            return await uow.telegram.patch_dialog(self._keys.build(key), data, self._clock.now())

    async def close(self) -> None:
        """The database is not ours to close."""


class OneAtATime(BaseEventIsolation):
    """One person's updates are handled one after the other: a double click cannot race itself."""

    def __init__(self, tasks: TaskPool, reach: Reach | None) -> None:
        """`reach`: to where updates of the same person wait that came to other processes."""
        self._tasks = tasks
        self._lanes = Lanes(reach, "dialog") if reach else None
        self._keys = DefaultKeyBuilder(with_bot_id=True, with_destiny=True)
        self._locks: WeakValueDictionary[StorageKey, asyncio.Lock] = WeakValueDictionary()

    def turn_of(self, bot_id: int, telegram_id: int) -> AbstractAsyncContextManager[None]:
        """As an update of that person's would have it: none of theirs is handled meanwhile."""
        return self.lock(StorageKey(bot_id=bot_id, chat_id=telegram_id, user_id=telegram_id))

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncIterator[None]:
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock, self._lane(key):
            yield

    @asynccontextmanager
    async def _lane(self, key: StorageKey) -> AsyncIterator[None]:
        if self._lanes is None:
            yield
            return
        lane = self._lanes.lane(self._keys.build(key))
        staying = self._tasks.spawn(lane.stay(), name="lane")
        try:
            await lane.enter()
            yield
        finally:
            staying.cancel()
            await lane.leave()

    async def close(self) -> None:
        """Locks end with those who hold them."""
