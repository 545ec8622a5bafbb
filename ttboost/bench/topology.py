"""One web and two `live` workers over one Postgres and one Redis, and the LIVEs they hear: for benches.

`database.url` and `bus.url` of the configuration name the engines; a database of its own is made on that
server and dropped again. All shares one machine: the engines, the LIVEs and the phones too.
"""

import asyncio
import os
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop

from core.config import Bus, Config, DatabaseSection, load
from core.errors import Unavailable
from storage import migrations
from storage.db import Database
from storage.scratch import scratch_database
from ttboost.bench.processes import (
    Load,
    crowd,
    furnish,
    listen,
    product,
    require_checkout,
    resident,
    tiktok_at,
    window,
)
from ttboost.process import raise_file_limit

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Taken:
    """What processes take together."""

    cpu: float  # cores
    bytes: int


@dataclass(frozen=True, slots=True)
class Window:
    """One measured stretch: what the phones saw, what the processes took."""

    phones: dict[str, Any]  # a line of `tests.fake_tiktok.crowd`
    web: Taken
    live: Taken


@dataclass(frozen=True, slots=True)
class Heard:
    """Resident bytes before anything came (one web; both workers), and the windows after it."""

    web_without: int
    live_without: int
    windows: list[Window]


def engines() -> Config:
    """The configuration, which must name both engines."""
    require_checkout()
    raise_file_limit()
    config = load(None)
    if config.database_url.startswith("sqlite") or config.bus.url.startswith("memory:"):
        raise Unavailable("this bench needs database.url (Postgres) and bus.url (Redis)")
    return config


@dataclass(frozen=True, slots=True)
class Running:
    """LIVEs that are heard, and by which processes; what those took before anything came."""

    others: subprocess.Popen[str]
    web: int
    workers: list[int]
    web_without: int
    live_without: int

    def window(self) -> Window:
        phones, (of_web, *of_live) = window(self.others, [self.web, *self.workers])
        live = Taken(sum(of_live), sum(map(resident, self.workers)))
        return Window(phones, Taken(of_web, resident(self.web)), live)


def hear(config: Config, rooms: int, wanted: Load) -> Heard:
    """Serve `rooms` LIVEs, one in ten with a player, and measure window by window."""
    with running(config, rooms, wanted) as heard:
        windows = [heard.window() for _ in range(wanted.windows)]
        return Heard(heard.web_without, heard.live_without, windows)


def lose_a_worker(config: Config, rooms: int, wanted: Load) -> dict[str, Any]:
    """What the phones saw in a window that begins with the death (SIGKILL) of one of the workers."""
    with running(config, rooms, wanted) as heard:
        os.kill(heard.workers[0], signal.SIGKILL)
        phones, _ = window(heard.others, [])
        return phones


@contextmanager
def running(config: Config, rooms: int, wanted: Load) -> Iterator[Running]:
    """Until all are heard and the warm-up is over."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        own = stack.enter_context(installation(config, Path(folder)))
        others, url, certificate = stack.enter_context(crowd(Path(folder), rooms, core=None))
        players = uvloop.run(furnish(own, rooms))
        web, address = stack.enter_context(serve(own, url, certificate, "web"))
        idle = resident(web)
        workers = [stack.enter_context(serve(own, url, certificate, "live"))[0] for _ in range(WORKERS)]
        empty = sum(map(resident, workers))
        asyncio.run(_until_all_are_held(own, rooms))
        listen(others, players, address, wanted)
        yield Running(others, web, workers, idle, empty)


@contextmanager
def installation(config: Config, folder: Path) -> Iterator[Config]:
    """Its own database on the server, gone at the end."""
    name = f"ttboost_bench_{secrets.token_hex(6)}"
    with scratch_database(config.database_url, name) as url:
        asyncio.run(_make_schema(url))
        yield load(None, data_dir=folder / "data").model_copy(
            update={"database": DatabaseSection(url=url), "bus": Bus(url=config.bus.url)}
        )


@contextmanager
def serve(config: Config, tiktok: str, certificate: str, roles: str) -> Iterator[tuple[int, str]]:
    """A process of these roles: its id and its address."""
    settings = {"database__url": config.database_url, "bus__url": config.bus.url} | tiktok_at(tiktok)
    with product(config.data_dir, settings, certificate, roles=roles, core=None) as found:
        yield found


async def _until_all_are_held(config: Config, rooms: int) -> None:
    database = Database(config.database_url)
    async with asyncio.timeout(240):
        held = 0
        while held < rooms:
            await asyncio.sleep(1)
            async with database.read() as uow:
                held = sum((await uow.leases.loads(timedelta(seconds=10))).values())
    await database.close()


async def _make_schema(url: str) -> None:
    database = Database(url)
    await migrations.upgrade(database)
    await database.close()
