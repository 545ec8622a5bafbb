"""What became of an event, read from its row of history: in kinds that a page can put into words."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from core.errors import NotFound
from core.live.events import EventType, Fact, Phase, Role, Viewer
from storage.db import Database, UnitOfWork
from storage.models import HistoryRow

PAGE = 40
WRITTEN_LOOKS, WRITTEN_SECONDS = 8, 0.25
LOOKED_AT = 2_000  # rows of one page where most are filtered out
_BATCH = 400


class Outcome(StrEnum):
    PLAYED = "played"  # a device said so
    SENT = "sent"  # to a device that plays; it has not said so
    DONE = "done"  # nothing in it is to be heard: an alert, a counter, a webhook
    SILENT = "silent"  # something was to be heard, and was not
    UNSEEN = "unseen"  # an alert was to be shown, and nothing was there to show it
    COUNTED = "counted"  # the rest of a streak, which has had its effect
    RESTING = "resting"  # one would have fired, but had a moment ago
    NOTHING = "nothing"  # no trigger fired


_IDLE = frozenset({Outcome.RESTING, Outcome.NOTHING})
_MISSED = _IDLE | {Outcome.SILENT, Outcome.UNSEEN}
_RESTS = frozenset({"cooldown", "user_cooldown", "once_per_stream"})
_FLOODS = frozenset({EventType.LIKE, EventType.VIEWER_JOIN, EventType.VIEWER_FIRST_MESSAGE})
"""Come all the time; the first message is a chat line, too."""


class Happened(Struct, frozen=True):
    id: str  # on the socket
    at: datetime
    type: str  # of the message: an event's, or `effect`
    fact: Fact
    outcome: Outcome
    why: str | None  # not heard or seen: a setting's name, `nobody_hears`, `nobody_sees`, `skip`, …
    fired: list[dict[str, Any]]  # see `core.effects.record`
    refused: list[dict[str, Any]]
    speech: dict[str, Any] | None  # how a chat line was read
    ring: str | None  # the sound of a gift no trigger rang for
    waiting: float  # seconds of audio before it
    heard_by: list[str]
    played_at: datetime | None
    is_test: bool
    in_streak: bool

    @property
    def is_silence_text(self) -> bool:
        """Spoken because nobody wrote: no event of a viewer, so no trigger was tried."""
        return bool(self.fired) and self.fired[0]["trigger_id"] is None


class Filter(Struct, frozen=True):
    type: str | None = None
    person: str = ""  # part of a name or handle
    missed: bool = False  # only what did not fire or was not heard
    calm: bool = False  # without the likes and joins that fired nothing
    until: datetime | None = None  # only what was before


class Found(Struct, frozen=True):
    events: list[Happened]
    last: str | None  # to go on from; None: that was all
    looked_at: int


async def list_page(uow: UnitOfWork, user_id: int, wanted: Filter, before: str | None = None) -> Found:
    """Newest first, those older than the event `before`."""
    row = await _require(uow, user_id, before) if before else None
    keep = _keep(wanted)
    batch = _BATCH if _narrows(wanted) else PAGE
    found: list[Happened] = []
    looked_at = 0
    while len(found) < PAGE and looked_at < LOOKED_AT:
        rows = await uow.history.list_before(user_id, row, batch, kind=wanted.type, until=wanted.until)
        for one in rows:
            looked_at, row = looked_at + 1, one
            if keep(event := of_row(one)):
                found.append(event)
            if len(found) == PAGE:
                break
        else:
            if len(rows) < batch:
                return Found(found, None, looked_at)
    return Found(found, row.message_id if row else None, looked_at)


async def list_of(uow: UnitOfWork, user_id: int, message_ids: Collection[str]) -> list[Happened]:
    """As they are now, in no order; what is gone is left out."""
    return [of_row(row) for row in await uow.history.list_events(user_id, message_ids)]


async def last_seq(uow: UnitOfWork, user_id: int) -> int:
    """Of the newest event, whatever is looked for; 0 where there is none."""
    newest = await uow.history.list_before(user_id, None, 1)
    return newest[0].seq if newest else 0


async def written(db: Database, user_id: int, message_id: str) -> None:
    """Wait a moment for one that was told just now: the journal writes behind. Returns either way."""
    for _ in range(WRITTEN_LOOKS):
        async with db.read() as uow:
            if await uow.history.get_event(user_id, message_id) is not None:
                return
        await asyncio.sleep(WRITTEN_SECONDS)


async def require(uow: UnitOfWork, user_id: int, message_id: str) -> Happened:
    return of_row(await _require(uow, user_id, message_id))


def of_row(row: HistoryRow) -> Happened:
    data = row.data
    outcome, why = _outcome(data, row.played_at)
    return Happened(
        id=row.message_id,
        at=row.at,
        type=row.type,
        fact=fact_of(row.type, data),
        outcome=outcome,
        why=why,
        fired=data.get("fired", []),
        refused=data.get("refused", []),
        speech=data.get("speech"),
        ring=data.get("ring"),
        waiting=data.get("waiting", 0.0),
        heard_by=data.get("heard_by", []),
        played_at=row.played_at,
        is_test=data.get("test", False),
        in_streak=data.get("phase", Phase.ONLY) != Phase.ONLY,
    )


def fact_of(kind: str, data: dict[str, Any]) -> Fact:
    """The fact as it was tried on the triggers."""
    user = data.get("user") or {}
    viewer = Viewer(
        0,
        user.get("username", ""),
        user.get("nickname", ""),
        data.get("roles", 0),
        data.get("gifter_level", 0),
    )
    count = data.get("streak_total", data.get("count", 0))
    is_gift = "gift_name" in data
    diamonds = data.get("diamonds", 0)
    return Fact(
        EventType(data.get("event", kind)),
        viewer,
        is_first=data.get("first", False),
        text=data.get("message", ""),
        gift_id=data.get("gift_id", 0),
        gift_name=data.get("gift_name", ""),
        diamonds=diamonds,
        count=count,
        total_diamonds=count * diamonds if is_gift else 0,
        added=data.get("count", 0) if is_gift else 0,
        phase=Phase(data.get("phase", Phase.ONLY)),
        before=data.get("before", 0),
        total=0 if is_gift else data.get("total", 0),
        test=data.get("test", False),
    )


def again(event: Happened) -> Fact:
    """The same as a test: one gift of its whole count, of no streak, that no memory or total sees."""
    fact = event.fact
    return Fact(
        fact.type,
        fact.viewer,
        is_first=fact.is_first,
        text=fact.text,
        gift_id=fact.gift_id,
        gift_name=fact.gift_name,
        diamonds=fact.diamonds,
        count=fact.count,
        total_diamonds=fact.total_diamonds,
        added=fact.count if fact.type is EventType.GIFT else 0,
        before=fact.before,
        total=fact.total,
        test=True,
    )


def roles_of(fact: Fact) -> list[str]:
    return [str(role.name).lower() for role in Role if role and fact.viewer.roles & role]


async def _require(uow: UnitOfWork, user_id: int, message_id: str) -> HistoryRow:
    row = await uow.history.get_event(user_id, message_id)
    if row is None:
        raise NotFound
    return row


def _outcome(data: dict[str, Any], played_at: datetime | None) -> tuple[Outcome, str | None]:
    fired: Sequence[dict[str, Any]] = data.get("fired", [])
    speech: dict[str, Any] = data.get("speech") or {}
    is_read = bool(speech.get("text")) and not speech.get("skipped_by")
    is_audible = is_read or "ring" in data or any(one.get("audible") for one in fired)
    why = data.get("dropped")
    if played_at is not None and why is None:
        return Outcome.PLAYED, None
    if is_audible and not why and not data.get("heard_by"):
        why = "nobody_hears"
    why = why or _silent_by(fired, speech, is_audible=is_audible)
    if why:
        return Outcome.SILENT, why
    if is_audible:
        return Outcome.SENT, None
    if fired:
        return (Outcome.UNSEEN, "nobody_sees") if data.get("unseen") else (Outcome.DONE, None)
    return _idle(data), None


def _idle(data: dict[str, Any]) -> Outcome:
    """Nothing was to be heard or seen of it."""
    if _is_of_one_that_acted(data):
        return Outcome.COUNTED
    rested = any(one["by"] in _RESTS for one in data.get("refused", []))
    return Outcome.RESTING if rested else Outcome.NOTHING


def _is_of_one_that_acted(data: dict[str, Any]) -> bool:
    """Part of a streak that a trigger fired on, or that rang, before."""
    return data.get("rung", False) or any(one["by"] == "streak" for one in data.get("refused", []))


def _silent_by(fired: Sequence[dict[str, Any]], speech: dict[str, Any], *, is_audible: bool) -> str | None:
    if is_audible:
        return None
    if fired:
        return next((one["silent_by"] for one in fired if one.get("silent_by")), None)
    return speech.get("skipped_by")


def _narrows(wanted: Filter) -> bool:
    return bool(wanted.person or wanted.missed or wanted.calm)


def _keep(wanted: Filter) -> Callable[[Happened], bool]:
    person = wanted.person.strip().removeprefix("@").casefold()

    def keep(event: Happened) -> bool:
        viewer = event.fact.viewer
        if person and person not in viewer.unique_id.casefold() and person not in viewer.nickname.casefold():
            return False
        if wanted.calm and event.fact.type in _FLOODS and event.outcome in _IDLE:
            return False
        return not wanted.missed or event.outcome in _MISSED

    return keep
