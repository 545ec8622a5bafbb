"""Replacing by the seed's fields, changing by id."""

from typing import Any

import msgspec
import pytest

from core.errors import Invalid, NotFound
from core.triggers.model import Condition, ConditionKey, When
from core.triggers.service import to_api
from tests.core.triggers.desk import LION, ROSE, Desk


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
