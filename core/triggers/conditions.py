"""Whether a fact meets a condition: one predicate a key, and one way to compare text.

Text is compared folded (see `fold`), patterns and messages alike; regular
expressions alone see the message as it was written.
"""

from collections.abc import Callable
from unicodedata import normalize

from core.live.events import Fact, Role
from core.triggers.model import Condition, ConditionKey
from core.triggers.regexes import RegexSet

MAX_TEXT = 1_000  # characters of a message that are looked at; TikTok's own limit is far lower

ROLES = {str(role.name).lower(): role for role in Role if role}
"""Names a `role` condition may have."""


def fold(text: str) -> str:
    """What is left when case, width, fonts, emoji presentation and outer blanks do not count."""
    if text.isascii():
        return text.lower().strip()
    folded = normalize("NFKC", normalize("NFKC", text).casefold())
    return folded.replace("\ufe0f", "").strip()


class Subject:
    """A fact with what conditions ask of it more than once, worked out once."""

    __slots__ = ("command", "fact", "gift", "handle", "roles", "text", "written")

    def __init__(self, fact: Fact) -> None:
        viewer = fact.viewer
        self.fact = fact
        self.handle = fold(viewer.unique_id)
        self.roles = viewer.roles | Role.FOLLOWER if viewer.roles & _FRIEND else viewer.roles
        self.written = fact.text[:MAX_TEXT]
        self.text = fold(self.written) if fact.text else ""
        self.command = self.text.split(None, 1)[0] if self.text.startswith("!") else ""
        self.gift = fold(fact.gift_name) if fact.gift_name else ""


_FRIEND = int(Role.FRIEND)  # enum arithmetic is slow, and this is the hot path

Check = Callable[[Subject], bool]


def handles(value: str) -> list[str]:
    """The handles of a `username` condition: one, or several with commas between."""
    return [fold(name).removeprefix("@") for name in value.split(",")]


def check_of(condition: Condition) -> Check:
    """The predicate of a condition that intake has let through."""
    return _MAKERS[condition.key](condition.value)


def _username(value: str) -> Check:
    wanted = frozenset(handles(value))
    return lambda subject: subject.handle in wanted


def _role(value: str) -> Check:
    flag = int(ROLES[value])
    return lambda subject: bool(subject.roles & flag)


def _min_gifter_level(value: str) -> Check:
    least = int(value)
    return lambda subject: subject.fact.viewer.gifter_level >= least


def _first_time(_value: str) -> Check:
    return lambda subject: subject.fact.is_first


def _contains(value: str) -> Check:
    phrase = fold(value)
    return lambda subject: phrase in subject.text


def _equals(value: str) -> Check:
    phrase = fold(value)
    return lambda subject: subject.text == phrase


def _starts_with(value: str) -> Check:
    phrase = fold(value)
    return lambda subject: subject.text.startswith(phrase)


def _regex(value: str) -> Check:
    pattern = RegexSet([value])
    return lambda subject: bool(pattern.found_in(subject.written))


def _command(value: str) -> Check:
    word = fold(value)
    return lambda subject: subject.command == word


def _gift_name(value: str) -> Check:
    name = fold(value)
    return lambda subject: subject.gift == name


def _gift_id(value: str) -> Check:
    gift_id = int(value)
    return lambda subject: subject.fact.gift_id == gift_id


def _min_diamonds(value: str) -> Check:
    least = int(value)
    return lambda subject: subject.fact.total_diamonds >= least


def _max_diamonds(value: str) -> Check:
    most = int(value)
    return lambda subject: subject.fact.total_diamonds <= most


def _min_count(value: str) -> Check:
    least = int(value)
    return lambda subject: subject.fact.count >= least


def _every(value: str) -> Check:
    step = int(value)
    return lambda subject: subject.fact.total // step > subject.fact.before // step


def _reached(value: str) -> Check:
    mark = int(value)
    return lambda subject: subject.fact.before < mark <= subject.fact.total


_MAKERS: dict[ConditionKey, Callable[[str], Check]] = {
    ConditionKey.USERNAME: _username,
    ConditionKey.ROLE: _role,
    ConditionKey.MIN_GIFTER_LEVEL: _min_gifter_level,
    ConditionKey.FIRST_TIME: _first_time,
    ConditionKey.MESSAGE_CONTAINS: _contains,
    ConditionKey.MESSAGE_EQUALS: _equals,
    ConditionKey.MESSAGE_STARTS_WITH: _starts_with,
    ConditionKey.MESSAGE_REGEX: _regex,
    ConditionKey.COMMAND: _command,
    ConditionKey.GIFT_NAME: _gift_name,
    ConditionKey.GIFT_ID: _gift_id,
    ConditionKey.MIN_DIAMONDS: _min_diamonds,
    ConditionKey.MAX_DIAMONDS: _max_diamonds,
    ConditionKey.MIN_COUNT: _min_count,
    ConditionKey.EVERY: _every,
    ConditionKey.REACHED: _reached,
}
