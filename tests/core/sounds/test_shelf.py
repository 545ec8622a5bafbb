"""What an owner sees of the sounds there are."""

import pytest

from core.sounds import shelf
from core.sounds.builtin import PEAKS
from tests.core.sounds.rows import add_account, add_sound, add_trigger, plays


async def look(db, account, text="", **page):
    async with db.read() as uow:
        return await shelf.look(uow, account, text, **{"limit": 10} | page)


@pytest.fixture
async def account(db):
    made = await add_account(db, default_gift_sound="Bell.mp3")
    for filename in ("rose.mp3", "bell.mp3", "coin"):
        await add_sound(db, made, filename, peaks=[5])
    return made


async def test_the_newest_stand_first_with_what_plays_them(db, account):
    await add_trigger(db, account, plays("ROSE.mp3"), name="Roses")
    await add_trigger(db, account, plays("pop"), name="Pops")

    found = await look(db, account)

    told = [
        (one.filename, [trigger.name for trigger in one.triggers], one.is_default) for one in found.sounds
    ]
    assert told == [("coin", [], False), ("bell.mp3", [], True), ("rose.mp3", ["Roses"], False)]
    assert (found.total, found.owned, found.used) == (3, 3, 3_000)
    assert [one.is_used for one in found.sounds] == [False, True, True]
    assert found.default.filename == "bell.mp3"


async def test_built_in_ones_are_there_unless_an_own_one_hides_them(db, account):
    await add_trigger(db, account, plays("pop"), name="Pops")

    built_in = {one.filename: one for one in (await look(db, account)).builtin}

    assert set(built_in) == {"chime", "bell", "pop", "fanfare"}
    assert built_in["pop"].triggers[0].name == "Pops"
    assert built_in["bell"].peaks == PEAKS["bell"]


async def test_they_are_looked_through_and_paged(db, account):
    found = await look(db, account, "MP3", limit=1, offset=1)

    assert [one.filename for one in found.sounds] == ["rose.mp3"]
    assert (found.total, found.owned) == (2, 3)


async def test_others_sounds_are_not_on_it(db, account):
    other = await add_account(db, "other")

    assert (await look(db, other)).sounds == []
    assert (await look(db, other)).default.filename == "chime"
