"""What the first page shows, and how far somebody has come."""

from datetime import timedelta

import pytest

from core import first_steps, front_page, glance
from core.listener import Listener, Place
from core.live.events import EventType, Followed, ViewersCounted
from core.settings import Settings
from core.triggers.model import Action, ConditionKey
from storage.models import Live, LiveMinute, TriggerRow, User
from tests.studio_kit import BOB, Kit, bell, chat, heard, likes, single_gift
from tests.webapp.fakes import START

ANN = 7
KEPT = timedelta(days=14)
QUIET = Settings(tts_enabled=False, gift_sounds_enabled=False)


@pytest.fixture
async def kit(db):
    async with db.begin() as uow:
        await uow.accounts.add_user(User(id=ANN, username="ann", created_at=START))
    return Kit(db=db)


@pytest.fixture
def kit_alone():
    return Kit()


def seen(studio, clock):
    return glance.of(studio, clock.monotonic()) if studio else None


@pytest.fixture
def page(db, clock):
    async def look(studio):
        async with db.read() as uow:
            return await front_page.look(uow, ANN, seen(studio, clock))

    return look


@pytest.fixture
def steps(db, clock):
    async def look(studio=None, settings=QUIET):
        async with db.read() as uow:
            return await first_steps.look(uow, ANN, seen(studio, clock), settings, clock, KEPT)

    return look


def watching(kit):
    """A page of the Mini App."""
    listener = Listener(Place.MONITOR, "http://host", hears_changes=True)
    kit.studio.join(listener, None)
    heard(listener)
    return listener


async def test_nothing_was_ever_heard(page, kit):
    found = await page(None)

    assert (found.backlog.playing, found.places, found.figures, found.told) == (None, (), None, [])


async def test_a_running_live_is_counted_from_memory_with_what_was_written_before(page, kit, clock):
    kit.happen(single_gift(30), likes(4, 400), Followed(0, 0, BOB), ViewersCounted(0, 0, 12, 90))
    kit.studio.stage.tally.base = {"diamonds": 1000, "follows": 2, "likes_total": 300}

    figures = (await page(kit.studio)).figures

    assert (figures.diamonds, figures.follows, figures.likes) == (1030, 3, 400)
    assert (figures.viewers, figures.ended_at) == (3, None)  # as the supervision says


async def test_the_last_live_is_told_with_its_minutes(page, kit, db):
    async with db.begin() as uow:
        session = uow.lives._session
        for number in (1, 2):
            session.add(Live(id=number, user_id=ANN, unique_id="ann", room_id=str(number), started_at=START,
                             ended_at=START, diamonds=number, peak_viewers=50 + number))  # fmt: skip
        await session.flush()
        session.add(LiveMinute(live_id=2, minute=0, viewers=52, diamonds=2))

    figures = (await page(None)).figures

    assert (figures.diamonds, figures.viewers, [one.viewers for one in figures.minutes]) == (2, 52, [52])


async def test_what_sounds_is_named_by_its_message(page, kit):
    player, monitor = kit.listen(), watching(kit)
    kit.equip(Settings(tiktok_username="host"), [bell(1, EventType.GIFT)])
    kit.happen(single_gift(1))
    [gift] = heard(player, "gift")

    kit.wait(1.1)

    assert [one["playing"] for one in heard(monitor, "queue")][-1] == gift["id"]
    assert (await page(kit.studio)).backlog.playing == gift["id"]
    assert (await page(kit.studio)).places == (Place.PLAYER,)
    kit.wait(10)
    assert [one["playing"] for one in heard(monitor, "queue")][-1] is None


def test_a_page_is_told_when_something_that_plays_comes_or_goes(kit_alone):
    monitor = watching(kit_alone)

    overlay = kit_alone.listen(Place.OVERLAY)
    assert changes(monitor) == ["place"]
    kit_alone.listen(Place.MONITOR)
    assert changes(monitor) == []
    kit_alone.studio.leave(overlay)
    assert changes(monitor) == ["place"]


def test_a_page_is_told_once_that_something_was_played(kit_alone):
    monitor, player = watching(kit_alone), kit_alone.listen()
    changes(monitor)
    kit_alone.happen(chat("one"), chat("two"))

    for message in heard(player, "chat"):
        kit_alone.studio.played(player, message["id"])

    assert changes(monitor) == ["played"]


@pytest.mark.parametrize(
    ("settings", "has_sound"),
    [
        (QUIET, False),
        (Settings(gift_sounds_enabled=False), True),
        (Settings(tts_enabled=False), True),
        (Settings(chat_tts_mode="off", default_gift_sound=None), False),
    ],
)
async def test_reading_the_chat_or_ringing_for_gifts_is_something_to_hear(steps, kit, settings, has_sound):
    assert (await steps(settings=settings)).done["sound"] is has_sound


@pytest.mark.parametrize(
    ("event", "params", "is_enabled", "settings", "found"),
    [
        ("gift", {"type": "play_sound", "sound_filename": "bell"}, True, Settings(), (True, True)),
        ("gift", {"type": "play_sound", "sound_filename": "bell"}, False, Settings(), (False, False)),
        ("gift", {"type": "play_sound", "sound_filename": "bell"}, True, QUIET, (False, False)),
        ("gift", {"type": "tts", "text_template": "hi"}, True, Settings(), (False, True)),
        ("gift", {"type": "tts", "text_template": "hi"}, True, QUIET, (False, False)),
        ("chat", {"type": "play_sound", "sound_filename": "bell"}, True, QUIET, (False, True)),
        ("gift", {"type": "alert", "text_template": "hi"}, True, Settings(), (False, False)),
    ],
)
async def test_triggers_count_where_they_can_be_heard(
    steps, kit, db, event, params, is_enabled, settings, found
):
    key = ConditionKey.GIFT_NAME if event == "gift" else ConditionKey.USERNAME
    async with db.begin() as uow:
        row = TriggerRow(user_id=ANN, event_type=event, conditions=[{"key": key, "value": "rose"}],
                         params=params, action=Action(params["type"]), enabled=is_enabled,
                         created_at=START, updated_at=START)  # fmt: skip
        await uow.triggers.add(row)

    one = await steps(settings=settings)

    assert (one.has_rose, one.has_more) == found


async def test_the_steps_of_somebody_new_begin_with_the_name(steps, kit):
    new, named = await steps(), await steps(settings=Settings(tiktok_username="ann"))

    assert (new.current, named.current) == ("name", "place")
    assert not new.is_over


def changes(listener):
    return [one["what"] for one in heard(listener, "changed")]
