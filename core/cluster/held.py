"""The studios of a process that shares the streamers with others: only what it holds is opened."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from msgspec import Struct

from core.cluster.calls import UNREADABLE
from core.cluster.exchange import Elsewhere
from core.cluster.leases import Leases
from core.cluster.outbox import Outbox
from core.live.budgets import Budgets
from core.live.events import Fact, Frame
from core.live.session import Recalled
from core.live.source import Head, LiveConnection, LiveSource, LiveStatus, Room
from core.live.supervision import StudioSink, Supervise, Supervision
from core.messages import MARK
from core.ring import Told
from core.studio import Studio
from core.studios import Studios
from storage.bus import Bus, BusError

WIRE_MARK = "\x01"  # stands in JSON for `MARK`, which no other process knows: JSON itself never carries it


class Kept(Struct, frozen=True, array_like=True):
    """One message as the bus remembers it."""

    seq: int
    lives_long: bool
    text: str
    room_id: str
    msg_id: int
    streak: str
    count: int  # of the streak, with this message


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode


class Fenced:
    """Feeds a studio as long as it is this process's; what comes after too long a pause is not told."""

    def __init__(self, sink: StudioSink, is_held: Callable[[], bool]) -> None:
        self._sink = sink
        self._is_held = is_held
        self.user_id = sink.user_id
        self.began, self.lost = sink.began, sink.lost

    def frame(self, frame: Frame) -> bool:
        return self._is_held() and self._sink.frame(frame)

    def ended(self) -> None:
        """What is still due is told by whoever goes on."""
        if self._is_held():
            self._sink.ended()


class HeldStudios(Studios):
    _leases: Leases
    _outbox: Outbox
    _bus: Bus
    _way: tuple[LiveSource, Budgets]

    def share(self, leases: Leases, outbox: Outbox, bus: Bus, way: tuple[LiveSource, Budgets]) -> None:
        """With whom, how it is told, and the way into LIVEs. To be called before anything else."""
        self._leases, self._outbox, self._bus, self._way = leases, outbox, bus, way
        self._supervise = self._fenced(self._supervise)

    @asynccontextmanager
    async def connect(self, room: Room, patience: float) -> AsyncIterator[LiveConnection]:
        """To a room that is about to be ours. Raises `LiveTrouble`, `Busy` where no turn comes in time."""
        source, budgets = self._way
        await budgets.signatures.line_up(first=True).wait(patience)
        async with source.connect(room, reconnecting=True) as connection:
            yield connection

    def find(self, user_id: int) -> Studio | None:
        """Where it is open here and this process may speak for it."""
        return self._open.get(user_id) if self._leases.is_held(user_id) else None

    async def open(self, user_id: int) -> Studio:
        """Raises `Elsewhere`."""
        if not self._leases.is_held(user_id):
            raise Elsewhere
        studio = await super().open(user_id)
        if not self._leases.is_held(user_id):  # lost while it was opened
            self.part(user_id)
            raise Elsewhere
        return studio

    async def reload(self, user_id: int) -> None:
        if user_id in self._open:
            if self._leases.is_held(user_id):
                await super().reload(user_id)
        elif await self._is_waited_for(user_id) and (await self._access.of(user_id)).license.is_live:
            await self._want([user_id])

    def part(self, user_id: int) -> None:
        """Another process speaks for them: nobody who listens hears a goodbye from here."""
        self._leases.drop(user_id)
        self._outbox.forget(user_id)
        if studio := self._open.get(user_id):
            for listener in studio.channel.everybody:
                studio.channel.leave(listener)
            if studio.stage.tally is not None:
                self._crew.journal.forget(studio.stage.tally)
            studio.abandon()
            self._shut(user_id)

    def close(self) -> None:
        for user_id, studio in list(self._open.items()):
            tally = studio.stage.tally
            self.part(user_id)
            if tally is not None:
                self._crew.journal.write_soon(tally)
        super().close()

    async def _review_one(self, studio: Studio, now: float) -> None:
        await super()._review_one(studio, now)
        if not self.is_open(studio.user_id):  # nobody needs it: not from here, not from anybody
            await self._crew.journal.flush()
            if not self.is_open(studio.user_id):
                await self._leases.release([studio.user_id], is_needed=False)

    async def _start_waiting(self) -> None:
        async with self._db.read() as uow:
            waiting = await uow.journal.users_waiting()
        await self._want(list(waiting))

    async def _want(self, user_ids: list[int]) -> None:
        async with self._db.begin() as uow:
            await uow.leases.want(user_ids, is_on=True)
        self._leases.ask()

    def _tick(self, now: float) -> None:
        """Those that ran out of time say nothing, not even what is due."""
        lapsed = {user_id: one for user_id, one in self._open.items() if not self._leases.is_held(user_id)}
        for user_id in lapsed:
            del self._open[user_id]
        super()._tick(now)
        self._open.update(lapsed)

    async def _furnish(self, user_id: int) -> Studio:
        studio = await super()._furnish(user_id)
        await self._recall(studio)
        studio.channel.on_kept = lambda seq, text, lives_long, fact: self._outbox.keep(
            user_id, _kept(studio, seq, text, lives_long=lives_long, fact=fact)
        )
        return studio

    async def _recall(self, studio: Studio) -> None:
        try:
            found = [(one.age, _decode(one.data)) for one in await self._bus.said(studio.user_id)]
        except (BusError, OSError, *UNREADABLE):
            return  # sockets are told how much is lost
        told = [Told(one.seq, age, unwired(one.text), one.lives_long) for age, one in found]
        studio.channel.recall(told)
        if found:
            room_id = found[-1][1].room_id
            of_room = [(one.msg_id, one.streak, one.count) for _, one in found if one.room_id == room_id]
            studio.session.recall(Recalled(room_id, of_room))

    def _fenced(self, supervise: Supervise) -> Supervise:
        def begin(
            unique_id: str,
            sink: StudioSink,
            on_change: Callable[[LiveStatus], None],
            head: Head | None = None,
        ) -> Supervision:
            fenced = Fenced(sink, lambda: self._leases.is_held(sink.user_id))
            return supervise(unique_id, fenced, on_change, head)

        return begin


def _kept(studio: Studio, seq: int, text: str, *, lives_long: bool, fact: Fact | None) -> bytes:
    tally = studio.stage.tally
    room_id = tally.room_id if tally else ""
    text = wired(text)
    if fact is None or fact.test:
        return _encode(Kept(seq, lives_long, text, room_id, 0, "", 0))
    return _encode(Kept(seq, lives_long, text, room_id, fact.msg_id, fact.streak, fact.count))


def wired(text: str) -> str:
    """For another process, whose `MARK` is another."""
    return text.replace(MARK, WIRE_MARK)


def unwired(text: str) -> str:
    return text.replace(WIRE_MARK, MARK)
