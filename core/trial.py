"""Made-up facts a streamer tries a trigger with."""

from collections.abc import Mapping

from core.live.events import EventType, Fact, Phase, Viewer
from core.triggers.model import ConditionKey, Trigger

_MESSAGES = (
    ConditionKey.MESSAGE_EQUALS,
    ConditionKey.MESSAGE_STARTS_WITH,
    ConditionKey.MESSAGE_CONTAINS,
    ConditionKey.COMMAND,
)


def sample_for(trigger: Trigger) -> Fact:
    """A fact such a trigger is meant for, marked as a test."""
    wanted = {condition.key: condition.value for condition in trigger.conditions}
    viewer = Viewer(0, _first(wanted, ConditionKey.USERNAME, "test_viewer").removeprefix("@"), "Anna")
    total = int(wanted.get(ConditionKey.EVERY) or wanted.get(ConditionKey.REACHED) or 100)
    match trigger.event_type:
        case EventType.GIFT:
            return _gift(viewer, wanted)
        case EventType.CHAT:
            text = next((wanted[key] for key in _MESSAGES if key in wanted), "Hello!")
            return Fact(EventType.CHAT, viewer, is_first=True, text=text, test=True)
        case EventType.LIKE:
            count = int(_first(wanted, ConditionKey.MIN_COUNT, "15"))
            return Fact(EventType.LIKE, viewer, count=count, before=total - 1, total=total, test=True)
        case EventType.VIEWER_COUNT:
            return Fact(EventType.VIEWER_COUNT, before=total - 1, total=total, test=True)
        case _:
            return Fact(trigger.event_type, viewer, is_first=True, test=True)


def _gift(viewer: Viewer, wanted: Mapping[ConditionKey, str]) -> Fact:
    count = int(_first(wanted, ConditionKey.MIN_COUNT, "1"))
    needed = int(_first(wanted, ConditionKey.MIN_DIAMONDS, "1"))
    diamonds = max(1, -(-needed // count))
    return Fact(
        EventType.GIFT,
        viewer,
        is_first=True,
        gift_id=int(_first(wanted, ConditionKey.GIFT_ID, "0")),
        gift_name=_first(wanted, ConditionKey.GIFT_NAME, "Rose"),
        diamonds=diamonds,
        count=count,
        total_diamonds=diamonds * count,
        added=count,
        phase=Phase.ONLY,
        test=True,
    )


def _first(wanted: Mapping[ConditionKey, str], key: ConditionKey, otherwise: str) -> str:
    return wanted.get(key) or otherwise
