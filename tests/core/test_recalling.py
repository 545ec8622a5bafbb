"""What a studio knows of what happened before its process died, as far as that was written."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core import jobs, recalling
from core.allowance import DAY
from core.config import Plan
from core.live.events import EventType, Fact
from core.plan_limits import Terms
from core.settings import Settings
from core.triggers.marks import STREAM_SECONDS, Mark, marks_of
from core.triggers.model import ConditionKey
from storage.db import DatabaseError
from storage.models import SpokenDay, TriggerMark
from tests.core.people import person
from tests.studio_kit import ANN, BOB, Kit, bell, chat, gift, heard

FIRST = (ConditionKey.FIRST_TIME, "true")
TRIGGERS = [
    bell(1, EventType.VIEWER_FIRST_MESSAGE),
    bell(2, EventType.CHAT, once_per_stream=True),
    bell(3, EventType.CHAT, cooldown_seconds=3600),
    bell(4, EventType.CHAT, user_cooldown_seconds=3600),
    bell(5, EventType.CHAT, cooldown_seconds=5),
    bell(6, EventType.GIFT, FIRST),
]
SMALL = Plan(title="Small", speech_characters_per_day=100)


@pytest.fixture
async def host(db):
    return await person(db, 1001)


@pytest.fixture
def opened(db, host):
    """A studio of a process that has just begun; `room_id`: the LIVE it finds."""
    moved = []

    async def open_(room_id: str = "7001") -> Kit:
        kit = Kit(Settings(tiktok_username="host"), TRIGGERS, user_id=host.id, db=db)
        kit.studio.ended()
        kit.clock.seconds = moved[-1].clock.seconds if moved else kit.clock.seconds
        moved.append(kit)
        kit.crew.allowance.set_terms(host.id, Terms(SMALL, {"small": SMALL}))
        kit.crew.allowance.on_used = kit.journal.lasting.spoke
        lasted = await recalling.read(db, host.id, kit.clock.now())
        recalling.remind(kit.studio, lasted, kit.crew)
        kit.studio.began(room_id, is_new=True)
        kit.ears = kit.listen()
        return kit

    return open_


def fired(kit: Kit) -> list[int]:
    """By which triggers what was just heard rang."""
    effects = [one for message in heard(kit.ears) for one in message.get("effects", [])]
    return sorted(effect["trigger_id"] for effect in effects)


async def test_what_fired_once_is_not_done_again_after_a_death(opened):
    before = await opened()
    before.happen(chat("hello", ANN))
    assert fired(before) == [1, 2, 3, 4, 5]
    await before.journal.flush()

    after = await opened()
    after.happen(chat("hello again", ANN))
    assert fired(after) == [5]
    after.happen(chat("hello", BOB))
    assert fired(after) == [1, 4]


async def test_cooldowns_end_when_they_would_have(opened):
    before = await opened()
    before.happen(chat("hello", ANN))
    await before.journal.flush()
    before.clock.move(3599)
    after = await opened()
    after.happen(chat("hello", ANN))
    assert fired(after) == [5]

    after.wait(2)
    after.happen(chat("hello", ANN))
    assert fired(after) == [3, 4]


async def test_another_broadcast_begins_anew_but_for_cooldowns(opened):
    before = await opened()
    before.happen(chat("hello", ANN))
    await before.journal.flush()

    after = await opened("7002")
    after.happen(chat("hello", ANN))
    assert fired(after) == [1, 2, 5]


async def test_a_first_gift_is_the_first_once(opened):
    before = await opened()
    before.happen(gift(1, over=True))
    assert fired(before) == [6]
    await before.journal.flush()

    after = await opened()
    after.happen(gift(1, over=True, group=10))
    assert fired(after) == []


async def test_who_wrote_without_being_greeted_is_no_newcomer_either(opened):
    before = await opened()
    before.equip(Settings(tiktok_username="host"), [])
    before.happen(chat("hello", ANN))
    before.journal.write_soon(before.studio.stage.tally)
    await before.journal.flush()

    after = await opened()
    after.happen(chat("hello again", ANN))
    assert 1 not in fired(after)


async def test_what_was_not_written_yet_is_lost(opened):
    before = await opened()
    before.happen(chat("hello", ANN))

    after = await opened()
    after.happen(chat("hello", ANN))
    assert fired(after) == [1, 2, 3, 4, 5]


async def test_the_days_speech_goes_on(opened, host):
    before = await opened()
    assert before.crew.allowance.allow(host.id, 60)
    await before.journal.flush()
    before.clock.move(DAY / 2)

    after = await opened()
    assert not after.crew.allowance.allow(host.id, 41)
    assert after.crew.allowance.allow(host.id, 40)
    await after.journal.flush()
    after.clock.move(DAY / 2)

    next_day = await opened()
    assert next_day.crew.allowance.allow(host.id, 100)


async def test_what_two_processes_spoke_adds_up(opened, host):
    one = await opened()
    one.crew.allowance.allow(host.id, 60)
    await one.journal.flush()
    other = await opened()
    other.crew.allowance.allow(host.id, 30)
    await other.journal.flush()

    await recalling.know_day(one.db, one.crew.allowance, host.id, one.clock)

    assert not one.crew.allowance.allow(host.id, 11)
    assert one.crew.allowance.allow(host.id, 10)


async def test_marks_that_could_not_be_written_are_written_later(opened, db, host):
    kit = await opened()
    kit.crew.allowance.allow(host.id, 10)
    kit.happen(chat("hello", ANN))
    async with AsyncSession(db.engine) as session, session.begin():
        await session.execute(text("ALTER TABLE spoken_days RENAME TO away"))
    with pytest.raises(DatabaseError):
        await kit.journal.flush()
    async with AsyncSession(db.engine) as session, session.begin():
        await session.execute(text("ALTER TABLE away RENAME TO spoken_days"))
    kit.crew.allowance.allow(host.id, 20)
    await kit.journal.flush()

    after = await opened()
    after.happen(chat("hello again", ANN))
    assert fired(after) == [5]
    assert not after.crew.allowance.allow(host.id, 71)


async def test_what_is_over_is_forgotten(opened, db, host):
    kit = await opened()
    kit.crew.allowance.allow(host.id, 10)
    kit.happen(chat("hello", ANN))
    await kit.journal.flush()
    now = kit.clock.now()

    async def rows(kind):
        async with AsyncSession(db.engine) as session:
            return await session.scalar(select(func.count()).select_from(kind))

    assert (await rows(TriggerMark), await rows(SpokenDay)) == (4, 1)
    kit.clock.move(3600)
    assert await jobs.forget_marks(db, kit.clock) == 2  # the cooldowns
    kit.clock.move(STREAM_SECONDS)
    assert await jobs.forget_marks(db, kit.clock) == 2
    assert (await rows(TriggerMark), await rows(SpokenDay)) == (0, 0)
    assert kit.clock.now() - now > timedelta(seconds=STREAM_SECONDS)


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (TRIGGERS[0], []),
        (TRIGGERS[1], [Mark("once", 2, 0, STREAM_SECONDS)]),
        (TRIGGERS[2], [Mark("cooldown", 3, 0, 3600)]),
        (TRIGGERS[3], [Mark("cooldown", 4, 1, 3600)]),
        (TRIGGERS[4], []),
    ],
)
def test_marks_are_made_of_what_lasts(trigger, expected):
    assert marks_of(trigger, Fact(EventType.CHAT, ANN, text="hello")) == expected
