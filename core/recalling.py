"""What a studio that is opened takes over from the process that had it, as far as that was written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from core.allowance import DAY, SpeechAllowance
from core.clock import Clock
from core.crew import Crew
from core.live.events import EventType
from core.live.session import Recalled
from core.studio import Studio
from core.triggers.engine import CarriedMemory
from core.triggers.marks import COOLDOWN, ONCE, STREAM_SECONDS
from storage.db import Database, UnitOfWork
from storage.models import TriggerMark

MAX_MARKS = 30_000  # read of one streamer; those that last longest
MAX_MET = 20_000  # viewers of the LIVE that runs, by what they wrote
STILL_SECONDS = 3_600.0  # a LIVE that ended within may be one we stopped hearing, no more


class Lasted(Struct, frozen=True):
    """Of one streamer."""

    counters: dict[str, int]
    marks: Sequence[TriggerMark]
    room_id: str | None  # of the LIVE that may still run
    met: Mapping[int, Sequence[EventType]]  # who has done what in it
    spoken: tuple[datetime, int] | None  # when their day began, how many characters since


async def read(db: Database, user_id: int, now: datetime) -> Lasted:
    async with db.read() as uow:
        live = await uow.lasting.last_live(
            user_id,
            began_after=now - timedelta(seconds=STREAM_SECONDS),
            ended_after=now - timedelta(seconds=STILL_SECONDS),
        )
        return Lasted(
            await uow.journal.counters_of(user_id),
            await uow.lasting.marks_of(user_id, now, MAX_MARKS),
            live.room_id if live else None,
            _done(await uow.lasting.met_in(live.id, MAX_MET)) if live else {},
            await _spoken(uow, user_id, now),
        )


def remind(studio: Studio, lasted: Lasted, crew: Crew) -> None:
    """Give a studio that has just been opened what its predecessor knew."""
    now = crew.clock.now()
    waits = [
        (one.trigger_id, one.viewer_id, (one.until - now).total_seconds())
        for one in lasted.marks
        if one.what == COOLDOWN
    ]
    memory = CarriedMemory(
        counters=lasted.counters,
        waits={trigger_id: wait for trigger_id, viewer_id, wait in waits if not viewer_id},
        viewer_waits=[one for one in waits if one[1]],
        once=[],
        streaks=[],
    )
    studio.stage.memory.resume(memory, crew.clock.monotonic())
    if lasted.room_id is not None:
        studio.session.recall(_recalled(lasted.room_id, lasted))
    if lasted.spoken is not None:
        crew.allowance.take_up(studio.user_id, *lasted.spoken)


async def know_day(db: Database, allowance: SpeechAllowance, user_id: int, clock: Clock) -> None:
    """What other processes have spoken for the account counts here, too."""
    async with db.read() as uow:
        spoken = await _spoken(uow, user_id, clock.now())
    if spoken is not None:
        allowance.take_up(user_id, *spoken)


async def _spoken(uow: UnitOfWork, user_id: int, now: datetime) -> tuple[datetime, int] | None:
    return await uow.lasting.spoken(user_id, now - timedelta(seconds=DAY))


def _recalled(room_id: str, lasted: Lasted) -> Recalled:
    met = {viewer_id: list(kinds) for viewer_id, kinds in lasted.met.items()}
    once = []
    for mark in lasted.marks:
        if mark.room_id != room_id or mark.what == COOLDOWN:
            continue
        if mark.what == ONCE:
            once.append(mark.trigger_id)
        else:
            met.setdefault(mark.viewer_id, []).append(EventType(mark.what))
    return Recalled(room_id, met=met, once=once)


def _done(rows: Iterable[tuple[int, int, int, int]]) -> dict[int, list[EventType]]:
    kinds = (EventType.CHAT, EventType.GIFT, EventType.LIKE)
    return {
        viewer_id: [kind for kind, count in zip(kinds, counts, strict=True) if count]
        for viewer_id, *counts in rows
    }
