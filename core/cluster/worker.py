"""The side that has the studios: answers the processes that have the sockets."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

import structlog

from core.cluster import calls
from core.cluster.calls import Answer, Call, Join
from core.cluster.context import Context
from core.cluster.exchange import Elsewhere
from core.cluster.far_listener import FarListener
from core.cluster.handover import Handover
from core.cluster.held import HeldStudios
from core.cluster.leases import Leases
from core.cluster.outbox import Outbox
from core.errors import AppError, Invalid, NotFound, Unavailable
from core.glance import Glance
from core.listener import Close, Place
from core.studio import QueueAction, Studio
from storage.bus import BusError
from storage.db import DatabaseError

log = structlog.get_logger(__name__)

MAX_CALLS = 500  # of one streamer that wait; more are left to their callers' patience
SWEEP_SECONDS = 3.0
SILENT_SECONDS = 12.0  # a process that has not named its sockets for so long has none any more
OPEN_SECONDS = 8.0
ACTIONS: Mapping[str, QueueAction] = {"skip": "skip", "pause": "pause", "resume": "resume", "clear": "clear"}


class Worker:
    def __init__(
        self,
        context: Context,
        leases: Leases,
        outbox: Outbox,
        studios: HeldStudios,
        handover: Handover,
    ) -> None:
        self._bus = context.bus
        self._leases = leases
        self._outbox = outbox
        self._studios = studios
        self._handover = handover
        self._clock = context.clock
        self._tasks = context.tasks
        self._far: dict[tuple[str, int], FarListener] = {}  # by process and its number for the socket
        self._lanes: dict[int, deque[Call]] = {}
        outbox.on_refused = self._replaced
        outbox.on_unheard = self._unheard
        handover.on_given = self._gave

    def start(self) -> None:
        me = self._leases.worker
        for name, work in (
            ("calls", self._bus.listen(calls.worker_channel(me), self._called, self._leases.ask)),
            ("wanted", self._bus.listen(calls.WANTED, self._wanted, self._leases.ask)),
            ("outbox", self._outbox.run()),
            ("leases", self._leases.run(self)),
            ("far sockets", self._sweep()),
        ):
            _ = self._tasks.spawn(work, name=name)

    async def drain(self, seconds: float) -> None:
        """Give everybody away; whoever cannot be is left for others to find."""
        try:
            await self._drain(seconds)
        except (DatabaseError, BusError, OSError) as error:
            log.warning("not_handed_over", held=len(self._leases.held), error=type(error).__name__)

    async def _drain(self, seconds: float) -> None:
        await self._leases.leave()
        await self._handover.give_all(lambda: self.others, seconds)
        rest = self._leases.held
        for user_id in rest:
            self.tell_sockets(user_id)
        await self._outbox.flush()
        await self._leases.release(rest, is_needed=True)
        await self._leases.sign_off()

    # What the leases say (core.cluster.leases.Owner)

    async def gained(self, user_id: int, *, is_on: bool) -> None:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                _ = await self._studios.open(user_id)
                if is_on:
                    await self._studios.start_live(user_id)
        except Elsewhere:
            return
        except AppError as error:  # there is no such account any more, or it may not be LIVE
            log.warning("studio_not_opened", user_id=user_id, error=type(error).__name__)
            if not self._studios.is_open(user_id):
                await self._leases.release([user_id], is_needed=False)
        except (DatabaseError, BusError, OSError) as error:
            log.warning("studio_not_opened", user_id=user_id, error=type(error).__name__)
            self.lost(user_id)  # the next rounds find it again

    def lost(self, user_id: int) -> None:
        self._forget_far(user_id)
        self._studios.part(user_id)

    def switched_off(self, user_id: int) -> None:
        if (studio := self._studios.find(user_id)) and studio.is_on:
            studio.stop_live()

    def is_on(self, user_id: int) -> bool | None:
        studio = self._studios.find(user_id)
        return studio.is_on if studio else None

    async def surplus(self, loads: Mapping[str, int]) -> None:
        if self._leases.is_leaving:
            return
        if user_ids := self._handover.too_many(loads):
            await self._handover.give_some(user_ids, self.others)

    @property
    def others(self) -> dict[str, int]:
        """The other workers that take streamers, with how many they have."""
        return {name: count for name, count in self._leases.loads.items() if name != self._leases.worker}

    # Calls

    def _wanted(self, _payload: bytes) -> None:
        self._leases.ask()

    def _called(self, payload: bytes) -> None:
        try:
            call = calls.decode_call(payload)
        except calls.UNREADABLE as error:
            log.warning("call_not_understood", error=str(error))
            return
        lane = self._lanes.get(call.user_id)
        if lane is None:
            self._lanes[call.user_id] = deque([call])
            _ = self._tasks.spawn(self._empty(call.user_id), name=f"calls {call.user_id}")
        elif len(lane) < MAX_CALLS:
            lane.append(call)

    async def _empty(self, user_id: int) -> None:
        """One after another: a socket's leaving must not overtake its coming."""
        lane = self._lanes[user_id]
        try:
            while lane:
                call = lane.popleft()
                answer = await self._answer(call)
                if call.id:
                    self._outbox.answer(call.caller, answer)
        finally:
            del self._lanes[user_id]

    async def _answer(self, call: Call) -> Answer:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return calls.answer(call.id, await self._do(call))
        except Elsewhere:
            return Answer(call.id, is_elsewhere=True)
        except AppError as error:
            return calls.refusal(call.id, error)
        except (DatabaseError, BusError, OSError, TimeoutError) as error:
            log.warning("call_failed", call=type(call.body).__name__, error=type(error).__name__)
            return calls.refusal(call.id, Unavailable())

    async def _do(self, call: Call) -> object:
        return await self._HANDLERS[type(call.body)](self, call, call.body)

    async def _join(self, call: Call, join: Join) -> None:
        key = (call.caller, join.listener)
        if before := self._far.pop(key, None):  # it asks again: what it was told may be lost
            self._leave_quietly(before)
        listener = FarListener(join, call.caller, call.user_id, self._outbox, self._clock)
        if self._is_overtaken(listener):
            listener.dismiss(Close.REPLACED)
            return
        _ = await self._studios.enter(call.user_id, listener, join.since)
        self._far[key] = listener

    def _is_overtaken(self, listener: FarListener) -> bool:
        """A later socket of its process has the player's place: it joins again, and too late."""
        studio = self._studios.find(listener.user_id)
        return listener.place is Place.PLAYER and any(
            isinstance(one, FarListener)
            and (one.place, one.process) == (Place.PLAYER, listener.process)
            and one.number > listener.number
            for one in (studio.channel.everybody if studio else ())
        )

    async def _leave(self, call: Call, leave: calls.Leave) -> None:
        if listener := self._far.pop((call.caller, leave.listener), None):
            self._leave_quietly(listener)

    async def _played(self, call: Call, played: calls.Played) -> None:
        listener = self._far.get((call.caller, played.listener))
        if listener and (studio := self._studios.find(call.user_id)):
            studio.played(listener, played.message_id)

    async def _control(self, call: Call, control: calls.Control) -> None:
        action = ACTIONS.get(control.action)
        if action is None:
            raise Invalid(field="action")
        self._mine(call).control(action, control.message_id)

    async def _start_live(self, call: Call, _body: calls.StartLive) -> object:
        await self._studios.start_live(call.user_id)
        await self._leases.note_on(call.user_id, is_on=True)
        return self._mine(call).status

    async def _stop_live(self, call: Call, _body: calls.StopLive) -> object:
        await self._studios.stop_live(call.user_id)
        await self._leases.note_on(call.user_id, is_on=False)
        return self._mine(call).status

    async def _reload(self, call: Call, _body: calls.Reload) -> None:
        _ = self._mine(call)
        await self._studios.reload(call.user_id)

    async def _look(self, call: Call, _body: calls.Look) -> Glance | None:
        _ = self._mine(call)
        return await self._studios.glance(call.user_id)

    async def _look_at_all(self, _call: Call, _body: calls.LookAtAll) -> list[Glance]:
        return await self._studios.glances()

    async def _try(self, call: Call, body: calls.Try) -> object:
        trial = body.trigger_id if body.trigger_id is not None else body.trigger or body.fact
        if trial is None:
            raise NotFound
        return await self._studios.test(call.user_id, trial)

    async def _still_here(self, call: Call, body: calls.StillHere) -> None:
        now = self._clock.monotonic()
        for number in body.listeners:
            if listener := self._far.get((call.caller, number)):
                listener.named_at = now

    async def _prepare(self, call: Call, body: calls.Prepare) -> None:
        await self._handover.prepare(call.user_id, body)

    async def _given(self, call: Call, body: calls.Given) -> None:
        await self._handover.receive(call.user_id, body)

    _HANDLERS: ClassVar[dict[type, Callable[["Worker", Call, Any], Awaitable[object]]]] = {
        calls.Join: _join,
        calls.Leave: _leave,
        calls.Played: _played,
        calls.Control: _control,
        calls.StartLive: _start_live,
        calls.StopLive: _stop_live,
        calls.Reload: _reload,
        calls.Look: _look,
        calls.LookAtAll: _look_at_all,
        calls.Try: _try,
        calls.StillHere: _still_here,
        calls.Prepare: _prepare,
        calls.Given: _given,
    }

    def _mine(self, call: Call) -> Studio:
        if studio := self._studios.find(call.user_id):
            return studio
        raise Elsewhere

    # Sockets that are gone

    def _leave_quietly(self, listener: FarListener) -> None:
        listener.forget()
        if studio := self._studios.find(listener.user_id):
            studio.leave(listener)

    def _forget_far(self, user_id: int) -> None:
        for key in [key for key, one in self._far.items() if one.user_id == user_id]:
            self._far.pop(key).forget()

    def _replaced(self, user_id: int) -> None:
        log.warning("fenced_off", user_id=user_id)
        self.lost(user_id)

    def _unheard(self, channel: str) -> None:
        self._drop(lambda one: calls.sockets_channel(one.process) == channel)

    def _drop(self, is_gone: Callable[[FarListener], bool]) -> None:
        for key in [key for key, one in self._far.items() if is_gone(one)]:
            self._leave_quietly(self._far.pop(key))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            latest = self._clock.monotonic() - SILENT_SECONDS
            self._drop(lambda one, latest=latest: one.named_at < latest)  # type: ignore[misc]

    def _gave(self, user_id: int) -> None:
        self.tell_sockets(user_id)
        self._forget_far(user_id)

    def tell_sockets(self, user_id: int) -> None:
        """Whoever listens is to ask who has the studio now."""
        for process in {one.process for one in self._far.values() if one.user_id == user_id}:
            self._outbox.moved(user_id, process)
