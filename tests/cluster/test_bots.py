"""Two processes with the bot's role, really started: one asks Telegram, the other follows it when it dies."""

import asyncio

import pytest

from tests.cluster.conftest import Cluster
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import TOKEN, FakeTelegram
from tests.redis_kit import needs_redis
from tests.services import needs_postgres

pytestmark = [needs_postgres, needs_redis]


@pytest.fixture
async def telegram():
    async with FakeTelegram().running() as fake:
        yield fake


async def test_one_asks_telegram_and_is_followed_when_it_is_killed(cluster: Cluster, telegram: FakeTelegram):
    cluster.settings |= {"telegram__token": TOKEN, "telegram__api_url": telegram.url}
    (first,) = await cluster.start("bot")
    await telegram.until(lambda: telegram.sent("getUpdates"), 30)
    await cluster.start("bot")
    await asyncio.sleep(4)  # the second one looks whether it may, more than once
    assert len(telegram.sent("getUpdates")) == 1

    await first.kill()
    ann = Person(telegram, 7)
    await telegram.until(lambda: len(telegram.sent("getUpdates")) > 1, 15)

    assert await ann.asks("/help")
