"""What a trigger did that must be known even if this process dies, or the next one does it again."""

from msgspec import Struct

from core.live.events import EventType, Fact
from core.triggers.model import ConditionKey, Trigger

LASTING_SECONDS = 10.0  # a shorter cooldown is over before another process takes the streamer over
STREAM_SECONDS = 2 * 86_400.0  # no LIVE goes on for longer, as good as

COOLDOWN = "cooldown"
ONCE = "once"


class Mark(Struct, frozen=True):
    what: str  # COOLDOWN, ONCE, or the type of fact that was the viewer's first
    trigger_id: int  # 0: whichever
    viewer_id: int  # 0: whoever
    seconds: float  # for so long


def marks_of(trigger: Trigger, fact: Fact) -> list[Mark]:
    """Of a trigger that fires; mostly none."""
    marks = []
    viewer_id = fact.viewer.user_id
    if trigger.once_per_stream:
        marks.append(Mark(ONCE, trigger.id, 0, STREAM_SECONDS))
    if trigger.cooldown_seconds >= LASTING_SECONDS:
        marks.append(Mark(COOLDOWN, trigger.id, 0, trigger.cooldown_seconds))
    if trigger.user_cooldown_seconds >= LASTING_SECONDS and viewer_id:
        marks.append(Mark(COOLDOWN, trigger.id, viewer_id, trigger.user_cooldown_seconds))
    if fact.is_first and viewer_id and _asks_for_the_first(trigger):
        is_message = fact.type is EventType.VIEWER_FIRST_MESSAGE
        done = EventType.CHAT if is_message else fact.type
        marks.append(Mark(done.value, 0, viewer_id, STREAM_SECONDS))
    return marks


def _asks_for_the_first(trigger: Trigger) -> bool:
    return trigger.event_type is EventType.VIEWER_FIRST_MESSAGE or any(
        condition.key is ConditionKey.FIRST_TIME for condition in trigger.conditions
    )
