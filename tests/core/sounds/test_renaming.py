"""A sound's new name, and what follows it."""

import pytest

from core.clock import Clock
from core.errors import Invalid, SoundExists, SoundNotFound
from core.sounds.renaming import rename
from storage.models import ChangeKind
from tests.core.sounds.rows import add_account, add_sound, add_trigger, plays


async def renamed(db, account, filename, wanted):
    async with db.begin() as uow:
        return await rename(uow, account, filename, wanted, Clock())


async def played_by_triggers(db, account):
    async with db.read() as uow:
        return [row.params.get("sound_filename") for row in await uow.triggers.list_all(account)]


async def setting(db, account):
    async with db.read() as uow:
        return (await uow.accounts.get_user(account)).settings.get("default_gift_sound")


async def names(db, account):
    async with db.read() as uow:
        return [row.filename for row in await uow.sounds.list_all(account)]


async def test_triggers_and_the_default_sound_follow(db):
    account = await add_account(db, default_gift_sound="ROSE.mp3", tts_volume=7)
    await add_sound(db, account, "rose.mp3")
    for filename in ("Rose.mp3", "bell", "rose.mp3"):
        await add_trigger(db, account, plays(filename))
    await add_trigger(db, account, {"type": "tts", "text_template": "rose.mp3"})

    view = await renamed(db, account, "ROSE.MP3", "Роза.mp3")

    assert (view.filename, await names(db, account)) == ("Роза.mp3", ["Роза.mp3"])
    assert await played_by_triggers(db, account) == ["Роза.mp3", "bell", "Роза.mp3", None]
    assert await setting(db, account) == "Роза.mp3"
    async with db.read() as uow:
        assert [one.kind for one in await uow.accounts.changes_after(0)] == [ChangeKind.SETUP]


async def test_only_the_letters_case_may_change(db):
    account = await add_account(db)
    await add_sound(db, account, "rose.mp3")

    assert (await renamed(db, account, "rose.mp3", "Rose.mp3")).filename == "Rose.mp3"


@pytest.mark.parametrize("wanted", ["Bell.MP3", "CHIME"], ids=["own", "built in"])
async def test_a_name_that_is_taken_is_refused_and_nothing_changes(db, wanted):
    account = await add_account(db)
    await add_sound(db, account, "rose.mp3")
    await add_sound(db, account, "bell.mp3")
    await add_trigger(db, account, plays("rose.mp3"))

    with pytest.raises(SoundExists):
        await renamed(db, account, "rose.mp3", wanted)

    assert await names(db, account) == ["bell.mp3", "rose.mp3"]
    assert await played_by_triggers(db, account) == ["rose.mp3"]


@pytest.mark.parametrize("wanted", ["", "  ", "..", "../", "\u200b"])
async def test_a_name_of_nothing_is_refused(db, wanted):
    account = await add_account(db)
    await add_sound(db, account, "rose.mp3")

    with pytest.raises(Invalid) as raised:
        await renamed(db, account, "rose.mp3", wanted)
    assert raised.value.details["field"] == "filename"


@pytest.mark.parametrize("wanted", ["a/b", "a\\b", "<b>.mp3", "what?", ".hidden", "end.", "n" * 101])
async def test_a_name_that_would_become_another_is_refused(db, wanted):
    account = await add_account(db)
    await add_sound(db, account, "rose.mp3")

    with pytest.raises(Invalid):
        await renamed(db, account, "rose.mp3", wanted)
    assert await names(db, account) == ["rose.mp3"]


async def test_only_what_nobody_sees_goes(db):
    account = await add_account(db)
    await add_sound(db, account, "rose.mp3")

    assert (await renamed(db, account, "rose.mp3", " a  b\u200b.mp3 ")).filename == "a b.mp3"


async def test_anothers_sound_and_a_built_in_one_keep_their_names(db):
    account, other = await add_account(db), await add_account(db, "other")
    await add_sound(db, other, "rose.mp3")

    for filename in ("rose.mp3", "chime"):
        with pytest.raises(SoundNotFound):
            await renamed(db, account, filename, "mine.mp3")
