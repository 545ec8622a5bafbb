"""A server of its own whose bot talks to a stand-in of Telegram."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.kit import Server, running
from tests.fake_telegram.server import TOKEN, FakeTelegram


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram().running() as fake:
        yield fake


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def server(telegram: FakeTelegram, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    settings = {"telegram__token": TOKEN, "telegram__api_url": telegram.url, "live__source": "replay"}
    async with running(tmp_path_factory.mktemp("bot") / "data", **settings) as started:
        yield started
