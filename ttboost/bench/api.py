"""GET `/api/user` against two bare handlers of the same framework, in the same process and run.

`asks`: checks the same token and runs the same statements through SQLAlchemy at every call, nothing else.
`neither`: answers the same bytes without looking. Ours does what every call does: token, account, rate,
headers, a line in the log, numbers; what it need not ask each time it remembers for some seconds.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import msgspec
import uvloop
from aiohttp import web

from core.access import Access
from core.account import TelegramPerson
from core.config import Config, Limits, Live
from core.services import Services
from core.user_views import UserViews
from storage.models import ChangeKind
from ttboost import logs
from ttboost.bench import ROUNDS, Row
from ttboost.database import open_installation
from ttboost.process import calm_collector
from ttboost.wiring import open_services
from webapp.app import build_app
from webapp.keys import TOKENS
from webapp.routes.user import Overview, Stats, view_of
from webapp.server import LOOPBACK, Runner
from webapp.surfaces import API
from webapp.tokens import Tokens

CLIENTS = 8  # connections that are kept and ask as soon as they were answered
SECONDS = 0.2  # of one measurement; the three take turns, so that other load meets them alike
TURNS = 5 * ROUNDS
REACH_ASKING, REACH_NEITHER = 0.6, 0.25


def run() -> list[Row]:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        logs.configure(nowhere)  # lines are made and written, and nobody reads them
        speeds = uvloop.run(_speeds())
    logs.configure()
    ours = speeds["ours"]
    return [
        Row("GET /api/user", median(ours), "answers/s"),
        _ratio("against a handler that asks the database", ours, speeds["asks"], REACH_ASKING),
        _ratio("against a handler that does nothing", ours, speeds["neither"], REACH_NEITHER),
    ]


def _ratio(name: str, ours: list[float], others: list[float], reach: float) -> Row:
    ratio = median(our / other for our, other in zip(ours, others, strict=True))
    return Row(
        name,
        ratio,
        "times",
        f">= {reach:g}",
        is_reached=ratio >= reach,
        baseline=f"{median(others):,.0f} answers/s",
    )


async def _speeds() -> dict[str, list[float]]:
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(_installation())
        user_id = (await services.identity.by_telegram(TelegramPerson(telegram_id=42))).account.id
        app = build_app(services)
        token = app[TOKENS].issue(user_id, 1, API.audience)
        apps = {"ours": app, "asks": _asking(services), "neither": _careless(await _bytes(services, user_id))}
        ports = {name: await stack.enter_async_context(served(one)) for name, one in apps.items()}
        calm_collector()  # as `serve` does
        seen: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(TURNS):
            for name, port in ports.items():
                seen[name].append(await _measure(port, token))
    return seen


@asynccontextmanager
async def _installation() -> AsyncIterator[Services]:
    """Rates so wide that none ends the measurement."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data_dir=Path(folder), live=Live(source="replay"), limits=Limits(api_user="10000000/hour")
        )
        async with open_installation(config) as opened, open_services(opened) as services:
            yield services


def _asking(services: Services) -> web.Application:
    access = Access(services.db, services.config, services.clock)
    views = UserViews(services.db, services.config, services.clock)
    tokens = Tokens(services.secrets, services.config.auth.token_ttl_hours, services.clock)

    async def show(request: web.Request) -> web.Response:
        claims = tokens.verify(request.headers["Authorization"].removeprefix("Bearer "), API.audience)
        access.drop(claims.user_id)
        views.drop(claims.user_id, ChangeKind.MONEY)
        if (await access.of(claims.user_id)).token_version != claims.ver:
            raise web.HTTPUnauthorized
        view = await views.of(claims.user_id)
        body = API.answer(Overview(view_of(view), Stats(view.today_activity, view.referrals, 0)))
        return web.Response(body=body, content_type="application/json")

    return _bare(show)


def _careless(body: bytes) -> web.Application:
    async def show(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    return _bare(show)


def _bare(show: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    app = web.Application()
    app.router.add_get("/api/user", show)
    return app


async def _bytes(services: Services, user_id: int) -> bytes:
    view = await services.user_views.of(user_id)
    return API.answer(Overview(view_of(view), Stats(view.today_activity, view.referrals, 0)))


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[int]:
    runner = Runner(app, uncounted=LOOPBACK)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def _measure(port: int, token: str) -> float:
    """Answers a second, all connections together."""
    began = time.perf_counter()
    answers = await asyncio.gather(*(_ask(port, token, began + SECONDS) for _ in range(CLIENTS)))
    return sum(answers) / (time.perf_counter() - began)


async def _ask(port: int, token: str, until: float) -> int:
    """One connection that reads as little as can be: it stands on the same CPU."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /api/user HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    answers = 0
    while not answers or time.perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200 ") or not msgspec.json.decode(body)["success"]:
            raise RuntimeError("no answer to count")
        answers += 1
    writer.close()
    return answers
