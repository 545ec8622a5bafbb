"""Several processes over one Postgres and one Redis: how many rooms and sockets, and what a death costs.

One room in ten has a player, as in the `rooms` bench. All shares one machine: the engines, the LIVEs and
the phones too, so what it measures first is how much one machine carries.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import uvloop

from core.config import Config
from ttboost.bench import Row
from ttboost.bench.idle import Idle
from ttboost.bench.processes import Load, furnish, resident
from ttboost.bench.topology import WORKERS, engines, hear, installation, lose_a_worker, serve

SIZES = (250, 500, 1000, 2000)
LOAD = Load(warm_up=12.0, windows=3, seconds=6.0)
LOST = 200  # rooms; half are the dead worker's, and they are looked for ten a second
AFTER_DEATH = Load(warm_up=12.0, windows=1, seconds=60.0)
SOCKETS = 5000
A_SECOND = 500  # reconnects after a process with sockets died


def run() -> list[Row]:
    config = engines()
    rows = [row for rooms in SIZES for row in _rooms(config, rooms)]
    return [*rows, _death(config), *_sockets(config)]


def _rooms(config: Config, rooms: int) -> list[Row]:
    heard = hear(config, rooms, LOAD)
    seen = heard.windows
    p99 = median(one.phones["p99"] for one in seen)
    live = median(one.live.cpu for one in seen)
    each = (max(one.live.bytes for one in seen) - heard.live_without) / rooms
    return [
        Row(
            f"{rooms} rooms over {WORKERS}: frame to player socket, p99",
            p99 * 1000,
            "ms",
            baseline=f"p50 {median(one.phones['p50'] for one in seen) * 1000:.2g} ms, "
            f"{median(one.phones['frames_a_second'] for one in seen):,.0f} frames/s",
        ),
        Row(
            f"{rooms} rooms over {WORKERS}: cores, both workers",
            live,
            "",
            baseline=f"web {median(one.web.cpu for one in seen):.2f}, "
            f"LIVEs and phones {median(one.phones['own_cpu'] for one in seen):.2f}",
        ),
        Row(
            f"{rooms} rooms over {WORKERS}: memory of a room",
            each / 1000,
            "KB",
            baseline=f"{heard.live_without / WORKERS / 1e6:,.0f} MB a worker without any, "
            f"{heard.web_without / 1e6:,.0f} MB a web",
        ),
    ]


def _death(config: Config) -> Row:
    phones = lose_a_worker(config, LOST, AFTER_DEATH)
    return Row(
        f"{LOST} rooms, one of {WORKERS} workers killed: until the last phone is told something again",
        phones["silence"],
        "s",
        baseline=f"{phones['doubled']} of {phones['heard']:,} marked comments told twice",
    )


def _sockets(config: Config) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        own = stack.enter_context(installation(config, Path(folder)))
        pages = uvloop.run(furnish(own, SOCKETS, is_waited_for=False))
        nowhere = "http://127.0.0.1:9"
        web, address = stack.enter_context(serve(own, nowhere, "", "web"))
        _, other = stack.enter_context(serve(own, nowhere, "", "web"))
        _ = [stack.enter_context(serve(own, nowhere, "", "live")) for _ in range(WORKERS)]
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
