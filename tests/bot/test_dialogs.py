"""Dialogs in the database, on both of them."""

import asyncio
from datetime import timedelta

import pytest
from aiogram.fsm.storage.base import StorageKey

from bot.dialogs import Dialog, DialogStorage
from storage.db import Database
from tests.fakes import MovedClock

KEY = StorageKey(bot_id=42, chat_id=7, user_id=7)


@pytest.fixture
def dialogs(db: Database) -> DialogStorage:
    return DialogStorage(db, MovedClock())


async def test_a_dialog_begins_nowhere(dialogs: DialogStorage):
    assert await dialogs.get_state(KEY) is None
    assert await dialogs.get_data(KEY) == {}


async def test_state_and_data_are_kept_apart(dialogs: DialogStorage):
    await dialogs.set_data(KEY, {"video": "Видео"})
    await dialogs.set_state(KEY, Dialog.count)
    await dialogs.set_state(KEY, None)

    assert await dialogs.get_state(KEY) is None
    assert await dialogs.get_data(KEY) == {"video": "Видео"}


async def test_people_do_not_share_a_dialog(dialogs: DialogStorage):
    await dialogs.set_state(KEY, Dialog.count)

    assert await dialogs.get_state(StorageKey(bot_id=42, chat_id=8, user_id=8)) is None


async def test_nothing_said_at_the_same_moment_is_lost(dialogs: DialogStorage):
    await asyncio.gather(*[dialogs.update_data(KEY, {f"n{number}": number}) for number in range(20)])

    assert await dialogs.get_data(KEY) == {f"n{number}": number for number in range(20)}


async def test_old_dialogs_and_updates_are_forgotten(db: Database, dialogs: DialogStorage):
    clock = MovedClock()
    await dialogs.set_state(KEY, Dialog.count)
    async with db.begin() as uow:
        await uow.telegram.take_update(1, clock.now(), clock.now())
        later = clock.now() + timedelta(days=1)
        await uow.telegram.delete_dialogs(later)
        await uow.telegram.delete_updates(later)

    assert await dialogs.get_state(KEY) is None
    async with db.begin() as uow:
        assert await uow.telegram.take_update(1, later, later)


async def test_an_update_is_taken_once_at_the_same_moment(db: Database):
    clock = MovedClock()

    async def take() -> bool:
        async with db.begin() as uow:
            return await uow.telegram.take_update(9, clock.now(), clock.now())

    assert sorted(await asyncio.gather(*[take() for _ in range(10)])) == [False] * 9 + [True]


async def test_what_was_taken_and_never_finished_may_be_taken_again(db: Database):
    clock = MovedClock()
    async with db.begin() as uow:
        await uow.telegram.take_update(9, clock.now(), clock.now())
    clock.move(61)
    async with db.begin() as uow:
        again = await uow.telegram.take_update(9, clock.now(), clock.now() - timedelta(seconds=60))
        await uow.telegram.note_done(9, clock.now())
    clock.move(61)
    async with db.begin() as uow:
        done = await uow.telegram.take_update(9, clock.now(), clock.now() - timedelta(seconds=60))

    assert (again, done) == (True, False)
