import asyncio

import pytest

from core.audit import Act
from core.config import Config, Telegram
from core.errors import Invalid, NotFound, TicketClosed, TicketFull, TooManyTickets
from core.live.source import LiveState, LiveStatus
from core.money import ledger
from core.money.ledger import Movement
from core.tickets import MAX_MESSAGES, MAX_OPEN, MAX_TEXT, Tickets
from storage.db import Database
from storage.models import AccountKind, EntryKind, HistoryRow, TicketSide, UserRole
from tests.core.people import AT, act, audited, notices_of, person
from tests.fakes import MovedClock


class Blocked:
    """A LIVE that TikTok does not let us hear."""

    async def status(self, user_id: int) -> LiveStatus:
        return LiveStatus(LiveState.FAILED, AT, error_code="blocked")


@pytest.fixture
def tickets(db: Database, config: Config, clock: MovedClock) -> Tickets:
    return Tickets(db, config, clock, Blocked())


@pytest.fixture
async def ann(db: Database):
    return await person(db, 1001, first_name="Ann", last_name="Lee", settings={"tiktok_username": "ann"})


@pytest.fixture
async def admin(db: Database):
    return await person(db, 1, role=UserRole.ADMIN)


@pytest.fixture
async def support(db: Database):
    return await person(db, 2, role=UserRole.SUPPORT)


async def test_a_ticket_reaches_everybody_who_may_answer(tickets, db, ann, admin, support):
    await person(db, 1002)

    opened = await tickets.open(ann.id, "support", "  no sound  ", act(ann))

    assert (opened.status, opened.waiting_for, opened.user.name) == ("open", "staff", "Ann Lee")
    for one in (admin, support):
        (notice,) = await notices_of(db, one)
        told = {name: notice.data[name] for name in ("ticket_id", "topic", "event", "side", "text")}
        assert told == {
            "ticket_id": opened.id,
            "topic": "support",
            "event": "opened",
            "side": "user",
            "text": "no sound",
        }
        assert notice.data["user"]["telegram_id"] == 1001
    assert await notices_of(db, ann) == []


async def test_whom_the_configuration_names_is_told_too(db, config, clock, ann):
    boss = await person(db, 77)
    named = config.model_copy(update={"telegram": Telegram(admin_ids=[77])})

    await Tickets(db, named, clock, Blocked()).open(ann.id, "support", "help", act(ann))

    assert len(await notices_of(db, boss)) == 1


async def test_a_ticket_carries_the_account_as_it_was(tickets, db, ann, admin, support):
    async with db.begin() as uow:
        paid = Movement(kind=EntryKind.TOP_UP, key="t", by=act(ann), subject="INV-1")
        await ledger.credit(uow, ann.id, 500, AccountKind.STARS, paid)
        data = {"user": {"username": "bob", "nickname": "Bob"}, "message": "hi", "dropped": "x"}
        uow.history._session.add(
            HistoryRow(user_id=ann.id, message_id="m1", seq=1, at=AT, type="chat", data=data)
        )

    opened = await tickets.open(ann.id, "payment", "where is my money", act(ann))

    snapshot = opened.snapshot
    assert snapshot["tiktok_username"] == "ann"
    assert snapshot["live"]["error_code"] == "blocked"
    assert snapshot["license"] == {"plan": None, "title": None, "expires_at": None, "is_live": False}
    assert snapshot["money"]["available"] == 500
    assert snapshot["money"]["entries"][0]["subject"] == "INV-1"
    assert [event["type"] for event in snapshot["history"]] == ["chat"]
    assert "bob" not in str(snapshot).lower()


async def test_support_is_told_nothing_of_money(tickets, db, ann, admin, support):
    await tickets.open(ann.id, "payment", "where is my money", act(ann))

    assert "money" in (await notices_of(db, admin))[0].data["snapshot"]
    assert "money" not in (await notices_of(db, support))[0].data["snapshot"]


async def test_an_answer_reaches_the_user_and_the_next_question_the_staff(tickets, db, ann, support):
    opened = await tickets.open(ann.id, "support", "no sound", act(ann))

    answered = await tickets.say(opened.id, Act("tg:2", AT), "open the player")
    asked = await tickets.say(opened.id, Act("tg:1001", AT), "thanks")

    (told,) = await notices_of(db, ann)
    assert (told.data["text"], told.data["side"], told.data["event"]) == ("open the player", "staff", "said")
    assert [one.data["text"] for one in await notices_of(db, support)] == ["no sound", "thanks"]
    assert (await notices_of(db, support))[1].data["snapshot"] == {}
    assert (answered.waiting_for, asked.waiting_for) == ("user", "staff")
    assert [(line.side, line.text) for line in asked.messages] == [
        ("user", "no sound"),
        ("staff", "open the player"),
        ("user", "thanks"),
    ]
    assert await audited(db) == [("tg:2", "ticket.answer", f"ticket:{opened.id}")]


