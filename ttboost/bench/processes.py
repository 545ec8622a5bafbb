"""What benches of running processes share: streamers to serve, LIVEs to hear, how much a process takes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.config import Config
from core.errors import Unavailable
from core.overlay_secrets import Holder, make
from storage.db import UnitOfWork
from storage.models import License, LicenseStatus, User
from ttboost.database import Opened, open_installation

CHECKOUT = Path(__file__).parents[2]
PLAYER_IN = 10
YEAR = 365 * 86_400.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """How long to listen: `windows` of `seconds` each, after `warm_up` seconds."""

    warm_up: float
    windows: int
    seconds: float


def require_checkout() -> None:
    if not (CHECKOUT / "tests/fake_tiktok/crowd.py").is_file():
        raise Unavailable("this bench runs from a checkout only")


async def furnish(config: Config, count: int, *, is_waited_for: bool = True) -> dict[str, str]:
    """Streamers with a license; the secret of each one's player page, by name."""
    async with open_installation(config) as opened:
        async with opened.db.begin() as uow:
            for number in range(count):
                await _add_streamer(opened, uow, f"host{number}", is_waited_for=is_waited_for)
        async with opened.db.read() as uow:
            users = await uow.accounts.list_users(limit=count)
        key = opened.secrets.overlay_key
        return {
            str(user.username): make("player", Holder(user.id, user.overlay_version), key) for user in users
        }


async def _add_streamer(opened: Opened, uow: UnitOfWork, name: str, *, is_waited_for: bool) -> None:
    now = opened.clock.now()
    settings = {"tiktok_username": name, "auto_connect_live": is_waited_for, "chat_tts_mode": "off"}
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
def crowd(
    folder: Path, rooms: int, *, core: int | None = 1
) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """LIVEs at once and who hears them, as a process; where they are and whom to trust there."""
    command = [sys.executable, "-m", "tests.fake_tiktok.crowd", str(folder), str(rooms)]
    process = subprocess.Popen(  # noqa: S603  our own program, our own words
        _on_core(core, command), cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        _, url, certificate = line_of(process).split()
        yield process, url, certificate
    finally:
        process.kill()
        process.wait()


@contextmanager
def product(
    data_dir: Path, settings: dict[str, str], certificate: str, *, roles: str = "", core: int | None = 0
) -> Iterator[tuple[int, str]]:
    """`ttboost serve`: its process and its address."""
    named = {f"TTBOOST__{key.upper()}": value for key, value in settings.items()}
    environment = {
        "PATH": os.defpath,
        "SSL_CERT_FILE": certificate,
        "TTBOOST__DATA_DIR": str(data_dir),
        "TTBOOST__WEB__PORT": "0",
        **named,
    }
    command = [str(Path(sys.executable).parent / "ttboost"), "serve", *(("--roles", roles) if roles else ())]
    with (data_dir.parent / "serve.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  our own program, our own words
            _on_core(core, command), env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        while not (line := line_of(process)).startswith("ready "):
            pass
        yield process.pid, line.split()[1]
    finally:
        process.terminate()
        process.wait(timeout=20)


def tiktok_at(url: str) -> dict[str, str]:
    """Settings: everything of TikTok is at `url`, and asking it costs nothing."""
    return {
        "live__tiktok__web_url": url,
        "live__tiktok__webcast_url": f"{url}/webcast",
        "live__tiktok__sign_url": url,
        "live__tiktok__lookups_per_minute": "1000000",
        "live__tiktok__signatures_per_minute": "1000000",
    }


def _on_core(core: int | None, command: list[str]) -> list[str]:
    """One core for the product, another for the rest, where the machine has two. None: any."""
    return (
        ["taskset", "-c", str(core), *command] if core is not None and (os.cpu_count() or 1) > 1 else command
    )


def line_of(process: subprocess.Popen[str]) -> str:
    output: IO[str] | None = process.stdout
    line = output.readline() if output else ""
    if not line:
        raise Unavailable("a process of the bench ended early")
    return line


def listen(others: subprocess.Popen[str], players: dict[str, str], address: str, wanted: Load) -> None:
    """Let one in ten of `crowd`'s LIVEs be heard at `address`; returns where the first window begins."""
    pages = f"{address.replace('http', 'ws', 1)}/player"
    heard = {host: f"{pages}/{secret}/ws" for host, secret in list(players.items())[::PLAYER_IN]}
    plan = {
        "players": heard,
        "warm_up": wanted.warm_up,
        "windows": wanted.windows,
        "seconds": wanted.seconds,
    }
    if others.stdin:
        others.stdin.write(json.dumps(plan) + "\n")
        others.stdin.flush()
    json.loads(line_of(others))
    time.sleep(wanted.warm_up)


def window(others: subprocess.Popen[str], pids: list[int]) -> tuple[dict[str, Any], list[float]]:
    """The phones' next line, and the cores each process took until it came."""
    cpu, began = [cpu_seconds(pid) for pid in pids], time.perf_counter()
    phones: dict[str, Any] = json.loads(line_of(others))
    took = time.perf_counter() - began
    return phones, [(cpu_seconds(pid) - before) / took for pid, before in zip(pids, cpu, strict=True)]


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
