"""What a message's audio is worth when not everything can be heard."""

from collections.abc import Sequence

from core.live.events import EventType, Fact, Role
from core.triggers.model import Trigger

_BASE = {
    EventType.SUBSCRIBE: 5_000,
    EventType.GIFT: 4_000,
    EventType.FOLLOW: 2_000,
    EventType.LIKE: 1_500,
    EventType.VIEWER_COUNT: 1_500,
    EventType.SHARE: 1_200,
    EventType.VIEWER_FIRST_MESSAGE: 600,
    EventType.CHAT: 500,
    EventType.VIEWER_JOIN: 100,
}
# Plain numbers: the operators of a flag cost more than everything else here.
_BY_ROLE = tuple(
    (role.value, extra)
    for role, extra in (
        (Role.MODERATOR, 300),
        (Role.SUBSCRIBER, 200),
        (Role.TOP_GIFTER, 200),
        (Role.FOLLOWER, 50),
    )
)
PRIORITY_WEIGHT = 100  # the streamer's own word: ten steps of priority lift a chat line over a share


def worth(fact: Fact, fired: Sequence[Trigger]) -> int:
    """Higher stays longer. Gifts by their diamonds, chat by who wrote it, all by the triggers' priority."""
    value = _BASE[fact.type] + min(fact.total_diamonds, 100_000)
    roles = fact.viewer.roles
    if roles:
        value += next((extra for role, extra in _BY_ROLE if roles & role), 0)
    if fired:
        value += PRIORITY_WEIGHT * max(trigger.priority for trigger in fired)
    return value
