"""Parts of several processes in one, over one real Postgres and one real Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from redis.asyncio import Redis

from core import licenses
from core.access import Access
from core.accounts import Accounts
from core.allowance import SpeechAllowance
from core.audit import Act
from core.changes import ChangeFeed
from core.clock import Clock
from core.cluster.context import Context
from core.cluster.exchange import Exchange
from core.cluster.far import FarStudios
from core.cluster.handover import Handover
from core.cluster.held import HeldStudios
from core.cluster.leases import Leases
from core.cluster.outbox import Outbox
from core.cluster.speech_notes import SpeechNotes
from core.cluster.worker import Worker
from core.config import Config
from core.crew import Crew
from core.gift_catalogue import GiftNotes
from core.journal import Journal
from core.licenses import Batch
from core.listener import Listener, Place
from core.live.budgets import unlimited
from core.live.events import Frame
from core.live.source import ConnectionLost, LiveState, LiveStatus, Room
from core.passwords import Passwords
from core.secrets import generate
from core.sounds.service import Sounds
from core.sounds.workshop import SoundWorkshop
from core.tasks import TaskPool
from core.triggers import service as triggers
from storage.bus import Bus
from storage.db import Database
from storage.media import MediaStore
from tests.fakes import FakeSpeech
from tests.webapp.fakes import NoWebhooks

PASSWORD = "SecurePass123!"
SECRETS = generate()


class Heard:
    """A supervision that was begun: what feeds the studio is the test."""

    def __init__(self, sink: Any, head: Any) -> None:
        self.sink = sink
        self.head = head
        self.state = LiveState.LIVE
        self.status = LiveStatus(self.state, Clock().now(), room_id="7001")
        self.is_stopped = False

    def check_now(self) -> None: ...

    def stop(self) -> None:
        self.is_stopped = True


class Rooms:
    """Rooms that can be connected to; `open`: the connections that stand."""

    def __init__(self) -> None:
        self.open = 0

    @asynccontextmanager
    async def connect(self, _room: Room, *, reconnecting: bool) -> AsyncIterator["Rooms"]:
        self.open += 1
        try:
            yield self
        finally:
            self.open -= 1

    raw = None
    skipped = 0

    def __aiter__(self) -> "Rooms":
        return self

    async def __anext__(self) -> Frame:
        await asyncio.Event().wait()
        raise ConnectionLost


class House:
    """One process: a worker, and the sockets' side of it."""

    def __init__(self, name: str, database_url: str, bus: Bus, directory: Path) -> None:
        self.db = Database(database_url)
        self.bus, self.tasks, self.clock = bus, TaskPool(), Clock()
        config = Config(data_dir=directory)
        self.access, self.changes = (
            Access(self.db, config, self.clock),
            ChangeFeed(self.db, self.clock, poll_seconds=0.2),
        )
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        self.accounts = Accounts(self.db, self.passwords, SECRETS, config, self.clock)
        self.journal = Journal(self.db, self.clock)
        self.rooms, self.begun = Rooms(), list[Heard]()
        self.context = Context(name, bus, self.db, self.clock, self.tasks)
        self.exchange = Exchange(self.context)
        self.far = FarStudios(self.context, self.exchange, self.access, self.accounts)
        self.notes = SpeechNotes(self.context)
        self.leases = Leases(self.context)
        self.outbox = Outbox(bus, self.leases.token)
        self.studios = HeldStudios(config, self.db, *self._inside(config))
        self.studios.share(self.leases, self.outbox, bus, (self.rooms, unlimited(self.clock)))
        self.handover = Handover(
            self.context, self.exchange, self.leases, self.outbox, self.studios, self.journal
        )
        self.worker = Worker(self.context, self.leases, self.outbox, self.studios, self.handover)

    def _inside(self, config: Config) -> tuple[Any, ...]:
        sounds = Sounds(
            self.db,
            MediaStore(config.media_url),
            SoundWorkshop(),
            config.sounds,
            SECRETS.media_key,
            triggers.using,
            self.clock,
        )
        crew = Crew(
            FakeSpeech(),
            self.journal,
            self.clock,
            NoWebhooks(),
            GiftNotes(self.db, self.clock),
            SpeechAllowance(self.clock),
        )
        return self.accounts, self.access, sounds, crew, self._supervise

    def _supervise(self, _unique_id: str, sink: Any, _on_change: object, head: Any = None) -> Heard:
        self.begun.append(Heard(sink, head))
        return self.begun[-1]

    async def start(self, *, works: bool = True) -> None:
        """`works`: takes streamers, too."""
        self.changes.subscribe(self.access.drop)
        await self.changes.start()
        self._spawn(self.changes.run(), self.journal.run())
        self.far.start(self.notes)
        if works:
            self.changes.subscribe(self.studios.noticed)
            self.worker.start()
            self._spawn(self.studios.run())

    def _spawn(self, *works: Any) -> None:
        for work in works:
            _ = self.tasks.spawn(work, name=work.__name__)

    async def stop(self) -> None:
        await self.tasks.close()
        self.passwords.close()
        await self.db.close()

    @property
    def loops(self) -> set[str]:
        """What runs."""
        return {task.get_name() for task in self.tasks._tasks}


class Street:
    """The houses, and the streamers who live there."""

    def __init__(self, database_url: str, shared: Redis, redis: Redis, directory: Path) -> None:
        self.database_url = database_url
        self.redis = redis
        self._shared = shared
        self._directory = directory
        self.houses: list[House] = []

    async def house(self, name: str, *, works: bool = True) -> House:
        built = self.unopened(name)
        await built.start(works=works)
        return built

    def unopened(self, name: str) -> House:
        built = House(name, self.database_url, Bus(self._shared), self._directory)
        self.houses.append(built)
        return built

    async def streamer(self, house: House, name: str = "streamer123") -> int:
        """Somebody with a license."""
        async with house.db.begin() as uow:
            by = Act("cli", house.clock.now())
            key = (await licenses.issue(uow, Batch("standard", 30), SECRETS.license_pepper, by))[0]
        return (await house.accounts.redeem(name, PASSWORD, key)).account.id

    async def close(self) -> None:
        for one in self.houses:
            await one.stop()


class Socket:
    """A place somebody takes, until told to go."""

    def __init__(self, house: House, user_id: int, **named: Any) -> None:
        self.listener = Listener(named.pop("place", Place.PLAYER), "http://host", **named)
        self._stack = AsyncExitStack()
        self._house, self._user_id = house, user_id

    async def __aenter__(self) -> "Socket":
        self.stay = await self._stack.enter_async_context(
            self._house.far.listening(self._user_id, self.listener, None)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.listener._pending]

    @property
    def code(self) -> int | None:
        return self.listener._code


async def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)
