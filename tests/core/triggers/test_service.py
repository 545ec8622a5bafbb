"""Saving as the contract says it: by id, by the seed's fields, or as a new one."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from core.clock import Clock
from core.config import Plan
from core.errors import Invalid, NotFound, PlanLimit, SoundNotFound
from core.triggers import service
from core.triggers.intake import Allowed, TriggerBody
from core.triggers.model import Condition, ConditionKey, Trigger, When
from core.triggers.service import Checks, to_api
from storage.db import Database, UnitOfWork
from storage.models.accounts import ChangeKind, User

SOUNDS = {"rose.mp3", "lion.mp3", "chime"}
ROSE = {
    "event_type": "gift",
    "condition_key": "gift_name",
    "condition_value": "Rose",
    "action": "play_sound",
    "action_params": {"sound_filename": "rose.mp3"},
}
LION = ROSE | {"condition_value": "Lion", "action_params": {"sound_filename": "lion.mp3"}}
CLOCK = Clock()


async def has_sound(_uow: UnitOfWork, _user_id: int, filename: str) -> bool:
    return filename in SOUNDS


CHECKS = Checks(Allowed(has_voice=bool, has_image=bool, has_webhooks=True), has_sound)


class Desk:
    """One streamer's triggers, each call in a transaction of its own."""

    def __init__(self, db: Database, user_id: int) -> None:
        self.db = db
        self.user_id = user_id
        self.plan = Plan(title="Test", triggers=5)

    async def save(self, **fields: Any) -> Trigger:
        body = msgspec.convert(fields, TriggerBody)
        async with self.db.begin() as uow:
            return await service.save(uow, self.user_id, body, self.plan, CLOCK, CHECKS)

    async def saved(self) -> list[Trigger]:
        async with self.db.read() as uow:
            return await service.list_all(uow, self.user_id)

    async def delete(self, trigger_id: int) -> None:
        async with self.db.begin() as uow:
            await service.delete(uow, self.user_id, trigger_id, CLOCK)

    async def delivered(self, trigger_id: int, *, is_delivered: bool) -> bool:
        async with self.db.begin() as uow:
            return await service.note_delivery(
                uow, self.user_id, trigger_id, CLOCK, is_delivered=is_delivered
            )

    async def changes(self) -> list[tuple[int, ChangeKind]]:
        async with self.db.read() as uow:
            return [(change.user_id, change.kind) for change in await uow.accounts.changes_after(0)]


async def new_user(db: Database, name: str) -> int:
    user = User(username=name, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    async with db.begin() as uow:
        await uow.accounts.add_user(user)
    return user.id


@pytest.fixture
async def desk(db: Database) -> Desk:
    return Desk(db, await new_user(db, "streamer"))


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
    }


async def test_the_seeds_fields_come_back_as_they_were_sent(desk: Desk) -> None:
    view = to_api(await desk.save(**ROSE))

    answered = {name: getattr(view, name) for name in ROSE}
    assert (answered, view.conditions, view.when) == (ROSE, [], When.START)


async def test_the_answer_can_be_sent_back_as_it_is(desk: Desk) -> None:
    made = await desk.save(**ROSE, conditions=[{"key": "min_count", "value": 5}], stop=True)
    again = await desk.save(**msgspec.to_builtins(to_api(made)))

    assert again == made
    assert await desk.saved() == [made]


