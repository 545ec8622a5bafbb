"""What the engine must do, written as plainly as possible: every trigger is tried on every fact."""

import re
from dataclasses import dataclass, field

from core.live.events import Fact, Phase, Role
from core.triggers.model import Condition, ConditionKey, Trigger, When


@dataclass
class Reference:
    triggers: list[Trigger]
    cooldowns: dict[int, float] = field(default_factory=dict)
    viewer_cooldowns: dict[tuple[int, int], float] = field(default_factory=dict)
    once: set[int] = field(default_factory=set)
    streaks: set[tuple[str, int]] = field(default_factory=set)

    def fired(self, fact: Fact, now: float) -> list[int]:
        ids = []
        for trigger in sorted(self.triggers, key=lambda one: (-one.priority, one.id)):
            if not self.is_concerned(trigger, fact):
                continue
            has_fired_in_streak = (fact.streak, trigger.id) in self.streaks and not fact.test
            if not has_fired_in_streak:
                if not fact.test and self.rests(trigger, fact, now):
                    continue
                ids.append(trigger.id)
                if not fact.test:
                    self.remember(trigger, fact, now)
            if trigger.stop:
                break
        return ids

    def is_concerned(self, trigger: Trigger, fact: Fact) -> bool:
        if not trigger.enabled or trigger.event_type != fact.type:
            return False
        if trigger.when is When.END and fact.phase in {Phase.START, Phase.MORE}:
            return False
        return all(holds(condition, fact) for condition in trigger.conditions)

    def rests(self, trigger: Trigger, fact: Fact, now: float) -> bool:
        return (
            (trigger.once_per_stream and trigger.id in self.once)
            or now < self.cooldowns.get(trigger.id, 0)
            or now < self.viewer_cooldowns.get((trigger.id, fact.viewer.user_id), 0)
        )

    def remember(self, trigger: Trigger, fact: Fact, now: float) -> None:
        self.once.add(trigger.id)
        self.cooldowns[trigger.id] = now + trigger.cooldown_seconds
        self.viewer_cooldowns[trigger.id, fact.viewer.user_id] = now + trigger.user_cooldown_seconds
        if fact.streak:
            self.streaks.add((fact.streak, trigger.id))


def holds(condition: Condition, fact: Fact) -> bool:  # noqa: C901, PLR0911, PLR0912 - one line a key
    value, text = condition.value, fact.text.casefold().strip()
    match condition.key:
        case ConditionKey.USERNAME:
            return fact.viewer.unique_id.casefold() in [one.strip().casefold() for one in value.split(",")]
        case ConditionKey.ROLE:
            roles = Role(fact.viewer.roles)
            return Role[value.upper()] in roles or (value == "follower" and Role.FRIEND in roles)
        case ConditionKey.MIN_GIFTER_LEVEL:
            return fact.viewer.gifter_level >= int(value)
        case ConditionKey.FIRST_TIME:
            return fact.is_first
        case ConditionKey.MESSAGE_CONTAINS:
            return value.casefold() in text
        case ConditionKey.MESSAGE_EQUALS:
            return value.casefold() == text
        case ConditionKey.MESSAGE_STARTS_WITH:
            return text.startswith(value.casefold())
        case ConditionKey.MESSAGE_REGEX:
            return re.search(value, fact.text) is not None
        case ConditionKey.COMMAND:
            return text.split()[:1] == [value.casefold()]
        case ConditionKey.GIFT_NAME:
            return fact.gift_name.casefold() == value.casefold()
        case ConditionKey.GIFT_ID:
            return fact.gift_id == int(value)
        case ConditionKey.MIN_DIAMONDS:
            return fact.total_diamonds >= int(value)
        case ConditionKey.MAX_DIAMONDS:
            return fact.total_diamonds <= int(value)
        case ConditionKey.MIN_COUNT:
            return fact.count >= int(value)
        case ConditionKey.EVERY:
            marks = range(int(value), fact.total + 1, int(value))
            return any(fact.before < mark for mark in marks)
        case ConditionKey.REACHED:
            return fact.before < int(value) <= fact.total
