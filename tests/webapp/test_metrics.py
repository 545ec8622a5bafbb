"""What an operator's Prometheus reads of one process."""

import asyncio
import json
import re
from dataclasses import replace

import pytest
from aiohttp import WSMsgType

from core.config import Tiktok
from core.live.budgets import budgets_for
from core.live.events import Frame
from core.live.source import LiveState
from core.money import nightly
from tests.studio_kit import chat
from tests.webapp.test_ws import hear, token_of, user_id
from webapp.app import build_app


async def numbers(client):
    """Every sample of our own, by its name with labels."""
    async with client.get("/metrics") as response:
        assert response.status == 200
        lines = (await response.text()).splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines) if name[:1] == "t"
    }


async def test_every_question_of_an_operator_has_its_metric(client):
    assert {name.partition("{")[0] for name in await numbers(client)} >= {
        "ttboost_lives",
        "ttboost_sockets",
        "ttboost_frame_to_socket_seconds_count",
        "ttboost_backlog_seconds",
        "ttboost_speech_first_byte_seconds_count",
        "ttboost_speech_making",
        "ttboost_orders",
        "ttboost_telegram_messages_waiting",
        "ttboost_telegram_delay_seconds_count",
        "ttboost_journal_rows_waiting",
        "ttboost_journal_rows_lost_total",
        "ttboost_database_connections",
        "ttboost_database_seconds_count",
        "ttboost_tickets_waiting",
        "ttboost_notices_waiting",
    }


async def test_lives_and_sockets_are_counted(client, streamer, live):
    live.status = type(live.status)(LiveState.LIVE, live.status.since)
    async with client.ws_connect("/v2/ws", params={"token": token_of(streamer)}) as socket:
        await hear(socket, "status")
        told = await numbers(client)

    assert told['ttboost_lives{state="live"}'] == 1
    assert told['ttboost_lives{state="off"}'] == 0
    assert told['ttboost_sockets{place="player"}'] == 1
    assert told['ttboost_sockets{place="monitor"}'] == 0


async def test_a_frame_is_timed_to_the_socket_and_nothing_else_is(client, services, streamer, clock):
    studio = await services.studios.open(await user_id(services))
    studio.began("7001", is_new=True)
    async with client.ws_connect("/v2/ws", params={"token": token_of(streamer)}) as socket:
        await hear(socket, "status")
        before = await numbers(client)
        studio.frame(Frame("msg", server_ms=1, events=[chat("hello")]))
        clock.move(0.3)
        await hear(socket, "chat")
        await asyncio.sleep(0)
        after = await numbers(client)

    first_message = 'ttboost_frame_to_socket_seconds_bucket{le="0.5"}'
    assert before[first_message] == 0
    assert after[first_message] == 2  # the line, and that it is the viewer's first
    assert after['ttboost_frame_to_socket_seconds_bucket{le="0.25"}'] == 0


async def test_speech_is_told_by_engine_and_outcome(client, services, streamer, voice):
    studio = await services.studios.open(await user_id(services))
    async with client.ws_connect("/v2/ws", params={"token": token_of(streamer)}) as socket:
        await hear(socket, "status")
        studio.began("7001", is_new=True)
        studio.frame(Frame("msg", server_ms=1, events=[chat("hello")]))
        url = (await hear(socket, "chat"))["tts_url"]
        voice.go_on.set()
        async with client.get(url[url.index("/media") :]) as audio:
            await audio.read()
        told = await numbers(client)

    assert told[f'ttboost_speech_total{{engine="{voice.name}",outcome="spoken"}}'] == 1
    assert told[f'ttboost_speech_first_byte_seconds_count{{engine="{voice.name}"}}'] == 1


async def test_budgets_are_told_as_used_waiting_and_held(aiohttp_client, services, clock):
    budgets = budgets_for(Tiktok(signatures_per_minute=2), clock)
    client = await aiohttp_client(build_app(replace(services, budgets=budgets)))
    turns = [budgets.signatures.line_up() for _ in range(3)]
    budgets.lookups.hold(30)
    full = await numbers(client)
    clock.move(20)
    later = await numbers(client)
    for turn in turns:
        budgets.signatures.leave(turn)

    assert full['ttboost_budget_limit{of="signatures"}'] == 2
    assert full['ttboost_budget_used{of="signatures"}'] == 2
    assert full['ttboost_budget_waiting{of="signatures"}'] == 1
    assert full['ttboost_budget_held_seconds{of="lookups"}'] == 30
    assert later['ttboost_budget_held_seconds{of="lookups"}'] == 10
    assert later['ttboost_budget_used{of="signatures"}'] == 2


async def test_sockets_we_ended_are_told_by_their_code(client, streamer):
    async with client.ws_connect("/v2/ws", params={"token": token_of(streamer)}) as older:
        await hear(older, "status")
        async with client.ws_connect("/v2/ws", params={"token": token_of(streamer)}) as newer:
            await hear(newer, "status")
            while (await older.receive()).type is not WSMsgType.CLOSE:
                pass
            told = await numbers(client)

    assert told['ttboost_sockets_closed_total{code="4409"}'] == 1


async def test_the_last_verification_of_the_ledger_is_told(client, services, clock):
    before = await numbers(client)
    await nightly.run(services.db, clock)
    after = await numbers(client)

    assert "ttboost_ledger_broken" not in before
    assert after["ttboost_ledger_broken"] == 0
    assert after["ttboost_ledger_verified_timestamp_seconds"] == clock.now().timestamp()


@pytest.mark.tampered
async def test_without_its_database_a_process_tells_what_it_knows_itself(client, services):
    async with services.db.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE meta RENAME TO lost")

    told = await numbers(client)

    assert told["ttboost_database_up"] == 0
    assert 'ttboost_lives{state="live"}' in told
    assert "ttboost_tickets_waiting" not in told


async def test_no_metric_names_a_person(client, streamer):
    async with client.ws_connect("/v2/ws", params={"token": token_of(streamer)}) as socket:
        await hear(socket, "status")
        told = await numbers(client)

    labels = {label for name in told for label in re.findall(r'(\w+)="', name)}
    assert "streamer123" not in json.dumps(sorted(told))
    assert not [one for one in labels if "user" in one]
