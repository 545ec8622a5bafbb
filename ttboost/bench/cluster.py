"""Several processes over one Postgres and one Redis: how many rooms and sockets, and what a death costs.

`database.url` and `bus.url` of the configuration name the engines; a database of its own is made on that
server and dropped again. One room in ten has a player, as in the `rooms` bench. All shares one machine:
the engines, the LIVEs and the phones too, so what it measures first is how much one machine carries.
"""

import asyncio
import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from msgspec import Struct

from core.config import Bus, Config, DatabaseSection, load
from core.errors import Unavailable
from storage import migrations
from storage.db import Database
from storage.scratch import scratch_database
from ttboost.bench import Row
from ttboost.bench.idle import Idle
from ttboost.bench.processes import (
    PLAYER_IN,
    cpu_seconds,
    crowd,
    furnish,
    line_of,
    product,
    require_checkout,
    resident,
    tell,
)
from ttboost.process import raise_file_limit

SIZES = (250, 500, 1000, 2000)
WINDOWS = 3
WARM_UP = 12.0
SECONDS = 6.0  # of each measured window
SOCKETS = 5000
A_SECOND = 500  # reconnects after a process with sockets died
WORKERS = 2


class _Taken(Struct, frozen=True):
    """What processes take together."""

    cpu: float  # cores
    bytes: int


def run() -> list[Row]:
    require_checkout()
    raise_file_limit()
    config = load(None)
    if config.database_url.startswith("sqlite") or config.bus.url.startswith("memory:"):
        raise Unavailable("the cluster bench needs database.url (Postgres) and bus.url (Redis)")
    rows = [row for rooms in SIZES for row in _rooms(config, rooms)]
    return [*rows, *_sockets(config)]


def _rooms(config: Config, rooms: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        own = stack.enter_context(_installation(config, Path(folder)))
        others, url, certificate = stack.enter_context(crowd(Path(folder), rooms, core=None))
        players = uvloop.run(furnish(own, rooms))
        settings = _settings(own) | _ways(url)
        web, address = stack.enter_context(_serve(own, settings, certificate, "web"))
        idle = resident(web)
        workers = [stack.enter_context(_serve(own, settings, certificate, "live"))[0] for _ in range(WORKERS)]
        empty = sum(map(resident, workers))
        asyncio.run(_until_all_are_held(own, rooms))
        tell(others, _plan(players, address))
        json.loads(line_of(others))
        time.sleep(WARM_UP)
        seen = [_window(others, web, workers) for _ in range(WINDOWS)]
    p99 = median(one["p99"] for one in seen)
    live = median(one["live"].cpu for one in seen)
    each = (max(one["live"].bytes for one in seen) - empty) / rooms
    return [
        Row(
            f"{rooms} rooms over {WORKERS}: frame to player socket, p99",
            p99 * 1000,
            "ms",
            baseline=f"p50 {median(one['p50'] for one in seen) * 1000:.2g} ms, "
            f"{median(one['frames_a_second'] for one in seen):,.0f} frames/s",
        ),
        Row(
            f"{rooms} rooms over {WORKERS}: cores, both workers",
            live,
            "",
            baseline=f"web {median(one['web'].cpu for one in seen):.2f}, "
            f"LIVEs and phones {median(one['own_cpu'] for one in seen):.2f}",
        ),
        Row(
            f"{rooms} rooms over {WORKERS}: memory of a room",
            each / 1000,
            "KB",
            baseline=f"{empty / WORKERS / 1e6:,.0f} MB a worker without any, {idle / 1e6:,.0f} MB a web",
        ),
    ]


def _sockets(config: Config) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        own = stack.enter_context(_installation(config, Path(folder)))
        pages = uvloop.run(furnish(own, SOCKETS, is_waited_for=False))
        settings = _settings(own) | _ways("http://127.0.0.1:9")
        web, address = stack.enter_context(_serve(own, settings, "", "web"))
        _, other = stack.enter_context(_serve(own, settings, "", "web"))
        _ = [stack.enter_context(_serve(own, settings, "", "live")) for _ in range(WORKERS)]
        empty = resident(web)
        idle = uvloop.run(Idle(list(pages.values()), A_SECOND).measure(address, other, web))
    return [
        Row(
            f"{SOCKETS} idle sockets on one web: memory of a socket",
            (idle.resident - empty) / idle.open / 1000,
            "KB",
            baseline=f"{idle.open} open, {idle.cpu:.2f} of a core while nothing happens",
        ),
        Row(
            f"web killed, {A_SECOND} reconnects/s: until the last is heard again",
            idle.until_last,
            "s",
            baseline=f"{SOCKETS / A_SECOND:.0f} s is what the pace itself takes; "
            f"p99 of one reconnect {idle.p99 * 1000:.0f} ms, {idle.refused} had to try again",
        ),
    ]


def _window(others: Any, web: int, workers: list[int]) -> dict[str, Any]:
    pids = [web, *workers]
    cpu, began = [cpu_seconds(pid) for pid in pids], time.perf_counter()
    seen: dict[str, Any] = json.loads(line_of(others))
    took = time.perf_counter() - began
    used = [(cpu_seconds(pid) - before) / took for pid, before in zip(pids, cpu, strict=True)]
    seen["web"] = _Taken(used[0], resident(web))
    seen["live"] = _Taken(sum(used[1:]), sum(map(resident, workers)))
    return seen


def _plan(players: dict[str, str], address: str) -> dict[str, Any]:
    base = address.replace("http", "ws", 1)
    heard = list(players.items())[::PLAYER_IN]
    return {
        "players": {host: f"{base}/player/{secret}/ws" for host, secret in heard},
        "warm_up": WARM_UP,
        "windows": WINDOWS,
        "seconds": SECONDS,
    }


@contextmanager
def _installation(config: Config, folder: Path) -> Iterator[Config]:
    """Its own database on the server, gone at the end."""
    name = f"ttboost_bench_{secrets.token_hex(6)}"
    with scratch_database(config.database_url, name) as url:
        asyncio.run(_make_schema(url))
        yield load(None, data_dir=folder / "data").model_copy(
            update={"database": DatabaseSection(url=url), "bus": Bus(url=config.bus.url)}
        )


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


@contextmanager
def _serve(
    config: Config, settings: dict[str, str], certificate: str, roles: str
) -> Iterator[tuple[int, str]]:
    with product(config.data_dir, settings, certificate, roles=roles, core=None) as found:
        yield found


def _settings(config: Config) -> dict[str, str]:
    return {"database__url": config.database_url, "bus__url": config.bus.url}


def _ways(url: str) -> dict[str, str]:
    return {
        "live__tiktok__web_url": url,
        "live__tiktok__webcast_url": f"{url}/webcast",
        "live__tiktok__sign_url": url,
        "live__tiktok__lookups_per_minute": "1000000",
        "live__tiktok__signatures_per_minute": "1000000",
    }
