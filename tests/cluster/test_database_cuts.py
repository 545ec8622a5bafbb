"""One process that does everything, while the database cuts all connections again and again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.cluster.conftest import Cluster, Evening
from tests.conftest import execute
from tests.e2e.kit import Phone
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import TOKEN, FakeTelegram
from tests.redis_kit import needs_redis
from tests.services import needs_postgres
from tests.storage.test_reconnecting import CUT

pytestmark = [needs_postgres, needs_redis]

PAUSE = 0.4  # between two cuts
CALLS = 60


@asynccontextmanager
async def cuts(url: str) -> AsyncIterator[None]:
    async def cut() -> None:
        while True:
            await execute(CUT, url)
            await asyncio.sleep(PAUSE)

    cutting = asyncio.create_task(cut())
    try:
        yield
        assert not cutting.done()
    finally:
        cutting.cancel()
        await asyncio.wait([cutting])


async def statuses(phone: Phone) -> list[int]:
    """Of calls that write, one after the other."""
    headers = {"Authorization": f"Bearer {phone.token}"}
    url = f"{phone.server.url}/v2/settings/update"
    found = []
    for number in range(CALLS):
        async with phone.http.post(url, json={"tts_volume": number}, headers=headers) as answer:
            found.append(answer.status)
        await asyncio.sleep(0.05)
    return found


async def is_written(phone: Phone, line: str) -> None:
    async with asyncio.timeout(30):
        while line not in str(await phone.get("/v2/history?limit=100")):
            await asyncio.sleep(0.2)


async def test_calls_recover_and_whatever_runs_by_itself_goes_on(cluster: Cluster, evening: Evening):
    async with FakeTelegram().running() as telegram:
        cluster.settings |= {"telegram__token": TOKEN, "telegram__api_url": telegram.url}
        (server,) = await cluster.start("web,live,bot,jobs")
        phone = await evening.phone(server)
        ear = evening.ear(phone)
        async with ear.listening(), ear.talk():
            await evening.stage.is_heard()
            await ear.hears(10)
            async with cuts(cluster.database_url):
                found = await statuses(phone)
            await phone.post("/v2/settings/update", {"tts_volume": 7})
            await ear.hears(20)
            await is_written(phone, ear.lines[-1])
            assert await Person(telegram, 7).asks("/help")

    assert set(found) <= {200, 503}
    assert 200 in found
    assert ear.closed is None
    assert len(ear.lines) == len(set(ear.lines))
    assert server.log().count("leading ") > 2  # jobs and the bot, and again
    assert "Traceback" not in server.log()
