"""The match bench measures what it says it measures."""

from core.triggers.engine import TriggerEngine, TriggerMemory
from core.triggers.model import ConditionKey
from ttboost.bench import match


def test_the_mix_is_the_promised_one() -> None:
    triggers = match._triggers(10_000)
    keys = [trigger.conditions[0].key for trigger in triggers]

    assert len({trigger.id for trigger in triggers}) == 10_000
    assert keys.count(ConditionKey.MESSAGE_REGEX) == match.MAX_REGEXES
    assert set(keys) == {
        ConditionKey.GIFT_NAME,
        ConditionKey.USERNAME,
        ConditionKey.MESSAGE_EQUALS,
        ConditionKey.COMMAND,
        ConditionKey.MESSAGE_CONTAINS,
        ConditionKey.MESSAGE_REGEX,
    }


def test_every_size_has_something_to_fire_and_never_more_than_five() -> None:
    fired = [
        [len(engine.match(fact, 0.0).fired) for fact in match._facts()[:200]]
        for engine in (TriggerEngine(match._triggers(size), TriggerMemory()) for size in match.SIZES)
    ]

    assert [max(counts) <= 5 for counts in fired] == [True] * 4
    assert [sum(counts) >= 50 for counts in fired] == [True] * 4


def test_it_tells_each_size_the_ratio_and_the_building() -> None:
    rows = match.run()

    assert [row.unit for row in rows] == ["µs", "µs", "µs", "µs", "times", "ms"]
    assert [row.reach is not None for row in rows] == [False, False, False, False, True, False]
