"""What a streamer hears while processes come, go, stop and die."""

import asyncio
import signal

import aiohttp
from redis.asyncio import Redis

from tests.conftest import execute
from tests.e2e.test_phone import audio
from tests.redis_kit import needs_redis
from tests.services import needs_postgres

pytestmark = [needs_redis, needs_postgres]

CHAT_READ = {"chat_tts_mode": "all", "tts_enabled": True}


def whole(ear):
    """Every line came once and in order, from the first that was heard on."""
    numbers = [int(line.split()[1]) for line in ear.lines]
    assert ear.seqs == sorted(set(ear.seqs))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def without_doubles(ear):
    """In the order of their numbers, and nothing twice."""
    assert ear.seqs == sorted(set(ear.seqs))
    assert len(ear.lines) == len(set(ear.lines))


async def test_sockets_calls_and_listening_are_in_different_processes(cluster, evening):
    web, other_web, _, _ = await cluster.start("web", "web", "live", "jobs")
    phone = await evening.phone(web)
    elsewhere = evening.by(phone, other_web)
    ear = evening.ear(phone)
    async with ear.listening():
        await evening.stage.is_heard()
        await elsewhere.post("/v2/settings/update", CHAT_READ)
        await evening.stage.say("ann", "hello there")
        await ear.hears(1)
        spoken = next(one["tts_url"] for one in ear.messages if one["type"] == "chat")

        assert spoken.startswith(web.url)
        assert await audio(phone.http, spoken) == await audio(
            phone.http, spoken.replace(web.url, other_web.url)
        )
        assert (await elsewhere.get("/v2/live/status"))["state"] == "live"
        taking_over = evening.ear(elsewhere)
        async with taking_over.listening():
            await evening.stage.say("ann", "who is there")
            await taking_over.hears(1)
            assert ear.closed == 4409
    await phone.post("/v2/live/stop", {})
    assert (await elsewhere.get("/v2/live/status"))["state"] == "off"


async def test_a_process_without_the_role_answers_operators_alone(cluster):
    (worker,) = await cluster.start("live")
    async with aiohttp.ClientSession() as http:

        async def status(path):
            async with http.get(worker.url + path) as answer:
                return answer.status

        assert [await status(path) for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 200]
        assert [await status(path) for path in ("/", "/app", "/v2/live/status", "/docs")] == [404] * 4


async def test_a_phone_whose_process_died_goes_on_elsewhere(cluster, evening):
    web, other_web, _ = await cluster.start("web", "web", "live")
    phone = await evening.phone(web)
    ear = evening.ear(phone)
    async with ear.listening():
        await evening.stage.is_heard()
        async with ear.talk():
            await ear.hears(20)
            await web.kill()
            await asyncio.sleep(0.5)
            again = evening.ear(evening.by(phone, other_web))
            again.messages += ear.messages
            async with again.listening(since=ear.seqs[-1]):
                await again.hears(20)
    whole(again)
    assert again.gaps == 0


async def test_a_worker_that_is_told_to_stop_hands_over_without_a_gap(cluster, evening):
    web, *workers = await cluster.start("web", "live", "live")
    phone = await evening.phone(web)
    ear = evening.ear(phone)
    async with ear.listening():
        await evening.stage.is_heard()
        async with ear.talk():
            await ear.hears(20)
            before = await cluster.owner()
            signatures = cluster.fake.stats["sign"]
            assert await (await cluster.owner_of(workers)).stop() == 0
            await ear.hears(40)
    assert await cluster.owner() != before
    whole(ear)
    assert (ear.gaps, ear.closed) == (0, None)
    assert cluster.fake.stats["sign"] == signatures + 1


async def test_a_worker_that_dies_is_replaced_and_one_that_only_slept_is_not_heard_again(cluster, evening):
    web, *workers = await cluster.start("web", "live", "live")
    phone = await evening.phone(web)
    ear = evening.ear(phone)
    async with ear.listening():
        await evening.stage.is_heard()
        async with ear.talk():
            await ear.hears(20)
            first = await cluster.owner()
            sleeper = await cluster.owner_of(workers)
            sleeper.signal(signal.SIGSTOP)
            second = await cluster.other_owner(first)
            await ear.hears(20)
            sleeper.signal(signal.SIGCONT)
            await ear.hears(40)
            await (await cluster.owner_of(workers)).kill()
            assert await cluster.other_owner(second) == first
            await ear.hears(20)
    without_doubles(ear)
    assert ear.gaps > 0
    assert ear.closed is None


async def test_engines_that_come_back_empty_or_cut_everybody_off_cost_nothing_twice(cluster, evening):
    web, *_ = await cluster.start("web", "live")
    phone = await evening.phone(web)
    ear = evening.ear(phone)
    async with ear.listening(), Redis.from_url(cluster.bus_url) as redis:
        await evening.stage.is_heard()
        async with ear.talk():
            await ear.hears(20)
            await redis.flushdb()
            for one in await redis.client_list():
                if one["db"] == cluster.bus_url.rsplit("/", 1)[1] and one["cmd"] != "client|list":
                    await redis.client_kill_filter(_id=one["id"])
            await ear.hears(40)
            await execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()",
                cluster.database_url,
            )
            await ear.hears(60)
    whole(ear)
    assert (ear.gaps, ear.closed) == (0, None)
