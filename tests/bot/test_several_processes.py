"""The bot as two processes that Telegram's updates come to in turn, with one database and one Redis."""

import asyncio
from dataclasses import replace

import pytest
from aiogram.fsm.storage.base import StorageKey

from bot.app import LEASE, build_feeds, make_bot
from bot.dialogs import OneAtATime
from bot.front import Front
from bot.intake import Intake
from bot.people import People
from bot.turns import turns
from tests.fakes import MovedClock
from tests.reach_kit import by_wire, reaches
from tests.redis_kit import needs_redis

pytestmark = needs_redis

KEY = StorageKey(bot_id=42, chat_id=7, user_id=7)


@pytest.fixture
async def two():
    async with reaches(2) as pair:
        yield pair


async def test_one_person_is_dealt_with_in_one_process_at_a_time(two, front: Front):
    here, there = (OneAtATime(front.services.tasks, reach) for reach in two)
    seen = []

    async def handle(isolation):
        async with isolation.lock(KEY):
            seen.append("in")
            await asyncio.sleep(0.05)
            seen.append("out")

    await asyncio.gather(*[handle(one) for one in (here, there, here, there)])

    assert seen == ["in", "out"] * 4


async def test_another_person_does_not_wait(two, front: Front):
    here, there = (OneAtATime(front.services.tasks, reach) for reach in two)
    other = StorageKey(bot_id=42, chat_id=8, user_id=8)

    async with here.lock(KEY), asyncio.timeout(30), there.lock(other):
        pass


async def test_an_update_that_comes_to_both_is_handled_once(two, front: Front, telegram):
    bots = [make_bot(front.services.config) for _ in two]
    intakes = []
    for reach, bot in zip(two, bots, strict=True):
        own = replace(front, services=replace(front.services, reach=reach))
        intakes.append(
            Intake(own, build_feeds(own, People(own), OneAtATime(own.services.tasks, reach)), bot, LEASE)
        )
    update = {
        "update_id": 5,
        "message": {
            "message_id": 1,
            "date": 0,
            "text": "/help",
            "chat": {"id": 7, "type": "private"},
            "from": {"id": 7, "is_bot": False, "first_name": "Ann"},
        },
    }

    await asyncio.gather(*[one.deliver(update, may_wait=False) for one in intakes * 3])
    await asyncio.gather(*[one.drain() for one in intakes])

    assert len(telegram.sent("sendMessage")) == 1
    for bot in bots:
        await bot.session.close()


async def test_processes_share_a_chats_turns(two):
    here, there = (turns(MovedClock(), reach) for reach in two)

    waits = [await one.of_chat(7) for one in (here, there) * 3]

    assert waits[:5] == [0] * 5
    assert waits[5] > 0


async def test_what_telegram_says_to_one_all_heed(two):
    here, there = (turns(MovedClock(), reach) for reach in two)

    await here.hold(7, 30)

    assert await there.of_chat(7) > 29
    assert await there.of_all() == 0


async def test_two_chats_refused_in_two_processes_hold_everything(two):
    here, there = (turns(MovedClock(), reach) for reach in two)

    await here.hold(7, 30)
    await there.hold(8, 30)

    assert await here.of_all() > 29


async def test_one_chat_refused_twice_holds_nobody_else(two):
    here, there = (turns(MovedClock(), reach) for reach in two)

    await here.hold(7, 30)
    await there.hold(7, 30)

    assert await here.of_all() == 0


async def test_without_redis_a_process_heeds_what_it_was_told_itself():
    async with by_wire() as (reach, wire):
        here = turns(MovedClock(), reach)
        await wire.cut()

        await here.hold(7, 30)

        assert await here.of_chat(7) == 30
