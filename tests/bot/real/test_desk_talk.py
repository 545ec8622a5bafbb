"""The operators' desk: tickets and broadcasts, and what support may not do."""

import asyncio
from typing import Any

import pytest

from bot.front import Front
from core.audit import Act
from core.broadcasts import Draft
from storage.models import HistoryRow
from tests.bot.real.conftest import find
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram


async def test_a_ticket_is_answered_and_closed(desk: Person, ann: Person):
    await ann.asks("/support Why is it so quiet?")
    await desk.hears("Why is it so quiet?")
    await desk.asks("/admin")
    await desk.presses("Tickets")
    assert "Why is it so quiet?" in await desk.presses("#1")
    await desk.presses("Answer")
    await desk.asks("Press the screen once.")
    await ann.hears("Press the screen once.")

    await desk.asks("/admin")
    await desk.presses("Tickets")
    await desk.presses("#1")
    assert "☑️ closed" in await desk.presses("Close")
    await ann.hears("is closed")


async def test_a_ticket_shows_what_its_account_last_heard(desk: Person, ann: Person, front: Front, user_id):
    await ann.asks("/activate")
    await ann.presses("Try")
    at, me = front.services.clock.now(), await user_id(ann)
    became: list[tuple[str, dict[str, Any]]] = [
        ("gift", {"heard_by": ["player"], "fired": [1]}),
        ("chat", {"dropped": "backlog"}),
        ("follow", {"fired": [1]}),
        ("share", {}),
    ]
    async with front.services.db.begin() as uow:
        for seq, (kind, data) in enumerate(became):
            row = HistoryRow(user_id=me, message_id=f"m{seq}", seq=seq, at=at, type=kind, data=data)
            uow.history._session.add(row)
    await ann.asks("/support Why is it so quiet?")

    told = await desk.hears("Why is it so quiet?")
    await desk.asks("/admin")
    await desk.presses("Tickets")
    card = await desk.presses("#1")

    for text in (told, card):
        assert "License: Standard 20" in text
        assert "LIVE: off" in text
        assert text.index("gift · 📨 sent, not played") < text.index("chat line · ⏭ left out")
        assert "new follower · 🔇 nobody listened" in text
        assert "LIVE shared · nothing to play" in text


async def test_whoever_answers_reads_no_codes(desk: Person, ann: Person, front: Front, user_id):
    await desk.asks("/language")
    await desk.presses("Русский")
    await ann.asks("/activate")
    await ann.presses("Try")
    at, me = front.services.clock.now(), await user_id(ann)
    async with front.services.db.begin() as uow:
        row = HistoryRow(user_id=me, message_id="m", seq=1, at=at, type="gift", data={"heard_by": ["player"]})
        uow.history._session.add(row)
    await ann.asks("/support Why is it so quiet?")

    told = await desk.hears("Why is it so quiet?")

    assert "Лицензия: Standard 20" in told
    assert "LIVE: выключен" in told
    assert "подарок · 📨" in told


async def test_tickets_have_pages(desk: Person, front: Front, telegram: FakeTelegram, robot):
    people = [Person(telegram, 200 + number, name=f"P{number}") for number in range(4)]
    for person in people:
        await person.asks("/start")
        for number in range(3):
            by = Act(f"tg:{person.id}", front.services.clock.now())
            async with front.services.db.read() as uow:
                user = await uow.accounts.get_by_telegram_id(person.id)
                assert user
            await front.services.tickets.open(user.id, "support", f"Question {number}", by)

    for number in range(1, 13):  # all are told, so that none comes between what follows
        await desk.hears(f"💬 Question {number}:")
    await desk.asks("/admin")
    assert "12 open tickets" in await desk.presses("Tickets")
    await desk.presses("➡️")

    assert sum(one["callback_data"].startswith("adm:t:") for one in desk.buttons()) == 4


@pytest.fixture
async def draft(desk: Person, ann: Person) -> Person:
    """The boss, with the draft of a broadcast on the desk."""
    await ann.asks("/start")
    await desk.presses("Broadcasts")
    await desk.presses("New broadcast")
    assert "longer than 3500" in await desk.asks("x" * 3_501)
    assert "draft" in await desk.asks("en: News <for> all\nru: Новости")
    return desk


def shown(desk: Person) -> dict[str, Any]:
    """The message that is about the broadcast: its previews come behind it."""
    return next(one for one in reversed(desk.chat) if "📣 #" in one["text"])


