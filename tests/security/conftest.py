"""The real application, a streamer who owns one of everything, and somebody else who is signed in too."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from core.services import Services
from storage.models import UserRole
from tests.security.estate import Estate, settle
from tests.webapp.admin.conftest import ann, boss, helper, world  # noqa: F401 - fixtures
from tests.webapp.conftest import (  # noqa: F401 - fixtures
    client,
    clock,
    config,
    enter,
    issue,
    join,
    limits,
    live,
    services,
    streamer,
    studios,
    till,
    voice,
)
from webapp.surfaces import API, PAGES, V2
from webapp.tokens import Tokens

Headers = dict[str, str]
Enter = Callable[..., Awaitable[Headers]]


@pytest.fixture
async def estate(
    services: Services,  # noqa: F811
    world: dict[str, Any],  # noqa: F811
    ann: Headers,  # noqa: F811
) -> Estate:
    return await settle(services, world)


@pytest.fixture
async def mallory(
    services: Services,  # noqa: F811
    enter: Enter,  # noqa: F811
    issue: Callable[..., Awaitable[str]],  # noqa: F811
    client: TestClient,  # noqa: F811
) -> dict[str, Headers]:
    """Another streamer, with a license; what they send along, by surface."""
    webapp = await enter(666, username="mallory")
    body = {"license_key": await issue()}
    async with client.post("/api/license/activate", json=body, headers=webapp) as response:
        assert response.status == 200, await response.text()
    return {API.prefix: webapp, PAGES.prefix: webapp, V2.prefix: await mobile_of(services, 666)}


@pytest.fixture
async def staff_headers(boss: Headers, helper: Headers) -> dict[UserRole, Headers]:  # noqa: F811
    return {UserRole.ADMIN: boss, UserRole.SUPPORT: helper}


async def mobile_of(services: Services, telegram_id: int) -> Headers:  # noqa: F811
    """A token of the mobile API for somebody who came by Telegram."""
    async with services.db.read() as uow:
        user = await uow.accounts.get_by_telegram_id(telegram_id)
    assert user is not None
    tokens = Tokens(services.secrets, services.config.auth.token_ttl_hours, services.clock)
    return {"Authorization": f"Bearer {tokens.issue(user.id, user.token_version, V2.audience)}"}
