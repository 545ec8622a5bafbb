"""What became of an event, in words."""

from typing import Any

from msgspec import Struct

from core.effects.record import GAVE_WAY
from core.happened import Happened, Outcome
from core.live.events import EventType
from core.triggers.model import ConditionKey
from core.triggers.reasons import Tried
from webapp.miniapp.sentences import text_of
from webapp.miniapp.voice_names import voice_name
from webapp.miniapp.wording import Say, catalogue

_ICONS = {
    "chat": "chat", "gift": "gift", "like": "heart", "follow": "follow", "share": "share",
    "subscribe": "subscribe", "viewer_join": "join", "viewer_first_message": "first",
    "viewer_count": "eye", "effect": "trigger",
}  # fmt: skip
_TONES = {
    Outcome.PLAYED: "is-good",
    Outcome.SENT: "is-good",
    Outcome.DONE: "is-good",
    Outcome.SILENT: "is-warn",
    Outcome.UNSEEN: "is-warn",
    Outcome.COUNTED: "",
    Outcome.RESTING: "",
    Outcome.NOTHING: "",
}
_LEFT_OUT = frozenset({GAVE_WAY, "clear", "deleted"})
"""Audio that no device began: `skip` stops what sounds."""
_DIAMONDS = frozenset({ConditionKey.MIN_DIAMONDS, ConditionKey.MAX_DIAMONDS})


class Line(Struct, frozen=True):
    """One event as its row has it."""

    event: Happened
    icon: str
    what: str
    outcome: str
    tone: str
    why: str


class Reason(Struct, frozen=True):
    """One trigger, and what it did or what stopped it."""

    name: str
    href: str  # empty: it is gone
    text: str
    detail: str  # what was said or shown
    icon: str
    tone: str


class Step(Struct, frozen=True):
    """One thing that became of an event."""

    icon: str
    text: str
    detail: str = ""
    tone: str = ""


