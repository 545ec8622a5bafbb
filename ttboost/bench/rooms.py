"""How many rooms one core carries: the running product against many LIVEs over TLS from another process.

One room in ten has a player. Needs the checkout: the LIVEs are played by `tests.fake_tiktok.crowd`.
Chat is not read aloud here; making speech is measured by the `speech` bench.
"""

import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from core.config import load
from ttboost.bench import ROUNDS, Row
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

SIZES = (250, 500, 1000)
REACH_ROOMS = 1000
REACH_SECONDS = 0.020
REACH_BYTES = 150_000
LOAD = Load(warm_up=8.0, windows=ROUNDS, seconds=6.0)


def run() -> list[Row]:
    require_checkout()
    empty = _resident_when_idle()
    return [row for rooms in SIZES for row in _rows(rooms, empty)]


def _rows(rooms: int, empty: int) -> list[Row]:
    seen = _measure(rooms)
    p99 = median(window["p99"] for window in seen)
    each = (max(window["resident"] for window in seen) - empty) / rooms
    cpu = median(window["cpu"] for window in seen)
    frames = median(window["frames_a_second"] for window in seen)
    is_goal = rooms == REACH_ROOMS
    return [
        Row(
            f"{rooms} rooms: frame to player socket, p99",
            p99 * 1000,
            "ms",
            f"<= {REACH_SECONDS * 1000:.0f} at {REACH_ROOMS}" if is_goal else None,
            is_reached=p99 <= REACH_SECONDS if is_goal else None,
            baseline=f"p50 {median(window['p50'] for window in seen) * 1000:.2g} ms",
        ),
        Row(f"{rooms} rooms: share of one core", cpu, "", baseline=f"{frames:,.0f} frames/s over TLS"),
        Row(
            f"{rooms} rooms: memory of a room",
            each / 1000,
            "KB",
            f"<= {REACH_BYTES // 1000}" if is_goal else None,
            is_reached=each <= REACH_BYTES if is_goal else None,
            baseline=f"{empty / 1e6:,.0f} MB without any",
        ),
    ]


def _measure(rooms: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        with crowd(Path(folder), rooms) as (others, url, certificate):
            players = uvloop.run(furnish(load(None, data_dir=data_dir), rooms))
            with product(data_dir, tiktok_at(url), certificate) as (pid, address):
                listen(others, players, address, LOAD)
                return [_window(others, pid) for _ in range(LOAD.windows)]


def _window(others: subprocess.Popen[str], pid: int) -> dict[str, Any]:
    seen, (cpu,) = window(others, [pid])
    seen["cpu"] = cpu
    seen["resident"] = resident(pid)
    return seen


def _resident_when_idle() -> int:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        uvloop.run(furnish(load(None, data_dir=data_dir), 1))
        settings = {"live__tiktok__web_url": "http://127.0.0.1:9"}
        with product(data_dir, settings, "") as (pid, _):
            time.sleep(5)
            return resident(pid)
