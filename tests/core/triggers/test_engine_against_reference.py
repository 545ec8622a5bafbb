"""The index may bring up what it likes: what fires is what trying every trigger would fire."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.live.events import EventType, Fact, Phase, Viewer
from core.triggers.engine import TriggerEngine, TriggerMemory
from core.triggers.model import CONDITIONS, Condition, ConditionKey, PlaySound, Trigger, When
from tests.core.triggers.reference import Reference, holds

WORDS = ["hi", "Hi there", "there", "!go", "!GO now", "привет", "ПРИВЕТ всем", "he", "e", "x!go"]
SMALL = st.integers(1, 12).map(str)
VALUES: dict[ConditionKey, st.SearchStrategy[str]] = {
    ConditionKey.USERNAME: st.sampled_from(["ann", "Ben", "ann, ben", "cy"]),
    ConditionKey.ROLE: st.sampled_from(["follower", "friend", "subscriber", "moderator", "top_gifter"]),
    ConditionKey.MIN_GIFTER_LEVEL: SMALL,
    ConditionKey.FIRST_TIME: st.just("true"),
    ConditionKey.MESSAGE_CONTAINS: st.sampled_from(WORDS),
    ConditionKey.MESSAGE_EQUALS: st.sampled_from(WORDS),
    ConditionKey.MESSAGE_STARTS_WITH: st.sampled_from(WORDS),
    ConditionKey.MESSAGE_REGEX: st.sampled_from([r"h[ie]", r"^!", r"\bгo|всем$", r"(a|b)+z", r"e.*e"]),
    ConditionKey.COMMAND: st.sampled_from(["!go", "!Go", "!stop"]),
    ConditionKey.GIFT_NAME: st.sampled_from(["Rose", "rose", "Cap"]),
    ConditionKey.GIFT_ID: SMALL,
    ConditionKey.MIN_DIAMONDS: SMALL,
    ConditionKey.MAX_DIAMONDS: SMALL,
    ConditionKey.MIN_COUNT: SMALL,
    ConditionKey.EVERY: SMALL,
    ConditionKey.REACHED: SMALL,
}
RESTS = st.sampled_from([0.0, 0.0, 0.0, 2.0, 5.0])


def conditions(event_type: EventType) -> st.SearchStrategy[Condition]:
    keys = st.sampled_from(sorted(CONDITIONS[event_type]))
    return keys.flatmap(lambda key: VALUES[key].map(lambda value: Condition(key, value)))


def triggers_of(event_type: EventType) -> st.SearchStrategy[Trigger]:
    return st.builds(
        Trigger,
        id=st.integers(1, 10_000),
        event_type=st.just(event_type),
        conditions=st.lists(conditions(event_type), max_size=3).map(tuple),
        params=st.just(PlaySound("chime")),
        enabled=st.sampled_from([True, True, True, False]),
        priority=st.integers(-2, 2),
        cooldown_seconds=RESTS,
        user_cooldown_seconds=RESTS,
        once_per_stream=st.sampled_from([False, False, True]),
        when=st.sampled_from(When) if event_type is EventType.GIFT else st.just(When.START),
        stop=st.sampled_from([False, False, False, True]),
    )


VIEWERS = st.builds(
    Viewer,
    user_id=st.integers(1, 3),
    unique_id=st.sampled_from(["ann", "BEN", "dan"]),
    nickname=st.just("Somebody"),
    roles=st.integers(0, 31),
    gifter_level=st.integers(0, 12),
)
NUMBERS = st.integers(0, 14)
STREAKS = st.sampled_from(["", "s1", "s2"])
STEPS = st.tuples(STREAKS, st.sampled_from([Phase.START, Phase.MORE, Phase.END]))


def facts_of(event_type: EventType) -> st.SearchStrategy[Fact]:
    is_gift = event_type is EventType.GIFT
    places = (
        STEPS.map(lambda step: step if step[0] else ("", Phase.ONLY))
        if is_gift
        else st.just(("", Phase.ONLY))
    )
    return st.builds(
        lambda place, **fields: Fact(event_type, streak=place[0], phase=place[1], **fields),
        places,
        viewer=VIEWERS,
        is_first=st.booleans(),
        text=st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
        gift_id=NUMBERS,
        gift_name=st.sampled_from(["Rose", "ROSE", "Cap", "Lion"]),
        count=NUMBERS,
        total_diamonds=NUMBERS,
        before=NUMBERS,
        total=NUMBERS,
        test=st.sampled_from([False, False, False, True]),
    )


KINDS = st.sampled_from(
    [EventType.CHAT, EventType.GIFT, EventType.LIKE, EventType.FOLLOW, EventType.VIEWER_COUNT]
)
SETUPS = KINDS.flatmap(
    lambda kind: st.tuples(
        st.lists(triggers_of(kind), max_size=12, unique_by=lambda one: one.id),
        st.lists(st.tuples(facts_of(kind), st.floats(0, 3)), min_size=1, max_size=12),
    )
)


@settings(max_examples=500, deadline=None)
@given(SETUPS, st.booleans())
def test_the_same_fires_in_the_same_order_also_where_the_engine_is_swapped(
    setup: tuple[list[Trigger], list[tuple[Fact, float]]], is_swapped: bool
) -> None:
    triggers, steps = setup
    memory, reference = TriggerMemory(), Reference(triggers)
    engine = TriggerEngine(triggers, memory)
    now = 0.0

    for fact, passed in steps:
        now += passed
        engine = TriggerEngine(triggers, memory) if is_swapped else engine
        assert [one.id for one in engine.match(fact, now).fired] == reference.fired(fact, now)


@settings(max_examples=100, deadline=None)
@given(SETUPS)
def test_explaining_names_a_condition_exactly_where_one_does_not_hold(
    setup: tuple[list[Trigger], list[tuple[Fact, float]]],
) -> None:
    triggers, steps = setup
    fact = steps[0][0]
    verdicts = {
        one.trigger_id: one.refused_by for one in TriggerEngine(triggers, TriggerMemory()).explain(fact)
    }

    for trigger in triggers:
        unmet = {one.key.value for one in trigger.conditions if not holds(one, fact)}
        expected = unmet or {None}
        assert verdicts[trigger.id] in (expected | {"enabled", "when"})
        assert (verdicts[trigger.id] == "enabled") is not trigger.enabled
