"""The studios as the process with the sockets sees them: each runs in whichever worker holds it.

A socket outlives its worker. When a streamer changes hands, or what was said may be lost, its listeners join
again from the last message they heard; nothing is closed and nothing comes twice.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from core import license_clock
from core.access import Access
from core.accounts import Accounts
from core.cluster import calls
from core.cluster.calls import Heard, Join
from core.cluster.context import Context
from core.cluster.exchange import Elsewhere, Exchange
from core.cluster.leases import TTL_SECONDS
from core.cluster.speech_notes import SpeechNotes
from core.errors import AppError, Unavailable
from core.glance import Glance, Seat
from core.listener import Close, Listener, Place
from core.live.events import Fact
from core.live.source import LiveState, LiveStatus
from core.studio import QueueAction
from core.triggers.model import Trigger
from storage.bus import BusError
from storage.db import DatabaseError

log = structlog.get_logger(__name__)

WATCH_SECONDS = 2.0
LOOKED_UP_AT_ONCE = 500
JOIN_AT_ONCE = 50
RETRY_SECONDS = 0.3
SWITCH_OFF_TRIES = 5
PATIENCE = 45.0  # seconds a socket waits for somebody to have its studio again; then its client comes back

_NUMBERED = re.compile(r'\{"type":"\w+","seq":(\d{1,18})[,}]', re.ASCII)


class Stay:
    """One socket that listens."""

    def __init__(
        self, number: int, user_id: int, listener: Listener, since: int | None, far: "FarStudios"
    ) -> None:
        self.number = number
        self.user_id = user_id
        self.listener = listener
        self.since = since  # the last message it has heard
        self._has_heard = False
        self._far = far

    def hear(self, text: str, heard_at: float) -> None:
        """What it was told while it asked for the same again comes once."""
        if found := _NUMBERED.match(text):
            seq = int(found[1])
            if self._has_heard and seq <= (self.since or 0):
                return
            self.since, self._has_heard = seq, True
        self.listener.offer(text, heard_at)

    def played(self, _listener: Listener, message_id: str) -> None:
        self._far.tell(self.user_id, calls.Played(self.number, message_id))

    def control(self, action: QueueAction, message_id: str | None = None) -> None:
        self._far.tell(self.user_id, calls.Control(action, message_id))


class FarStudios:
    """`core.door.Door` onto the studios of all workers."""

    def __init__(self, context: Context, exchange: Exchange, access: Access, accounts: Accounts) -> None:
        self.is_demo = False
        self._bus = context.bus
        self._db = context.db
        self._clock = context.clock
        self._tasks = context.tasks
        self._exchange = exchange
        self._access = access
        self._accounts = accounts
        self._stays: dict[int, Stay] = {}  # by its number
        self._of_user: defaultdict[int, set[int]] = defaultdict(set)
        self._tokens: dict[int, int] = {}  # by streamer: the newest owner's that was joined
        self._joining: set[int] = set()  # streamers whose sockets join again
        self._slots = asyncio.Semaphore(JOIN_AT_ONCE)
        self._last_number = 0
        exchange.on_heard = self._heard
        exchange.on_moved = self._join_again
        exchange.on_connected = self._all_again

    def start(self, notes: SpeechNotes) -> None:
        self._exchange.start()
        _ = self._tasks.spawn(notes.run(), name="speech notes")
        _ = self._tasks.spawn(self._watch(), name="owners")

    # core.door.Door

    async def status(self, user_id: int) -> LiveStatus:
        found = await self.glance(user_id)
        return found.status if found else LiveStatus(LiveState.OFF, self._clock.now())

    async def glance(self, user_id: int) -> Glance | None:
        found: Glance | None = await self._exchange.ask_owner(user_id, calls.Look(), Glance | None)
        return found

    async def glances(self) -> list[Glance]:
        async with self._db.read() as uow:
            workers = await uow.leases.workers(timedelta(seconds=TTL_SECONDS))
        asked = (self._glances_of(worker) for worker in workers)
        return [one for some in await asyncio.gather(*asked) for one in some]

    async def seats(self, user_id: int) -> tuple[Seat, ...]:
        found = await self.glance(user_id)
        return found.seats if found else ()

    async def start_live(self, user_id: int, tiktok_username: str | None = None) -> None:
        license_clock.require_live((await self._access.of_now(user_id)).license)
        if tiktok_username:
            await self._accounts.update_settings(user_id, {"tiktok_username": tiktok_username})
            await self._exchange.ask(user_id, calls.Reload())
        _ = await self._exchange.ask(user_id, calls.StartLive(), LiveStatus)

    async def stop_live(self, user_id: int) -> None:
        if await self._exchange.ask_owner(user_id, calls.StopLive(), LiveStatus) is None:
            await self._switch_off(user_id)

    async def reload(self, user_id: int) -> None:
        try:
            await self._exchange.ask_owner(user_id, calls.Reload())
        except Unavailable:  # it was saved; whoever has the studio takes it from the change feed
            log.info("reload_not_answered", user_id=user_id)

    async def test(self, user_id: int, trial: int | Trigger | Fact) -> list[Place]:
        body = calls.Try(
            trigger_id=trial if isinstance(trial, int) else None,
            trigger=trial if isinstance(trial, Trigger) else None,
            fact=trial if isinstance(trial, Fact) else None,
        )
        found: list[Place] = await self._exchange.ask(user_id, body, list[Place])
        return found

    @asynccontextmanager
    async def listening(self, user_id: int, listener: Listener, since: int | None) -> AsyncIterator[Stay]:
        license_clock.require_live((await self._access.of(user_id)).license)
        self._last_number += 1
        stay = Stay(self._last_number, user_id, listener, since, self)
        self._stays[stay.number] = stay
        self._of_user[user_id].add(stay.number)
        try:
            await self._join(stay)
            yield stay
        finally:
            self._drop(stay)
            self.tell(user_id, calls.Leave(stay.number))

    def close(self) -> None:
        for stay in self._stays.values():
            stay.listener.dismiss(Close.GOING_AWAY)

    async def _switch_off(self, user_id: int) -> None:
        """As far as the bus knows nobody has the studio; the database knows better.

        Whoever has it and is not told reads it there in their next round, whoever takes it does at once.
        """
        for _ in range(SWITCH_OFF_TRIES):
            async with self._db.begin() as uow:
                await uow.leases.switch_off(user_id)
                owner = await uow.leases.owner(user_id)
            if owner is None:
                return
            try:
                await self._exchange.ask_worker(owner[0], user_id, calls.StopLive(), LiveStatus)
            except Elsewhere:  # it is about to change hands
                await asyncio.sleep(RETRY_SECONDS)
            except Unavailable as error:
                log.info("switched_off_untold", user_id=user_id, error=type(error).__name__)
                return
            else:
                return

    # Joining

    async def _join(self, stay: Stay) -> None:
        """Raises `Unavailable` where nobody has the studio, and what is refused there."""
        listener = stay.listener
        join = Join(
            listener=stay.number,
            place=listener.place,
            base_url=listener.base_url,
            since=stay.since,
            token_version=listener.token_version,
            token_id=listener.token_id,
            secret_version=listener.secret_version,
            hears_changes=listener.hears_changes,
            agent=listener.agent,
        )
        owner, _ = await self._exchange.ask_named(stay.user_id, join)
        self._tokens[stay.user_id] = max(owner.token, self._tokens.get(stay.user_id, 0))

    def _join_again(self, user_id: int) -> None:
        if user_id in self._of_user and user_id not in self._joining:
            self._joining.add(user_id)
            _ = self._tasks.spawn(self._rejoin(user_id), name=f"joining again {user_id}")

    def _all_again(self) -> None:
        """What was said while the bus was away is asked for."""
        for user_id in list(self._of_user):
            self._exchange.forget(user_id)
            self._join_again(user_id)

    async def _rejoin(self, user_id: int) -> None:
        until = self._clock.monotonic() + PATIENCE
        try:
            for number in sorted(self._of_user.get(user_id, ())):
                await self._join_at_last(number, until)
        finally:
            self._joining.discard(user_id)

    async def _join_at_last(self, number: int, until: float) -> None:
        while (stay := self._stays.get(number)) is not None:
            if await self._try_join(stay, until):
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _try_join(self, stay: Stay, until: float) -> bool:
        """True: there is nothing more to try."""
        try:
            async with self._slots:
                await self._join(stay)
        except (Unavailable, DatabaseError, OSError):
            if self._clock.monotonic() < until:
                return False
            stay.listener.dismiss(Close.GOING_AWAY)
        except AppError:  # why, its client hears when it comes back
            stay.listener.dismiss(Close.GOING_AWAY)
        return True

    def _drop(self, stay: Stay) -> None:
        self._stays.pop(stay.number, None)
        numbers = self._of_user[stay.user_id]
        numbers.discard(stay.number)
        if not numbers:
            del self._of_user[stay.user_id]
            self._tokens.pop(stay.user_id, None)

    # Hearing

    def _heard(self, heard: Heard) -> None:
        if heard.token < self._tokens.get(heard.user_id, 0):
            return  # from somebody who was replaced
        for item in heard.items:
            stay = self._stays.get(item.listener)
            if stay is None:
                continue
            if item.code:
                stay.listener.dismiss(item.code)
            else:
                stay.hear(item.text, self._here(item.heard_at))

    def _here(self, unix: float) -> float:
        """The same moment by this process's monotonic clock."""
        if not unix:
            return 0.0
        return self._clock.monotonic() - max(0.0, self._clock.now().timestamp() - unix)

    def tell(self, user_id: int, body: calls.Body) -> None:
        """In the background, in order with nothing: whoever misses it asks again."""
        if owner := self._exchange.known(user_id):
            _ = self._tasks.spawn(self._exchange.tell(owner.worker, user_id, body), name="call")

    # Watching who has what

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self._look_around()
            except (BusError, OSError, TimeoutError) as error:
                log.warning("owners_not_seen", error=type(error).__name__)

    async def _look_around(self) -> None:
        users = list(self._of_user)
        here: defaultdict[str, list[int]] = defaultdict(list)
        for start in range(0, len(users), LOOKED_UP_AT_ONCE):
            some = users[start : start + LOOKED_UP_AT_ONCE]
            owners = await self._bus.owners(some)
            for user_id in some:
                owner = owners.get(user_id)
                if owner is None or owner.token != self._tokens.get(user_id):
                    self._exchange.forget(user_id)
                    self._join_again(user_id)
                elif numbers := self._of_user.get(user_id):
                    here[owner.worker].extend(numbers)
        for worker, listeners in here.items():
            await self._exchange.tell(worker, 0, calls.StillHere(listeners))

    async def _glances_of(self, worker: str) -> list[Glance]:
        try:
            found: list[Glance] = await self._exchange.ask_worker(worker, 0, calls.LookAtAll(), list[Glance])
        except (Unavailable, Elsewhere):
            return []
        return found