async def test_a_broadcast_is_tried_in_each_of_its_languages(draft: Person, ann: Person):
    await draft.hears("This is how it will look:\n\nNews <for> all")
    await draft.hears("This is how it will look:\n\nНовости")

    await draft.presses("Send it", shown(draft))

    assert draft.screen.count("This is how it will look") == 2
    assert "News" not in ann.screen


async def test_a_draft_that_is_looked_at_again_still_says_to_how_many_it_goes(draft: Person, ann: Person):
    await draft.hears("This is how it will look")
    card = shown(draft)

    await draft.presses("Look again", card)

    assert "2 left" in card["text"]


async def test_a_broadcast_is_sent_after_a_yes(draft: Person, ann: Person):
    await draft.hears("This is how it will look")
    card = shown(draft)
    await draft.presses("Send it", card)
    assert "Send it to 2 people?" in card["text"]
    assert "News" not in ann.screen

    await draft.presses("Yes", card)
    await ann.hears("News <for> all")


async def test_a_broadcast_is_paused_goes_on_and_is_stopped(draft: Person, ann: Person, robot, front: Front):
    await draft.hears("This is how it will look")
    robot.mailer._broadcasts = Nothing()  # nobody is sent anything while we look at the buttons
    card = shown(draft)
    for button, outcome in (
        ("Send it", "Send it to"),
        ("Yes", "being sent"),
        ("Pause", "paused"),
        ("Go on", "being sent"),
        ("Stop", "for good"),
        ("Yes", "stopped"),
    ):
        await draft.presses(button, card)
        assert outcome in card["text"]


class Nothing:
    async def next_batch(self, _limit: int) -> list[object]:
        return []


@pytest.fixture
async def helper(telegram: FakeTelegram, robot, front: Front, user_id) -> Person:
    """Somebody of the role `support`."""
    helper = Person(telegram, 55, name="Helper")
    await helper.asks("/start")
    by = Act("cli", front.services.clock.now())
    await front.services.admin.people.set_role(await user_id(helper), "support", by)
    front.services.access.drop(await user_id(helper))
    return helper


async def test_support_sees_no_money_and_does_nothing_with_it(helper: Person, ann: Person, user_id):
    await ann.asks("/start")
    card = await find(helper, ann)

    assert "USD" not in card
    assert [one["text"] for one in helper.buttons()] == ["⬅️ Desk"]
    helper.chat[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = (
        f"adm:ask:credit:{await user_id(ann)}"
    )
    await helper.presses(f"adm:ask:credit:{await user_id(ann)}")
    assert await helper.hears("out of date")


async def test_for_others_there_is_no_desk(ann: Person):
    assert "did not understand" in await ann.asks("/admin")


async def test_a_broadcast_weathers_refusals_and_waits(desk: Person, front: Front, telegram: FakeTelegram):
    people = [Person(telegram, 300 + number, name=f"P{number}") for number in range(12)]
    for person in people:
        await person.asks("/start")
    gone, here = people[:4], people[4:]
    telegram.blocked |= {person.id for person in gone}
    by = Act(f"tg:{desk.id}", front.services.clock.now())
    cast = await front.services.broadcasts.create(Draft({"en": "Big news"}), by)
    for _ in range(6):
        telegram.inject("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    await front.services.broadcasts.start(cast.id, by)

    for person in here:
        await person.hears("Big news")
    await until_done(front, cast.id)
    assert [person.screen.count("Big news") for person in people] == [0] * 4 + [1] * 8
    progress = (await front.services.broadcasts.get(cast.id)).progress
    assert (progress.sent, progress.blocked, progress.failed, progress.unsure) == (9, 4, 0, 0)
    async with front.services.db.read() as uow:
        users = [await uow.accounts.get_by_telegram_id(person.id) for person in people]
    assert [user.is_reachable for user in users if user] == [False] * 4 + [True] * 8


async def until_done(front: Front, cast_id: int) -> None:
    async with asyncio.timeout(30):
        while (await front.services.broadcasts.get(cast_id)).status != "done":
            await asyncio.sleep(0.05)


async def test_people_are_answered_while_a_broadcast_waits(
    desk: Person, ann: Person, boris: Person, front: Front, telegram: FakeTelegram
):
    await ann.asks("/start")
    await boris.asks("/start")
    by = Act(f"tg:{desk.id}", front.services.clock.now())
    cast = await front.services.broadcasts.create(Draft({"en": "Big news"}, language="en"), by)
    seen = len(telegram.sent("sendMessage"))
    telegram.inject("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)
    await front.services.broadcasts.start(cast.id, by)
    await telegram.until(lambda: len(telegram.sent("sendMessage")) > seen)

    assert "Что я умею" in await boris.asks("/help")
    await ann.hears("Big news")
