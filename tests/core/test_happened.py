"""What became of an event, and which of them a page asks for."""

import asyncio
from datetime import timedelta

import pytest

from core import happened
from core.errors import NotFound
from core.happened import Filter, Outcome
from core.live.events import EventType, Phase
from tests.core.triggers.making import Running, chat, trigger
from tests.history_kit import by, gift, keep, moment, row

ANN, BOB = 1, 2
PLAYER = {"heard_by": ["player"]}
SOUND = {"trigger_id": 7, "action": "play_sound", "audible": True}
ALERT = {"trigger_id": 8, "action": "alert", "text": "hi"}
STREAK = [{"trigger_id": 7, "by": "streak"}]


@pytest.fixture
def page(db):
    async def get(before=None, user_id=ANN, **wanted):
        async with db.read() as uow:
            found = await happened.list_page(uow, user_id, Filter(**wanted), before)
        return [event.id for event in found.events], found.last

    return get


@pytest.mark.parametrize(
    ("told", "outcome", "why"),
    [
        (row(1, message="hi"), Outcome.NOTHING, None),
        (
            row(1, message="hi", refused=[{"trigger_id": 7, "by": "cooldown", "left": 1.4}]),
            Outcome.RESTING,
            None,
        ),
        (row(1, message="hi", fired=[ALERT], unseen=True), Outcome.UNSEEN, "nobody_sees"),
        (row(1, message="hi", fired=[ALERT, SOUND], unseen=True), Outcome.SILENT, "nobody_hears"),
        (row(1, fired=[SOUND], **PLAYER, played=True), Outcome.PLAYED, None),
        (row(1, fired=[SOUND], **PLAYER), Outcome.SENT, None),
        (row(1, fired=[SOUND]), Outcome.SILENT, "nobody_hears"),
        (row(1, fired=[SOUND], **PLAYER, dropped="skip"), Outcome.SILENT, "skip"),
        (row(1, fired=[SOUND], **PLAYER, dropped="clear", played=True), Outcome.SILENT, "clear"),
        (row(1, fired=[{"trigger_id": 7, "action": "alert", "text": "hi"}]), Outcome.DONE, None),
        (
            row(1, fired=[{"trigger_id": 7, "action": "tts", "silent_by": "tts_enabled"}], **PLAYER),
            Outcome.SILENT,
            "tts_enabled",
        ),
        (row(1, speech={"text": "hi", "skipped_by": None}, **PLAYER), Outcome.SENT, None),
        (row(1, speech={"text": "hi", "skipped_by": "not_spoken"}, **PLAYER), Outcome.SILENT, "not_spoken"),
        (row(1, speech={"text": None, "skipped_by": "chat_tts_mode"}), Outcome.SILENT, "chat_tts_mode"),
        (gift(1, ring="chime", **PLAYER), Outcome.SENT, None),
        (gift(1, phase="end", refused=STREAK, **PLAYER), Outcome.COUNTED, None),
        (gift(1, phase="end", rung=True, **PLAYER), Outcome.COUNTED, None),
        (gift(1, phase="end", refused=STREAK, fired=[SOUND], **PLAYER), Outcome.SENT, None),
        (gift(1, phase="end", refused=[{"trigger_id": 7, "by": "min_count"}]), Outcome.NOTHING, None),
    ],
)
def test_the_outcome(told, outcome, why):
    event = happened.of_row(told)

    assert (event.outcome, event.why) == (outcome, why)


def test_the_fact_is_as_it_was_tried():
    fact = happened.of_row(gift(1, "Lion", 29_999, 3, roles=9, gifter_level=12, first=True)).fact

    assert (fact.gift_name, fact.count, fact.total_diamonds) == ("Lion", 3, 89_997)
    assert (fact.viewer.name, fact.viewer.gifter_level, fact.is_first) == ("Ann", 12, True)
    assert happened.roles_of(fact) == ["follower", "moderator"]


def test_an_effect_is_of_the_event_it_came_from():
    event = happened.of_row(row(1, "effect", event="like", total=1_000, before=990, count=10, fired=[SOUND]))

    assert event.fact.type is EventType.LIKE
    assert (event.fact.total, event.fact.before) == (1_000, 990)
    assert not event.is_silence_text


def test_what_is_said_into_a_silence_is_of_nobody():
    spoken = {"trigger_id": None, "action": "tts", "text": "Hello?", "audible": True}

    assert happened.of_row(row(1, "effect", event="chat", fired=[spoken])).is_silence_text


def test_again_is_a_test_of_no_streak():
    fact = happened.again(happened.of_row(gift(1, count=4, phase="more")))

    assert fact.test
    assert not fact.streak
    assert fact.phase is Phase.ONLY
    assert (fact.count, fact.added, fact.gift_name) == (4, 4, "Rose")


