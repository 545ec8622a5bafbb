"""How long somebody waits for the server until a page of the Mini App can be painted.

The shell, its frame and the page itself, over HTTP, of a streamer with triggers and ten LIVEs behind them:
the demo's. One connection that asks for one after the other, as a browser does.
"""

import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import aiohttp
import uvloop

from core.config import Config, Limits, Live
from core.services import Services
from ttboost import logs
from ttboost.bench import ROUNDS, Row
from ttboost.bench.api import served
from ttboost.database import open_installation
from ttboost.demo.stage import PASSWORD, USERNAME, furnish
from ttboost.process import calm_collector
from ttboost.wiring import open_services
from webapp.app import build_app
from webapp.keys import TOKENS
from webapp.surfaces import PAGES

NAMES = (
    "home", "triggers", "triggers/new", "history", "sounds", "voices", "chat", "overlay", "stats",
    "promotion", "wallet", "account",
)  # fmt: skip
TIMES = 6  # of each page in one round
REACH_MS = 100.0


def run() -> list[Row]:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        logs.configure(nowhere)
        waits = uvloop.run(_waits())
    logs.configure()
    return [_row(name, wait) for name, wait in waits.items()]


def _row(name: str, wait: float) -> Row:
    return Row(name, wait, "ms", f"<= {REACH_MS:g} ms", is_reached=wait <= REACH_MS)


async def _waits() -> dict[str, float]:
    async with _installation() as services:
        _ = await furnish(services, "http://127.0.0.1")
        account = (await services.accounts.login(USERNAME, PASSWORD)).account
        await services.studios.stop_live(account.id)
        app = build_app(services)
        token = app[TOKENS].issue(account.id, account.token_version, PAGES.audience)
        async with served(app) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            session.headers["Authorization"] = f"Bearer {token}"
            calm_collector()
            return await _measured(session)


@asynccontextmanager
async def _installation() -> AsyncIterator[Services]:
    """Rates so wide that none ends the measurement."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data_dir=Path(folder), live=Live(source="replay"), limits=Limits(pages="10000000/minute")
        )
        async with open_installation(config) as opened, open_services(opened, is_demo=True) as services:
            yield services


async def _measured(session: aiohttp.ClientSession) -> dict[str, float]:
    """Milliseconds for each page and what is around it, the median of all rounds."""
    seen: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(ROUNDS * TIMES):
        around = await _wait(session, "/app") + await _wait(session, f"{PAGES.prefix}/frame")
        for name in NAMES:
            seen[name].append(around + await _wait(session, f"{PAGES.prefix}/{name}"))
    return {name: median(waits) for name, waits in seen.items()}


async def _wait(session: aiohttp.ClientSession, path: str) -> float:
    began = time.perf_counter()
    async with session.get(path) as answer:
        await answer.read()
        answer.raise_for_status()
    return (time.perf_counter() - began) * 1_000
