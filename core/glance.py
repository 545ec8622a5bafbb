"""A streamer's studio from outside: values only, so that they can cross from one process to another."""

from datetime import datetime

from msgspec import Struct

from core.listener import Listener, Place
from core.live.source import LiveStatus
from core.studio import Studio
from core.tally import Tally

_HIGHEST = frozenset({"likes_total", "peak_viewers"})


class Backlog(Struct, frozen=True):
    """What the devices have still to play, as far as is known."""

    playing: str | None = None  # the message that sounds now
    pending: int = 0  # with it
    seconds: float = 0.0
    is_paused: bool = False


class Seat(Struct, frozen=True):
    """One socket that is connected."""

    place: Place
    agent: str  # the program at the other end, as it calls itself
    came_at: datetime | None
    confirms: bool  # has said of something that it was played


class Running(Struct, frozen=True, kw_only=True):
    """What the LIVE that runs adds up to by now."""

    started_at: datetime
    viewers: int  # now
    diamonds: int
    gifts: int
    likes: int
    follows: int


class Glance(Struct, frozen=True, kw_only=True):
    user_id: int
    tiktok_username: str | None
    status: LiveStatus
    cuts: int  # how often this LIVE's connection was lost
    backlog: Backlog
    seats: tuple[Seat, ...]
    running: Running | None

    @property
    def is_heard(self) -> bool:
        """Something that is connected has said of something that it was played."""
        return any(seat.confirms for seat in self.seats)

    @property
    def places(self) -> tuple[Place, ...]:
        """What is connected that can play."""
        there = {seat.place for seat in self.seats}
        return tuple(place for place in (Place.PLAYER, Place.OVERLAY) if place in there)

    def count(self, place: Place) -> int:
        return sum(seat.place is place for seat in self.seats)


def of(studio: Studio, now: float) -> Glance:
    """`now`: monotonic seconds."""
    queue, status, tally = studio.queue, studio.status, studio.stage.tally
    return Glance(
        user_id=studio.user_id,
        tiktok_username=studio.stage.setup.settings.tiktok_username,
        status=status,
        cuts=studio.watch.cuts,
        backlog=Backlog(queue.playing(now), queue.pending(now), queue.seconds(now), queue.is_paused),
        seats=tuple(_seat(one) for one in studio.channel.everybody),
        running=_running(tally, status.viewers or 0) if tally else None,
    )


def _seat(listener: Listener) -> Seat:
    return Seat(listener.place, listener.agent, listener.came_at, listener.confirms)


def _running(tally: Tally, viewers: int) -> Running:
    """From memory: what is written is some seconds old."""

    def total(name: str) -> int:
        own, before = getattr(tally, name), tally.base.get(name, 0)
        return int(max(own, before) if name in _HIGHEST else own + before)

    return Running(
        started_at=tally.started_at,
        viewers=viewers,
        diamonds=total("diamonds"),
        gifts=total("gifts"),
        likes=max(total("likes"), total("likes_total")),
        follows=total("follows"),
    )
