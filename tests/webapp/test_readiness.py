"""Ready is who can do their work: with the database and, among several processes, the bus."""

from dataclasses import replace

from tests.reach_kit import by_wire
from tests.redis_kit import needs_redis
from tests.webapp.test_metrics import numbers
from webapp.app import build_app


async def asked(client):
    async with client.get("/readyz") as answer:
        return answer.status, (await answer.json()).get("service")


@needs_redis
async def test_while_the_bus_is_away_a_process_is_not_ready(aiohttp_client, services, clock):
    async with by_wire() as (reach, wire):
        client = await aiohttp_client(build_app(replace(services, reach=reach)))
        before, was_up = await asked(client), (await numbers(client))["ttboost_bus_up"]
        clock.move(5)
        await wire.cut()

        assert await asked(client) == (503, "bus")
        assert (await numbers(client))["ttboost_bus_up"] == 0
        assert (await client.get("/healthz")).status == 200
    assert before == (200, None)
    assert was_up == 1


async def test_who_is_alone_needs_no_bus(client):
    assert await asked(client) == (200, None)
    assert "ttboost_bus_up" not in await numbers(client)
