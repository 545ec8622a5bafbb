"""Made-up facts: what a streamer tries a trigger or a whole setup with."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from core.live.events import EventType, Fact, Phase, Role, Viewer
from core.triggers.model import ConditionKey, Trigger

Short = Annotated[str, Meta(max_length=100)]
Number = Annotated[int, Meta(ge=0, le=100_000_000)]

_ROLES = {role.name.lower(): role for role in Role if role.name}


class TestEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """An event as the socket would tell it. What is left out is made up."""

    type: Literal[
        "chat",
        "gift",
        "like",
        "viewer_join",
        "viewer_first_message",
        "follow",
        "share",
        "subscribe",
        "viewer_count",
    ]
    user: Short = "Anna"
    username: Short = "anna_test"
    roles: list[Literal["follower", "friend", "subscriber", "moderator", "top_gifter"]] = []
    gifter_level: Number = 0
    message: Annotated[str, Meta(max_length=500)] = ""
    gift_name: Short = "Rose"
    gift_id: Number = 5655
    diamonds: Number = 1
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    total: Number = 0


def fact_of(event: TestEvent) -> Fact:
    roles = Role.NONE
    for role in event.roles:
        roles |= _ROLES[role]
    kind = EventType(event.type)
    is_gift = kind is EventType.GIFT
    return Fact(
        kind,
        Viewer(0, event.username.removeprefix("@"), event.user, int(roles), event.gifter_level),
        is_first=True,
        text=event.message,
        gift_id=event.gift_id if is_gift else 0,
        gift_name=event.gift_name if is_gift else "",
        diamonds=event.diamonds if is_gift else 0,
        count=event.count,
        total_diamonds=event.diamonds * event.count if is_gift else 0,
        added=event.count if is_gift else 0,
        phase=Phase.ONLY,
        before=max(0, event.total - event.count) if kind is EventType.LIKE else 0,
        total=event.total,
        test=True,
    )


def sample_for(trigger: Trigger) -> Fact:
    """A fact such a trigger is meant for."""
    wanted = {condition.key: condition.value for condition in trigger.conditions}
    diamonds = int(wanted.get(ConditionKey.MIN_DIAMONDS, "1"))
    message = next(
        (
            wanted[key]
            for key in (
                ConditionKey.MESSAGE_EQUALS,
                ConditionKey.MESSAGE_STARTS_WITH,
                ConditionKey.MESSAGE_CONTAINS,
                ConditionKey.COMMAND,
            )
            if key in wanted
        ),
        "Hello!",
    )
    return fact_of(
        TestEvent(
            type=trigger.event_type.value,
            user=wanted.get(ConditionKey.USERNAME, "Anna"),
            username=wanted.get(ConditionKey.USERNAME, "anna_test"),
            message=message,
            gift_name=wanted.get(ConditionKey.GIFT_NAME, "Rose"),
            diamonds=max(1, diamonds),
            count=int(wanted.get(ConditionKey.MIN_COUNT, "1")),
            total=int(wanted.get(ConditionKey.EVERY, wanted.get(ConditionKey.REACHED, "100"))),
        )
    )