class TestReplacing:
    async def test_the_same_seed_fields_replace_what_is_played(self, desk: Desk) -> None:
        first = await desk.save(**ROSE)
        second = await desk.save(**ROSE | {"action_params": {"sound_filename": "lion.mp3"}})

        assert second.id == first.id
        assert await desk.saved() == [second]

    async def test_what_is_replaced_keeps_nothing(self, desk: Desk) -> None:
        await desk.save(**ROSE, name="loud", cooldown_seconds=5, enabled=False)
        replaced = await desk.save(**ROSE)

        assert (replaced.name, replaced.cooldown_seconds, replaced.enabled) == ("", 0, True)

    @pytest.mark.parametrize(
        "other",
        [
            {"condition_value": "Lion"},
            {"condition_key": "gift_id", "condition_value": "5655"},
            {"condition_key": None, "condition_value": None},
            {"event_type": "follow", "condition_key": None, "condition_value": None},
            {"action": "tts", "action_params": {"text_template": "hi"}},
        ],
    )
    async def test_anything_else_is_a_new_one(self, desk: Desk, other: dict[str, Any]) -> None:
        await desk.save(**ROSE)
        await desk.save(**ROSE | other)

        assert len(await desk.saved()) == 2

    async def test_without_a_condition_too(self, desk: Desk) -> None:
        always = {name: ROSE[name] for name in ("event_type", "action", "action_params")}
        await desk.save(**always)
        await desk.save(**always, condition_key=None, condition_value="")

        assert len(await desk.saved()) == 1

    async def test_any_field_beyond_the_seed_makes_a_new_one(self, desk: Desk) -> None:
        await desk.save(**ROSE)
        await desk.save(**ROSE, priority=0)

        assert len(await desk.saved()) == 2

    async def test_one_with_further_conditions_is_left_alone(self, desk: Desk) -> None:
        await desk.save(**ROSE, conditions=[{"key": "min_count", "value": 5}])
        await desk.save(**ROSE)

        assert len(await desk.saved()) == 2

    async def test_a_listed_condition_is_not_the_seeds(self, desk: Desk) -> None:
        listed = [{"key": "gift_name", "value": "Rose"}]
        await desk.save(
            event_type="gift", action="play_sound", action_params=ROSE["action_params"], conditions=listed
        )
        await desk.save(**ROSE)

        assert len(await desk.saved()) == 2


class TestChanging:
    async def test_absent_fields_keep_their_values(self, desk: Desk) -> None:
        made = await desk.save(**ROSE, name="loud", cooldown_seconds=5)
        changed = await desk.save(id=made.id, enabled=False)

        assert changed == msgspec.structs.replace(made, enabled=False)
        assert await desk.saved() == [changed]

    async def test_the_value_alone(self, desk: Desk) -> None:
        made = await desk.save(**ROSE, conditions=[{"key": "min_count", "value": 5}])
        changed = await desk.save(id=made.id, condition_value="Lion")

        expected = (Condition(ConditionKey.GIFT_NAME, "Lion"), Condition(ConditionKey.MIN_COUNT, "5"))
        assert changed.conditions == expected

    async def test_a_null_key_takes_the_condition_away(self, desk: Desk) -> None:
        made = await desk.save(**ROSE, conditions=[{"key": "min_count", "value": 5}])
        changed = await desk.save(id=made.id, condition_key=None)

        assert changed.conditions == (Condition(ConditionKey.MIN_COUNT, "5"),)
        assert to_api(changed).condition_key is None

    async def test_another_key_needs_a_value_of_its_own(self, desk: Desk) -> None:
        made = await desk.save(**ROSE)

        with pytest.raises(Invalid) as refusal:
            await desk.save(id=made.id, condition_key="username")
        assert refusal.value.details == {"field": "condition_value"}
        assert (await desk.save(id=made.id, condition_key="gift_name")) == made

    async def test_another_action_needs_parameters_of_its_own(self, desk: Desk) -> None:
        made = await desk.save(**ROSE)

        with pytest.raises(Invalid) as refusal:
            await desk.save(id=made.id, action="tts")
        assert refusal.value.details == {"field": "action_params.text_template"}

    async def test_another_action_has_its_own_moment(self, desk: Desk) -> None:
        made = await desk.save(**ROSE)
        changed = await desk.save(id=made.id, action="tts", action_params={"text_template": "thanks"})

        assert changed.when is When.END

    async def test_a_condition_the_new_event_does_not_have_is_refused(self, desk: Desk) -> None:
        made = await desk.save(**ROSE, when="end")

        with pytest.raises(Invalid) as refusal:
            await desk.save(id=made.id, event_type="chat")
        assert refusal.value.details["field"] == "condition_key"
        assert (await desk.save(id=made.id, event_type="chat", condition_key=None)).when is When.START

    async def test_an_id_is_never_looked_for_by_the_seeds_fields(self, desk: Desk) -> None:
        await desk.save(**ROSE)
        other = await desk.save(**LION)
        await desk.save(id=other.id, **ROSE)

        assert len(await desk.saved()) == 2

    @pytest.mark.parametrize("trigger_id", [0, -1, 999, 2**70])
    async def test_an_unknown_id_is_not_found(self, desk: Desk, trigger_id: int) -> None:
        with pytest.raises(NotFound):
            await desk.save(id=trigger_id, enabled=False)


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
        assert refusal.value.details == {"limit": 1}

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
