"""Notes about the whole database, which every process writes."""

import asyncio

from storage.db import Database


async def test_many_processes_note_the_same_at_once(db: Database) -> None:
    async def note(value: int) -> None:
        async with db.begin() as uow:
            await uow.accounts.set_meta("ready_at", str(value))
            assert await uow.accounts.get_meta("ready_at") == str(value)

    await asyncio.gather(*map(note, range(8)))


async def test_what_is_kept_is_what_the_first_one_said(db: Database) -> None:
    async def keep(value: int) -> str:
        async with db.begin() as uow:
            return await uow.accounts.keep_meta("secrets", str(value))

    told = await asyncio.gather(*map(keep, range(8)))

    assert len(set(told)) == 1


async def test_a_password_in_the_address_is_never_shown() -> None:
    db = Database("postgresql+asyncpg://ttboost:pl4nted@127.0.0.1:9/ttboost")

    assert db.shown_url == "postgresql+asyncpg://ttboost:***@127.0.0.1:9/ttboost"
    await db.close()
