"""How many rooms one core carries: the running product against many LIVEs over TLS from another process.

One room in ten has a player. Needs the checkout: the LIVEs are played by `tests.fake_tiktok.crowd`.
Chat is not read aloud here; making speech is measured by the `speech` bench.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO, Any

import uvloop

from core.config import load
from core.errors import Unavailable
from core.overlay_secrets import Holder, make
from storage.models import License, LicenseStatus, User
from ttboost.bench import ROUNDS, Row
from ttboost.database import Opened, open_installation

CHECKOUT = Path(__file__).parents[2]
SIZES = (250, 500, 1000)
REACH_ROOMS = 1000
REACH_SECONDS = 0.020
REACH_BYTES = 150_000
PLAYER_IN = 10
WARM_UP = 8.0
SECONDS = 6.0  # of each measured window
YEAR = 365 * 86_400.0
TICKS = os.sysconf("SC_CLK_TCK")


def run() -> list[Row]:
    if not (CHECKOUT / "tests/fake_tiktok/crowd.py").is_file():
        raise Unavailable("the rooms bench runs from a checkout only")
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
        with _crowd(Path(folder), rooms) as (crowd, url, certificate):
            players = uvloop.run(_furnish(data_dir, rooms))
            settings = {
                "live__tiktok__web_url": url,
                "live__tiktok__webcast_url": f"{url}/webcast",
                "live__tiktok__sign_url": url,
                "live__tiktok__lookups_per_minute": "1000000",
                "live__tiktok__signatures_per_minute": "1000000",
            }
            with _product(data_dir, settings, certificate) as (pid, address):
                _tell(
                    crowd,
                    {
                        "players": {
                            host: f"{address.replace('http', 'ws', 1)}/player/{secret}/ws"
                            for host, secret in players.items()
                        },
                        "warm_up": WARM_UP,
                        "windows": ROUNDS,
                        "seconds": SECONDS,
                    },
                )
                json.loads(_line(crowd))
                time.sleep(WARM_UP)
                return [_window(crowd, pid) for _ in range(ROUNDS)]


def _window(crowd: subprocess.Popen[str], pid: int) -> dict[str, Any]:
    cpu, began = _cpu_seconds(pid), time.perf_counter()
    seen: dict[str, Any] = json.loads(_line(crowd))
    seen["cpu"] = (_cpu_seconds(pid) - cpu) / (time.perf_counter() - began)
    seen["resident"] = _resident(pid)
    return seen


async def _furnish(data_dir: Path, rooms: int) -> dict[str, str]:
    """Streamers with a license who are waited for; the secrets of those who have a player, by name."""
    config = load(None, data_dir=data_dir)
    async with open_installation(config) as opened:
        async with opened.db.begin() as uow:
            for number in range(rooms):
                await _add_streamer(opened, uow, f"host{number}")
        async with opened.db.read() as uow:
            users = await uow.accounts.list_users(limit=rooms)
        return {
            str(user.username): make(
                "player", Holder(user.id, user.overlay_version), opened.secrets.overlay_key
            )
            for user in users[::PLAYER_IN]
        }


async def _add_streamer(opened: Opened, uow: Any, name: str) -> None:
    now = opened.clock.now()
    settings = {"tiktok_username": name, "auto_connect_live": True, "chat_tts_mode": "off"}
    user = User(username=name, settings=settings, created_at=now, license_clock_at=now)
    await uow.accounts.add_user(user)
    key = License(
        key_mac=f"{user.id:064x}",
        key_tail="BENCHX",
        plan="standard",
        days=365,
        status=LicenseStatus.ACTIVE,
        user_id=user.id,
        remaining_seconds=YEAR,
        created_at=now,
        redeemed_at=now,
    )
    await uow.licenses.add(key)


# Processes


@contextmanager
def _crowd(folder: Path, rooms: int) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    command = [sys.executable, "-m", "tests.fake_tiktok.crowd", str(folder), str(rooms)]
    process = subprocess.Popen(  # noqa: S603  our own program, our own words
        _on_core(1, command), cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        _, url, certificate = _line(process).split()
        yield process, url, certificate
    finally:
        process.kill()
        process.wait()


@contextmanager
def _product(data_dir: Path, settings: dict[str, str], certificate: str) -> Iterator[tuple[int, str]]:
    named = {f"TTBOOST__{key.upper()}": value for key, value in settings.items()}
    environment = {
        "PATH": os.defpath,
        "SSL_CERT_FILE": certificate,
        "TTBOOST__DATA_DIR": str(data_dir),
        "TTBOOST__WEB__PORT": "0",
        **named,
    }
    command = [str(Path(sys.executable).parent / "ttboost"), "serve"]
    with (data_dir.parent / "serve.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own program, our own words
            _on_core(0, command), env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        while not (line := _line(process)).startswith("ready "):
            pass
        yield process.pid, line.split()[1]
    finally:
        process.terminate()
        process.wait(timeout=20)


def _on_core(core: int, command: list[str]) -> list[str]:
    """One core for the product, another for the rest, where the machine has two."""
    return ["taskset", "-c", str(core), *command] if (os.cpu_count() or 1) > 1 else command


def _line(process: subprocess.Popen[str]) -> str:
    output: IO[str] | None = process.stdout
    line = output.readline() if output else ""
    if not line:
        raise Unavailable("a process of the bench ended early")
    return line


def _tell(process: subprocess.Popen[str], wanted: dict[str, Any]) -> None:
    if process.stdin:
        process.stdin.write(json.dumps(wanted) + "\n")
        process.stdin.flush()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _resident_when_idle() -> int:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        uvloop.run(_furnish(data_dir, 1))
        settings = {"live__tiktok__web_url": "http://127.0.0.1:9"}
        with _product(data_dir, settings, "") as (pid, _):
            time.sleep(5)
            return _resident(pid)