def test_again_has_the_worth_of_the_whole_streak():
    whole = gift(1, "Swan", diamonds=699, count=2, streak_total=5, phase="end", gifter_level=12, roles=9)

    fact = happened.again(happened.of_row(whole))

    assert (fact.count, fact.added, fact.total_diamonds) == (5, 5, 5 * 699)
    assert (fact.viewer.gifter_level, happened.roles_of(fact)) == (12, ["follower", "moderator"])


def test_again_passes_the_same_thousand_of_likes():
    row_of_likes = row(1, "like", user=by(), before=990, total=1_000, count=10)
    every_thousand = Running(trigger(7, "like", ("every", "1000")))

    fact = happened.again(happened.of_row(row_of_likes))

    assert (fact.before, fact.total, fact.added) == (990, 1_000, 0)
    assert every_thousand.fired(fact) == [7]


def test_again_is_the_same_each_time_and_uses_up_no_memory():
    once = Running(
        trigger(7, "chat", once_per_stream=True, cooldown_seconds=60.0, user_cooldown_seconds=60.0)
    )
    fact = happened.again(happened.of_row(row(1, message="hi", user=by(), first=True)))

    assert happened.again(happened.of_row(row(1, message="hi", user=by(), first=True))) == fact
    assert (fact.text, fact.is_first, fact.viewer.nickname) == ("hi", True, "Ann")
    assert [once.fired(fact) for _ in range(3)] == [[7], [7], [7]]
    assert once.fired(chat("hi")) == [7]  # the first real one


async def test_newest_first_page_by_page(db, page):
    await keep(db, *(row(number, message="hi") for number in range(90)), row(200, user_id=BOB))

    first, last = await page()
    assert first == [f"m{number}" for number in range(89, 49, -1)]
    second, last = await page(last)
    assert second == [f"m{number}" for number in range(49, 9, -1)]
    third, last = await page(last)
    assert (third[0], third[-1], last) == ("m9", "m0", None)


async def test_of_one_kind(db, page):
    await keep(db, row(1), gift(2), row(3))

    assert await page(type="gift") == (["m2"], None)


@pytest.mark.parametrize("person", ["ann", "@ANN_1", " nn "])
async def test_of_one_person(db, page, person):
    await keep(db, row(1, user=by()), row(2, user=by("Bob", "bob")), row(3))

    assert (await page(person=person))[0] == ["m1"]


async def test_only_what_was_missed(db, page):
    heard = {"fired": [SOUND], **PLAYER}
    rest = gift(5, phase="end", refused=STREAK)
    await keep(db, row(1, **heard, played=True), row(2, **heard), row(3, fired=[SOUND]), row(4), rest)

    assert (await page(missed=True))[0] == ["m4", "m3"]


async def test_calm_leaves_out_floods_that_fired_nothing(db, page):
    await keep(
        db,
        row(1),
        row(2, "like", count=15, total=15),
        row(3, "like", count=1, total=16, fired=[SOUND], **PLAYER),
        row(4, "viewer_join"),
        row(5, "viewer_first_message", message="hi"),
    )

    assert (await page(calm=True))[0] == ["m3", "m1"]
    assert len((await page())[0]) == 5


async def test_until_a_moment(db, page):
    await keep(db, row(1), row(2), row(3))

    assert (await page(until=moment(3)))[0] == ["m2", "m1"]
    assert (await page(until=moment(3), before="m2"))[0] == ["m1"]


async def test_looks_through_so_many_and_says_where_to_go_on(db, page):
    many = happened.LOOKED_AT + 10
    await keep(db, row(0, user=by()), *(row(number) for number in range(1, many)))

    nothing, last = await page(person="ann")
    assert (nothing, last) == ([], "m10")
    assert await page(last, person="ann") == (["m0"], None)


async def test_what_is_not_ours_is_not_there(db, page):
    await keep(db, row(1, user_id=BOB))

    with pytest.raises(NotFound):
        await page("m1")
    async with db.read() as uow:
        with pytest.raises(NotFound):
            await happened.require(uow, ANN, "m1")
        assert (await happened.require(uow, BOB, "m1")).at == moment(0) + timedelta(seconds=1)


async def test_what_was_told_just_now_is_waited_for(db, monkeypatch):
    monkeypatch.setattr(happened, "WRITTEN_SECONDS", 0.01)
    asked = asyncio.create_task(happened.written(db, ANN, row(1).message_id))
    await asyncio.sleep(0.02)
    assert not asked.done()

    await keep(db, row(1))

    async with asyncio.timeout(30):
        await asked
