"""Sockets that come all at once."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from core.errors import Unavailable
from webapp.entrance import AT_ONCE, Entrance
from webapp.keys import ENTRANCE


async def test_no_more_than_so_many_are_inside_and_each_has_its_turn():
    entrance, inside, most, done = Entrance(at_once=3), 0, 0, 0

    async def come() -> None:
        nonlocal inside, most, done
        async with entrance.turn():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            done += 1

    await asyncio.gather(*(come() for _ in range(50)))

    assert (most, done) == (3, 50)


async def test_a_line_that_does_not_move_or_is_too_long_is_said_to_be_so():
    entrance = Entrance(at_once=1, patience=0.05, max_waiting=1)
    async with entrance.turn():
        waits = asyncio.create_task(entrance.turn().__aenter__())
        await asyncio.sleep(0)

        with pytest.raises(Unavailable):  # the second in line
            await entrance.turn().__aenter__()
        with pytest.raises(Unavailable):
            await waits

    async with asyncio.timeout(30), entrance.turn():
        pass


async def test_who_leaves_the_line_or_fails_inside_keeps_nobody_out():
    entrance = Entrance(at_once=1, max_waiting=1)
    async with entrance.turn():
        leaver = asyncio.create_task(entrance.turn().__aenter__())
        await asyncio.sleep(0)
        leaver.cancel()
        with suppress(asyncio.CancelledError):
            await leaver
    with suppress(ZeroDivisionError):
        async with entrance.turn():
            _ = 1 / 0

    async with asyncio.timeout(30), entrance.turn():
        pass


async def test_a_socket_that_finds_all_turns_taken_waits_for_one(client, join):
    token = (await join("streamer123"))["Authorization"].removeprefix("Bearer ")
    async with AsyncExitStack() as others:
        for _ in range(AT_ONCE):
            await others.enter_async_context(client.app[ENTRANCE].turn())
        async with client.ws_connect(f"/v2/ws?token={token}") as socket:
            first = asyncio.create_task(socket.receive_json())
            await asyncio.sleep(0.3)
            is_early = first.done()
            await others.aclose()
            async with asyncio.timeout(30):
                told = await first

    assert not is_early
    assert told["type"] == "status"
