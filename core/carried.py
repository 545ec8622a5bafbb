"""A studio on its way from one process to another: all that is known in memory alone."""

from contextlib import AbstractAsyncContextManager

from msgspec import Struct

from core.effects.queue import CarriedQueue
from core.live.session import CarriedSession
from core.live.source import Head, LiveConnection, Room
from core.ring import Told
from core.stage import CarriedStage
from core.studio import Studio


class CarriedStudio(Struct, frozen=True, kw_only=True):
    """Everything that is known here alone, for a process that goes on."""

    last_seq: int
    told: list[Told]
    session: CarriedSession
    stage: CarriedStage
    queue: CarriedQueue
    quiet_for: float  # seconds since somebody wrote
    notices: list[str]
    cuts: int
    room_id: str | None  # of the LIVE that runs
    unique_id: str | None
    is_on: bool


def carry(studio: Studio, now: float) -> CarriedStudio:
    """Nothing may happen to the studio between this and the handing over. `now`: monotonic seconds."""
    told, cuts = studio.watch.carry()
    tally = studio.stage.tally
    return CarriedStudio(
        last_seq=studio.channel.last_seq,
        told=studio.channel.carry(),
        session=studio.session.carry(now),
        stage=studio.stage.carry(now),
        queue=studio.queue.carry(now),
        quiet_for=now - studio.last_chat_at,
        notices=told,
        cuts=cuts,
        room_id=tally.room_id if tally else None,
        unique_id=studio.stage.setup.settings.tiktok_username,
        is_on=studio.is_on,
    )


def resume(
    studio: Studio,
    carried: CarriedStudio,
    connection: AbstractAsyncContextManager[LiveConnection] | None,
    now: float,
) -> None:
    """Go on where another process stopped; `connection`: to the LIVE it was in."""
    studio.channel.resume(carried.told, carried.last_seq)
    studio.session.resume(carried.session, now)
    studio.stage.resume(carried.stage, now)
    studio.queue.resume_from(carried.queue, now)
    studio.last_chat_at = now - carried.quiet_for
    studio.watch.resume(carried.notices, carried.cuts)
    if carried.is_on:
        studio.go_on(_head(studio, carried, connection))


def _head(
    studio: Studio, carried: CarriedStudio, connection: AbstractAsyncContextManager[LiveConnection] | None
) -> Head | None:
    unique_id = studio.stage.setup.settings.tiktok_username
    if carried.room_id is None or unique_id is None or carried.unique_id != unique_id:
        return None
    return Head(Room(carried.room_id, unique_id), connection)
