"""Saving as the contract says it: what is kept, refused, bounded and noted."""

import asyncio

import msgspec
import pytest

from core.config import Plan
from core.errors import Invalid, NotFound, PlanLimit, SoundNotFound
from core.triggers import service
from core.triggers.model import When
from core.triggers.service import to_api
from storage.models.accounts import ChangeKind
from tests.core.triggers.desk import LION, ROSE, Desk, new_user


async def test_a_saved_trigger_is_listed_as_it_was_answered(desk: Desk) -> None:
    made = await desk.save(**ROSE)

    assert made.id > 0
    assert await desk.saved() == [made]
    assert await desk.changes() == [(desk.user_id, ChangeKind.SETUP)]


async def test_all_fields_survive_storage(desk: Desk) -> None:
    made = await desk.save(
        event_type="gift",
        action="alert",
        action_params={"text_template": "{user}", "image": "heart", "duration": 7.5},
        name="Розы",
        enabled=False,
        priority=-7,
        cooldown_seconds=0.5,
        user_cooldown_seconds=3,
        once_per_stream=True,
        conditions=[{"key": "min_count", "value": 5}, {"key": "role", "value": "friend"}],
        when="end",
        stop=True,
    )

    assert await desk.saved() == [made]
    assert msgspec.to_builtins(to_api(made)) == {
        "id": made.id,
        "event_type": "gift",
        "condition_key": None,
        "condition_value": None,
        "action": "alert",
        "action_params": {"text_template": "{user}", "image": "heart", "duration": 7.5},
        "name": "Розы",
        "enabled": False,
        "priority": -7,
        "cooldown_seconds": 0.5,
        "user_cooldown_seconds": 3.0,
        "once_per_stream": True,
        "conditions": [{"key": "min_count", "value": "5"}, {"key": "role", "value": "friend"}],
        "when": "end",
        "stop": True,
        "version": to_api(made).version,
    }


async def test_triggers_are_listed_in_the_order_they_are_tried(desk: Desk) -> None:
    first, second = await desk.save(**ROSE), await desk.save(**LION)
    urgent = await desk.save(event_type="follow", action="counter", action_params={"name": "f"}, priority=1)

    assert await desk.saved() == [urgent, first, second]


async def test_the_seeds_fields_come_back_as_they_were_sent(desk: Desk) -> None:
    view = to_api(await desk.save(**ROSE))

    answered = {name: getattr(view, name) for name in ROSE}
    assert (answered, view.conditions, view.when) == (ROSE, [], When.START)


async def test_the_answer_can_be_sent_back_as_it_is(desk: Desk) -> None:
    made = await desk.save(**ROSE, conditions=[{"key": "min_count", "value": 5}], stop=True)
    again = await desk.save(**msgspec.to_builtins(to_api(made)))

    assert again == made
    assert await desk.saved() == [made]


async def test_somebody_elses_trigger_is_not_there(desk: Desk) -> None:
    made = await desk.save(**ROSE)
    stranger = Desk(desk.db, await new_user(desk.db, "stranger"))

    with pytest.raises(NotFound):
        await stranger.save(id=made.id, enabled=False)
    with pytest.raises(NotFound):
        await stranger.delete(made.id)
    assert await stranger.saved() == []
    assert await desk.saved() == [made]


async def test_a_sound_that_is_not_there_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    with pytest.raises(SoundNotFound):
        await desk.save(**ROSE | {"action_params": {"sound_filename": "other.mp3"}})

    assert await desk.saved() == []
    assert await desk.changes() == []


class TestPlanLimit:
    async def test_one_more_than_the_plan_allows_is_refused(self, desk: Desk) -> None:
        desk.plan = Plan(title="Small", triggers=1)
        await desk.save(**ROSE)

        with pytest.raises(PlanLimit) as refusal:
            await desk.save(**LION)
        assert (refusal.value.details["limit"], refusal.value.details["used"]) == (1, 1)

    async def test_what_is_there_can_be_replaced_and_changed(self, desk: Desk) -> None:
        desk.plan = Plan(title="Small", triggers=1)
        made = await desk.save(**ROSE)

        await desk.save(**ROSE)
        await desk.save(id=made.id, priority=3)

        assert len(await desk.saved()) == 1

    async def test_many_at_once_do_not_exceed_it(self, desk: Desk) -> None:
        wanted = [ROSE | {"condition_value": f"Gift {number}"} for number in range(12)]
        results = await asyncio.gather(*(desk.save(**one) for one in wanted), return_exceptions=True)

        assert sum(isinstance(result, PlanLimit) for result in results) == 7
        assert len(await desk.saved()) == 5

    async def test_the_same_one_many_times_at_once_is_one(self, desk: Desk) -> None:
        await asyncio.gather(*(desk.save(**ROSE) for _ in range(8)))

        assert len(await desk.saved()) == 1


async def test_regexes_are_bounded_in_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_REGEXES", 2)
    regex = {"event_type": "chat", "condition_key": "message_regex", "action": "counter"}
    params = {"action_params": {"name": "n", "add": 1}}
    first = await desk.save(**regex, **params, condition_value="a")
    await desk.save(**regex, **params, condition_value="b")

    with pytest.raises(Invalid):
        await desk.save(**regex, **params, condition_value="c")
    await desk.save(id=first.id, condition_value="c")
    await desk.save(**ROSE)


async def test_a_deleted_trigger_is_gone_and_noted(desk: Desk) -> None:
    made = await desk.save(**ROSE)
    await desk.delete(made.id)

    assert await desk.saved() == []
    assert await desk.changes() == [(desk.user_id, ChangeKind.SETUP)] * 2
    with pytest.raises(NotFound):
        await desk.delete(made.id)


async def test_the_triggers_of_a_sound_are_found_however_it_is_spelled(desk: Desk) -> None:
    made = await desk.save(**ROSE)
    await desk.save(**LION)

    async with desk.db.read() as uow:
        assert await service.using(uow, desk.user_id, "ROSE.MP3") == [made]
        assert await service.using(uow, desk.user_id, "other.mp3") == []


class TestWebhookFailures:
    async def hook(self, desk: Desk) -> int:
        params = {"url": "https://example.org"}
        return (await desk.save(event_type="chat", action="webhook", action_params=params)).id

    async def fail(self, desk: Desk, trigger_id: int, times: int) -> list[bool]:
        return [await desk.delivered(trigger_id, is_delivered=False) for _ in range(times)]

    async def test_twenty_in_a_row_switch_it_off(self, desk: Desk) -> None:
        hook = await self.hook(desk)

        assert await self.fail(desk, hook, 20) == [False] * 19 + [True]
        assert [one.enabled for one in await desk.saved()] == [False]
        assert len(await desk.changes()) == 2

    async def test_a_success_starts_the_row_anew(self, desk: Desk) -> None:
        hook = await self.hook(desk)
        await self.fail(desk, hook, 19)
        await desk.delivered(hook, is_delivered=True)
        await self.fail(desk, hook, 19)

        assert [one.enabled for one in await desk.saved()] == [True]

    async def test_saving_it_gives_it_another_chance(self, desk: Desk) -> None:
        hook = await self.hook(desk)
        await self.fail(desk, hook, 20)
        await desk.save(id=hook, enabled=True)

        assert await self.fail(desk, hook, 1) == [False]

    async def test_one_deleted_meanwhile_is_nobodys_business(self, desk: Desk) -> None:
        assert await self.fail(desk, 999, 1) == [False]
