"""Which triggers an event was tried on, and what stopped those that did not fire."""

from datetime import timedelta

import pytest

from core.happened import of_row
from core.triggers import reasons
from tests.core.triggers.desk import CLOCK, LION, ROSE
from tests.history_kit import by, gift, row

LATER = timedelta(seconds=1)
CHAT = {"event_type": "chat", "action": "tts", "action_params": {"text_template": "Hi"}}
LIKES = {"event_type": "like", "action": "alert", "action_params": {"text_template": "{likes}!"}}


@pytest.fixture
def tried(db, desk):
    """By name: what stopped it, None where it fired. The event is a second younger than the triggers."""

    async def get(told, after=LATER):
        told.at = CLOCK.now() + after
        async with db.read() as uow:
            return await reasons.tried(uow, desk.user_id, of_row(told))

    return get


def stopped(found):
    return [(one.trigger and one.trigger.name, "fired" if one.fired else one.by) for one in found]


async def test_what_fired_comes_first_then_by_the_order_of_trying(desk, tried):
    await desk.save(**LION, name="lion")
    rose = await desk.save(**ROSE, name="rose")
    await desk.save(**LION, name="first", priority=5)
    await desk.save(**CHAT, name="chat")

    found = await tried(gift(1, fired=[{"trigger_id": rose.id, "action": "play_sound"}]))

    assert stopped(found) == [("rose", "fired"), ("first", "gift_name"), ("lion", "gift_name")]
    assert (found[1].wanted, found[1].was) == ("Lion", "Rose")


@pytest.mark.parametrize(
    ("key", "value", "was"),
    [
        ("min_diamonds", "99", "20"),
        ("max_diamonds", "9", "20"),
        ("min_count", "5", "2"),
        ("gift_id", "1", "5655"),
        ("username", "bob", "ann_1"),
        ("role", "subscriber", "follower"),
        ("min_gifter_level", "9", "3"),
        ("first_time", "true", ""),
    ],
)
async def test_a_condition_that_did_not_hold(desk, tried, key, value, was):
    await desk.save(**{**ROSE, "condition_key": key, "condition_value": value})

    [one] = await tried(gift(1, diamonds=10, count=2, roles=1, gifter_level=3))

    assert (one.by, one.wanted, one.was) == (key, value, was)


@pytest.mark.parametrize(
    ("key", "value"),
    [("message_contains", "cat"), ("message_equals", "he"), ("message_starts_with", "o"), ("command", "!hi")],
)
async def test_words_that_were_not_in_a_line(desk, tried, key, value):
    await desk.save(**CHAT, condition_key=key, condition_value=value)

    [one] = await tried(row(1, message="hello", user=by()))

    assert (one.by, one.wanted, one.was) == (key, value, "hello")


async def test_a_recorded_refusal_goes_before_what_is_worked_out(desk, tried):
    rose = await desk.save(**ROSE)

    [one] = await tried(gift(1, refused=[{"trigger_id": rose.id, "by": "cooldown", "left": 3.5}]))

    assert (one.by, one.left) == ("cooldown", 3.5)


async def test_one_that_is_off_or_waits_for_the_end(desk, tried):
    await desk.save(**ROSE, name="off", enabled=False)
    await desk.save(**ROSE, name="end", when="end")

    assert stopped(await tried(gift(1, phase="more"))) == [("off", "enabled"), ("end", "when")]


async def test_what_fires_every_so_many_is_told_apart(desk, tried):
    every = await desk.save(**LIKES, name="every", condition_key="every", condition_value="100")
    plain = await desk.save(**LIKES, name="plain")
    likes = {"count": 20, "before": 90, "total": 110, "user": by()}

    of_message = await tried(row(1, "like", **likes, fired=[{"trigger_id": plain.id, "action": "alert"}]))
    of_effect = await tried(
        row(2, "effect", event="like", **likes, fired=[{"trigger_id": every.id, "action": "alert"}])
    )

    assert stopped(of_message) == [("plain", "fired"), ("every", "apart")]
    assert stopped(of_effect) == [("every", "fired"), ("plain", "apart")]


async def test_a_count_that_passed_no_mark(desk, tried):
    await desk.save(**LIKES, condition_key="every", condition_value="100")

    [one] = await tried(row(1, "like", count=20, before=110, total=130, user=by()))

    assert (one.by, one.wanted, one.was) == ("every", "100", "130")


async def test_one_that_was_made_later_was_not_tried(desk, tried):
    await desk.save(**ROSE)

    assert await tried(gift(1), -LATER) == []


async def test_one_that_was_changed_since_is_said_to_be(desk, tried):
    rose = await desk.save(**ROSE)
    refused = [{"trigger_id": rose.id, "by": "stop"}]

    [one] = await tried(gift(1, refused=refused), -LATER)

    assert (one.by, one.is_changed) == ("stop", True)


async def test_a_test_of_one_trigger_says_nothing_wrong_of_the_others(desk, tried):
    lion = await desk.save(**LION, name="lion")
    await desk.save(**ROSE, name="rose")

    found = await tried(gift(1, fired=[{"trigger_id": lion.id, "action": "play_sound"}], test=True))

    assert stopped(found) == [("lion", "fired"), ("rose", "test")]


async def test_one_that_is_gone_is_still_told(desk, tried):
    rose = await desk.save(**ROSE)
    await desk.delete(rose.id)

    fired = await tried(gift(1, fired=[{"trigger_id": rose.id, "action": "play_sound"}]))
    refused = await tried(gift(1, refused=[{"trigger_id": rose.id, "by": "user_cooldown"}]))

    assert stopped(fired) == [(None, "fired")]
    assert stopped(refused) == [(None, "user_cooldown")]


async def test_nothing_was_tried_on_a_silence(desk, tried):
    await desk.save(**CHAT)
    spoken = {"trigger_id": None, "action": "tts", "text": "Hello?"}

    assert await tried(row(1, "effect", event="chat", fired=[spoken])) == []
