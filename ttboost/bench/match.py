"""One event against ever more triggers: what a streamer pays for having many."""

from collections.abc import Callable
from itertools import cycle, islice
from random import Random
from time import perf_counter

from core.live.events import EventType, Fact, Viewer
from core.triggers.engine import TriggerEngine, TriggerMemory
from core.triggers.model import Condition, ConditionKey, PlaySound, Trigger
from ttboost.bench import Row, medians

SIZES = (10, 100, 1_000, 10_000)
EVENTS = 2_000  # matched in one measurement
MAX_REGEXES = 20
MAX_RATIO = 2.0

_KINDS = (
    (EventType.GIFT, ConditionKey.GIFT_NAME, "Gift {}"),
    (EventType.GIFT, ConditionKey.USERNAME, "giver_{}"),
    (EventType.CHAT, ConditionKey.MESSAGE_EQUALS, "hello number {}"),
    (EventType.CHAT, ConditionKey.COMMAND, "!command{}"),
    (EventType.CHAT, ConditionKey.MESSAGE_CONTAINS, "phrase{}x"),
    (EventType.CHAT, ConditionKey.USERNAME, "chatter_{}"),
)
_REGEX = r"(?i)\border {}\b"


def run() -> list[Row]:
    facts = _facts()
    measures = {str(size): _measure(TriggerEngine(_triggers(size), TriggerMemory()), facts) for size in SIZES}
    microseconds = {int(size): value for size, value in medians(measures).items()}
    ratio = microseconds[SIZES[-1]] / microseconds[SIZES[0]]
    rows = [Row(f"one event, {size:,} triggers", value, "µs") for size, value in microseconds.items()]
    rows.append(
        Row(
            f"{SIZES[-1]:,} against {SIZES[0]} triggers",
            ratio,
            "times",
            reach=f"<= {MAX_RATIO:g} times",
            is_reached=ratio <= MAX_RATIO,
            baseline=f"{SIZES[0]} triggers: {microseconds[SIZES[0]]:.2f} µs",
        )
    )
    return [*rows, Row(f"building the engine of {SIZES[-1]:,}", _building(), "ms")]


def _measure(engine: TriggerEngine, facts: list[Fact]) -> Callable[[], float]:
    def measure() -> float:
        began = perf_counter()
        for fact in facts:
            engine.match(fact, 0.0)
        return (perf_counter() - began) / len(facts) * 1e6

    return measure


def _building() -> float:
    triggers = _triggers(SIZES[-1])
    began = perf_counter()
    TriggerEngine(triggers, TriggerMemory())
    return (perf_counter() - began) * 1e3


def _triggers(count: int) -> list[Trigger]:
    """Evenly of each kind, one in ten a regular expression until there are enough of them."""
    regexes = min(MAX_REGEXES, count // 10)
    kinds = islice(cycle(_KINDS), count - regexes)
    plain = [(event, key, text.format(number)) for number, (event, key, text) in enumerate(kinds)]
    special = [
        (EventType.CHAT, ConditionKey.MESSAGE_REGEX, _REGEX.format(number)) for number in range(regexes)
    ]
    return [
        Trigger(id=number, event_type=event, conditions=(Condition(key, value),), params=PlaySound("chime"))
        for number, (event, key, value) in enumerate(plain + special, start=1)
    ]


def _facts() -> list[Fact]:
    """Half gifts, half chat. What fires is among the first ten triggers; the rest of an event varies, so
    that it leads all over the index."""
    chance = Random(1)
    numbers = [(place % 5, chance.randrange(SIZES[-1])) for place in range(EVENTS // 2)]
    return [fact for place, number in numbers for fact in (_gift(place, number), _chat(place, number))]


def _gift(place: int, number: int) -> Fact:
    return Fact(
        EventType.GIFT,
        Viewer(number, f"giver_{place if place < 2 else f'{number}_'}", "Somebody"),
        gift_id=5_655,
        gift_name=f"Gift {place * 3 if place else number + SIZES[-1]}",
        diamonds=1,
        count=number,
        total_diamonds=number,
    )


def _chat(place: int, number: int) -> Fact:
    texts = (
        "hello number 2",
        f"!command3 please, and {number} thanks",
        f"well, phrase4x is what phrase{number} and phrase{number + 1} came to, привет",
        f"can I order 0 of these, with {number} pieces of extra cheese?",
        f"phrase{number} was written here at some length, yet nothing of it is of interest",
    )
    return Fact(EventType.CHAT, Viewer(number, f"chatter_{number}_", "Somebody"), text=texts[place])