async def test_to_a_stranger_a_ticket_does_not_exist(tickets, db, ann):
    opened = await tickets.open(ann.id, "support", "no sound", act(ann))
    stranger = await person(db, 1002)
    banned = await person(db, 3, role=UserRole.SUPPORT, is_banned=True)

    for by in (act(stranger), act(banned), Act("tg:99", AT), Act("cli", AT)):
        with pytest.raises(NotFound):
            await tickets.say(opened.id, by, "hello")
        with pytest.raises(NotFound):
            await tickets.close(opened.id, by)


async def test_what_staff_closed_is_told_and_takes_no_more(tickets, db, ann, support):
    opened = await tickets.open(ann.id, "support", "no sound", act(ann))

    closed = await tickets.close(opened.id, act(support))

    assert (closed.status, closed.waiting_for) == ("closed", None)
    assert [one.data["event"] for one in await notices_of(db, ann)] == ["closed"]
    assert (await audited(db))[-1] == (f"user:{support.id}", "ticket.close", f"ticket:{opened.id}")
    for by in (ann, support):
        with pytest.raises(TicketClosed):
            await tickets.say(opened.id, act(by), "one more thing")


async def test_a_user_closes_a_ticket_quietly(tickets, db, ann, support):
    opened = await tickets.open(ann.id, "support", "no sound", act(ann))

    await tickets.close(opened.id, act(ann))

    assert await notices_of(db, ann) == []
    assert await tickets.list_open() == ([], 0)


async def test_a_user_has_a_few_tickets_open_and_no_more(tickets, ann):
    for _ in range(MAX_OPEN):
        first = await tickets.open(ann.id, "support", "help", act(ann))

    with pytest.raises(TooManyTickets):
        await tickets.open(ann.id, "support", "help", act(ann))
    await tickets.close(first.id, act(ann))
    await tickets.open(ann.id, "support", "help", act(ann))


async def test_tickets_opened_at_once_are_counted_one_by_one(tickets, ann):
    tries = [tickets.open(ann.id, "support", "help", act(ann)) for _ in range(8)]

    done = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(isinstance(one, TooManyTickets) for one in done) == 8 - MAX_OPEN
    assert (await tickets.list_open())[1] == MAX_OPEN


@pytest.mark.parametrize("text", ["", "   ", "x" * (MAX_TEXT + 1)])
async def test_a_text_has_bounds(tickets, ann, text: str):
    with pytest.raises(Invalid) as refused:
        await tickets.open(ann.id, "support", text, act(ann))

    assert refused.value.details["field"] == "text"


async def test_a_topic_is_one_of_two(tickets, ann):
    with pytest.raises(Invalid):
        await tickets.open(ann.id, "weather", "help", act(ann))


async def test_a_ticket_does_not_grow_for_ever(tickets, db, ann):
    opened = await tickets.open(ann.id, "support", "help", act(ann))
    for _ in range(MAX_MESSAGES - 1):
        await tickets.say(opened.id, act(ann), "hello?")

    with pytest.raises(TicketFull):
        await tickets.say(opened.id, act(ann), "hello?")


async def test_what_waits_longest_is_listed_first(tickets, db, ann, support):
    bob = await person(db, 1002)
    later = Act(f"user:{bob.id}", AT.replace(hour=2))
    first = await tickets.open(ann.id, "support", "help", act(ann))
    second = await tickets.open(bob.id, "payment", "money", later)
    await tickets.say(first.id, act(support, AT.replace(hour=3)), "how?")

    listed, total = await tickets.list_open()
    waiting, _ = await tickets.list_page(waiting_for=TicketSide.STAFF)
    of_ann, _ = await tickets.list_page(user_id=ann.id)

    assert ([one.id for one in listed], total) == ([second.id, first.id], 2)
    assert [one.id for one in waiting] == [second.id]
    assert [one.id for one in of_ann] == [first.id]
    assert listed[0].messages is None


async def test_an_unknown_ticket_is_not_found(tickets, admin):
    with pytest.raises(NotFound):
        await tickets.get(99)
    with pytest.raises(NotFound):
        await tickets.say(99, act(admin), "hello")