class Why:
    """In one reader's language."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._words = catalogue(say.language, "history")
        self._sentence = catalogue(say.language, "triggers")["sentence"]

    def line(self, event: Happened) -> Line:
        return Line(
            event=event,
            icon=_ICONS.get(event.type, "trigger"),
            what=self._what(event),
            outcome=self._words["outcomes"][event.outcome],
            tone=_TONES[event.outcome],
            why=self.silent(event.why) if event.why else "",
        )

    def reason(self, one: Tried) -> Reason:
        trigger, name = one.trigger, self._words["deleted"]
        if trigger is not None:
            name = trigger.name or text_of(trigger, self._sentence, self._say)
        href = f"/app/triggers/{one.trigger_id}" if trigger else ""
        if one.fired is None:
            text = self._stopped(one)
            return Reason(name, href, text, "", *_mark(one.by))
        silent = one.fired.get("silent_by")
        text = self._words["fired_but"] if silent else self._words["fired"]
        text = self._say.fill(text, why=self.silent(silent)) if silent else text
        return Reason(name, href, text, self._done(one.fired), *(_UNHEARD if silent else _FIRED))

    def steps(self, event: Happened) -> list[Step]:
        """What was heard of it, where, and when."""
        words, say = self._words, self._say
        steps = self._meant(event)
        if event.outcome is Outcome.COUNTED:
            return [*steps, Step("check", words["counted"])]
        if event.why in _LEFT_OUT:
            return steps
        if event.waiting:
            steps.append(Step("clock", say.fill(words["waited"], seconds=say.number(event.waiting))))
        if event.heard_by:
            places = ", ".join(words["places"].get(name, name) for name in event.heard_by)
            steps.append(Step("share", say.fill(words["sent_to"], places=places)))
        else:
            steps.append(Step("share", words["sent_nowhere"]))
        if event.played_at:
            time = say.clock(event.played_at)
            steps.append(Step("volume", say.fill(words["played"], time=time), tone="is-good"))
        elif event.outcome is Outcome.SENT:
            steps.append(Step("volume", words["played_not"]))
        return steps

    def silent(self, by: str) -> str:
        """Why something was not heard."""
        words: dict[str, str] = self._words["silent_by"]
        return words.get(by, words["other"])

    def _meant(self, event: Happened) -> list[Step]:
        """What was to be heard of it, besides what its triggers did."""
        steps = [self._spoken(event)] if event.speech or event.is_silence_text else []
        if event.ring:
            rang = self._words["rang" if _has_begun(event) else "to_ring"]
            steps.append(Step("sound", self._say.fill(rang, sound=event.ring)))
        return [step for step in steps if step]

    def _spoken(self, event: Happened) -> Step | None:
        """How it was read aloud, or why not; None: that is said above already."""
        read: dict[str, Any] = event.fired[0] if event.is_silence_text else event.speech or {}
        if by := read.get("skipped_by") or read.get("silent_by"):
            not_read = self._say.fill(self._words["not_read"], why=self.silent(by))
            return None if by == event.why else Step("quiet", not_read)
        voice = self._voice(read["voice"]) if read.get("voice") else ""
        spoken = self._words["spoken" if _has_begun(event) else "to_read"]
        return Step("voice", self._say.fill(spoken, said=read.get("text") or ""), voice)

    def _voice(self, voice_id: str) -> str:
        return self._say.fill(self._words["voice"], name=voice_name(voice_id, self._say))

    def _what(self, event: Happened) -> str:
        fact, words = event.fact, self._words["what"]
        if event.is_silence_text:
            return str(words["silence"])
        match fact.type:
            case EventType.CHAT:
                return fact.text
            case EventType.GIFT:
                many = words["gifts"] if fact.count > 1 else words["gift"]
                return self._say.fill(many, gift=fact.gift_name, count=self._say.number(fact.count))
            case EventType.LIKE:
                return self._say.many(words["like"], fact.count)
            case EventType.VIEWER_COUNT:
                return self._say.many(words["viewer_count"], fact.total)
            case _:
                return str(words[fact.type])

    def _done(self, fired: dict[str, Any]) -> str:
        text = str(self._sentence["quoted"]).format_map(fired) if fired.get("text") else ""
        return f"{text} · {self._voice(fired['voice'])}" if text and fired.get("voice") else text

    def _stopped(self, one: Tried) -> str:
        by = one.by or "other"
        words: dict[str, str] = self._words["stopped"]
        if by in ("cooldown", "user_cooldown") and one.left is None:
            by = f"{by}_some"
        if by == ConditionKey.ROLE and not one.was:
            by = "role_none"
        left = self._say.number(round(one.left, 1)) if one.left is not None else ""
        values = {"wanted": self._value(by, one.wanted), "was": self._was(by, one.was), "left": left}
        said = self._say.fill(words.get(by, words["other"]), **values)
        return f"{said} {self._words['changed']}" if one.is_changed and by != "since" else said

    def _value(self, by: str, wanted: str) -> str:
        """What a condition wants, as its sentence has it."""
        if by in _DIAMONDS:
            return self._say.many(self._sentence["amounts"]["diamonds"], int(wanted))
        if by == ConditionKey.EVERY:
            return self._say.many(self._sentence["amounts"]["likes"], int(wanted))
        if by in (ConditionKey.ROLE, "role_none"):
            return str(self._sentence["roles"].get(wanted, wanted))
        if by == ConditionKey.USERNAME:
            return ", ".join(f"@{name.strip().removeprefix('@')}" for name in wanted.split(","))
        return self._number(wanted) if by not in _WORDS else wanted

    def _was(self, by: str, was: str) -> str:
        """What the event had instead."""
        if by == ConditionKey.ROLE:
            return ", ".join(self._sentence["roles"].get(role, role) for role in was.split(","))
        return self._number(was) if by not in _WORDS else was

    def _number(self, text: str) -> str:
        return self._say.number(int(text)) if text.isdecimal() else text


_WORDS = frozenset(
    {
        ConditionKey.MESSAGE_CONTAINS,
        ConditionKey.MESSAGE_EQUALS,
        ConditionKey.MESSAGE_STARTS_WITH,
        ConditionKey.MESSAGE_REGEX,
        ConditionKey.COMMAND,
        ConditionKey.GIFT_NAME,
        ConditionKey.GIFT_ID,
    }
)
"""Conditions whose digits are no number."""

_FIRED = ("check", "is-good")
_UNHEARD = ("warning", "is-warn")


def _has_begun(event: Happened) -> bool:
    return event.why not in _LEFT_OUT and event.why not in ("nobody_hears", "nobody_sees")


def _mark(by: str | None) -> tuple[str, str]:
    """Icon and tone of what did not fire here."""
    if by == "apart":
        return _FIRED
    return ("clock" if by in ("cooldown", "user_cooldown", "when") else "close"), ""
