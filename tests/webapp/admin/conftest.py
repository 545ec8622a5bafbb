"""An installation with somebody in every role, and one of everything."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from core import licenses
from core.audit import Act
from core.broadcasts import Draft
from core.licenses import Batch
from core.money import ledger
from core.money.ledger import Movement
from core.services import Services
from storage.models import AccountKind, EntryKind, LicenseStatus, User, UserRole
from tests.core.payments.till import Till
from tests.webapp.fakes import START

Headers = dict[str, str]
Enter = Callable[..., Awaitable[Headers]]
BY = Act("cli", START)
PEOPLE = {"boss": 1, "helper": 2, "ann": 1001}
"""Telegram ids."""
VIDEO = "https://www.tiktok.com/@ann/video/7300000000000000001"


@pytest.fixture
async def boss(enter: Enter) -> Headers:
    """An admin."""
    return await enter(PEOPLE["boss"], UserRole.ADMIN, first_name="Boss", is_reachable=True)


@pytest.fixture
async def helper(enter: Enter) -> Headers:
    """Support."""
    return await enter(PEOPLE["helper"], UserRole.SUPPORT, is_reachable=True)


@pytest.fixture
async def ann(enter: Enter) -> Headers:
    """A streamer."""
    return await enter(PEOPLE["ann"], username="ann", first_name="Ann", is_reachable=True)


@pytest.fixture
async def world(
    services: Services, till: Till, boss: Headers, helper: Headers, ann: Headers
) -> dict[str, int | str]:
    """Ids by what they are of."""
    ids: dict[str, Any] = {}
    async with services.db.begin() as uow:
        for name, telegram_id in PEOPLE.items():
            found = await uow.accounts.get_by_telegram_id(telegram_id)
            assert found is not None
            ids[name] = found.id
        await licenses.issue(uow, Batch("standard", 30, 2, "reseller"), services.secrets.license_pepper, BY)
        rows = await uow.licenses.list_page()
        rows[1].status = LicenseStatus.SUSPENDED
        ids |= {"license": rows[0].id, "suspended": rows[1].id, "batch": rows[0].batch}
    ids["ticket"] = (await services.tickets.open(ids["ann"], "payment", "help", _by(ids["ann"]))).id
    for name in ("draft", "running", "paused"):
        made = await services.broadcasts.create(Draft({"en": name}), BY)
        ids[name] = made.id
    ids |= {"order": await order(services, ids["ann"], "one"), "charge": "c1"}
    await services.payments.top_up(ids["ann"], 500)
    await services.payments.receive(till.paid("c1", PEOPLE["ann"]))
    await services.payments.process_inbox()
    for name in ("running", "paused"):
        await services.broadcasts.start(ids[name], BY)
    await services.broadcasts.pause(ids["paused"], BY)
    return ids


@pytest.fixture
def ask(client: TestClient) -> Callable[..., Awaitable[tuple[int, Any]]]:
    """Status and body of a call below `/api/admin`."""

    async def call(who: Headers, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with client.request(method, f"/api/admin{path}", headers=who, json=body) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text("utf-8-sig"))

    return call


async def give(services: Services, user_id: int, amount: int) -> None:
    """Money, as by an admin."""
    async with services.db.begin() as uow:
        movement = Movement(kind=EntryKind.CREDIT, key=f"give:{user_id}:{amount}", by=BY)
        await ledger.credit(uow, user_id, amount, AccountKind.ADJUSTMENTS, movement)


async def order(services: Services, user_id: int, key: str) -> str:
    """A thousand views for 3.50, of money that was there."""
    await give(services, user_id, 10_000)
    placed = await services.orders.create(user_id, VIDEO, 1_000, key, _by(user_id))
    return placed.order_id


def _by(user_id: int) -> Act:
    return Act(f"user:{user_id}", START)


async def user_of(services: Services, user_id: int) -> User:
    async with services.db.read() as uow:
        found = await uow.accounts.get_user(user_id)
    assert found is not None
    return found
