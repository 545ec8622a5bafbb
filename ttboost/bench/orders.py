"""Orders made by many at once: row, money held, first step, errand and notice of change, committed each.

On an SQLite file as the program opens it, and on the PostgreSQL server of `TTBOOST__DATABASE__URL` where one
is named, in a database of its own. There is money for three of four orders: more would be an overdraft.
"""

import asyncio
import math
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import uuid4

from msgspec import Struct
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from core.audit import Act
from core.clock import Clock
from core.config import Orders as Tariff
from core.config import load
from core.errors import Conflict, InsufficientFunds, VideoNotFound
from core.money import ledger
from core.money.ledger import Movement
from core.orders.links import VideoLink
from core.orders.service import Orders
from storage import migrations
from storage.db import Database
from storage.models import AccountKind, EntryKind, User
from ttboost.bench import ROUNDS, Row

CLIENTS = 32
USERS = 8
EACH = 12  # orders a client tries to make
AFFORDABLE = CLIENTS // USERS * EACH * 3 // 4  # of each user
PRICE = 350
VIDEO = "https://www.tiktok.com/@host/video/7300000000000000001"


class Run(Struct, frozen=True):
    per_second: float
    p99_ms: float
    overdrafts: int  # orders without money, and accounts below zero


class _NoLinks:
    async def resolve(self, _url: str) -> VideoLink:
        raise VideoNotFound


def run() -> list[Row]:
    return asyncio.run(_run())


async def _run() -> list[Row]:
    rows = await _rows("SQLite", _embedded)
    server = load().database.url or ""
    if server.startswith("postgresql"):
        rows += await _rows("PostgreSQL", lambda: _served(server))
    return rows


async def _rows(name: str, opened: Callable[[], AbstractAsyncContextManager[Database]]) -> list[Row]:
    runs = []
    for _ in range(ROUNDS):
        async with opened() as db:
            runs.append(await measure(db))
    overdrafts = sum(one.overdrafts for one in runs)
    return [
        Row(f"orders made, {CLIENTS} clients, {name}", median(one.per_second for one in runs), "orders/s"),
        Row(f"slowest of a hundred, {name}", median(one.p99_ms for one in runs), "ms"),
        Row(f"overdrafts, {name}", float(overdrafts), "orders", reach="none", is_reached=overdrafts == 0),
    ]


async def measure(db: Database) -> Run:
    """All clients at once, from the first order to the last refusal."""
    clock = Clock()
    orders = Orders(db, Tariff(), clock, _NoLinks(), after=lambda: None)
    users = [await _person(db, clock) for _ in range(USERS)]
    seconds: list[float] = []

    async def client(number: int) -> None:
        user_id = users[number % USERS]
        for place in range(EACH):
            began = perf_counter()
            try:
                await orders.create(user_id, VIDEO, 1_000, f"{number}:{place}", Act("bench", clock.now()))
            except InsufficientFunds:
                continue
            seconds.append(perf_counter() - began)

    began = perf_counter()
    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    took = perf_counter() - began
    slowest = sorted(seconds)[math.ceil(len(seconds) * 0.99) - 1]
    return Run(len(seconds) / took, slowest * 1e3, await _overdrafts(db, users, len(seconds)))


async def _overdrafts(db: Database, users: list[int], made: int) -> int:
    async with db.read() as uow:
        balances = [await ledger.balance(uow, user_id) for user_id in users]
    below = sum(one.available < 0 or one.posted != AFFORDABLE * PRICE for one in balances)
    return below + abs(made - AFFORDABLE * USERS)


async def _person(db: Database, clock: Clock) -> int:
    now = clock.now()
    async with db.begin() as uow:
        user = User(created_at=now)
        if not await uow.accounts.add_user(user):
            raise Conflict
        movement = Movement(kind=EntryKind.CREDIT, key=f"bench:{user.id}", by=Act("bench", now))
        await ledger.credit(uow, user.id, AFFORDABLE * PRICE, AccountKind.ADJUSTMENTS, movement)
        return user.id


@asynccontextmanager
async def _embedded() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory() as directory:
        async with _database(f"sqlite+aiosqlite:///{Path(directory) / 'bench.db'}") as db:
            yield db


@asynccontextmanager
async def _served(server: str) -> AsyncIterator[Database]:
    name = f"ttboost_bench_{uuid4().hex[:12]}"
    await _command(server, f"CREATE DATABASE {name}")
    try:
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        async with _database(url) as db:
            yield db
    finally:
        await _command(server, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    db = Database(url)
    try:
        await migrations.upgrade(db)
        yield db
    finally:
        await db.close()


async def _command(server: str, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
