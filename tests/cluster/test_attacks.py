"""What must not come through between processes, and what must not stop them."""

import asyncio
import json
from contextlib import asynccontextmanager

import msgspec
import pytest

from core.admin.people import People
from core.audit import Act
from core.carried import carry
from core.channel import Close, Place
from core.cluster import calls, handover
from core.cluster.calls import Item
from core.cluster.outbox import Outbox
from core.config import Config
from core.errors import InvalidToken, Unavailable
from core.leaving import Leaving
from core.live.events import Frame
from storage import bus as bus_module
from storage.bus import Words
from storage.db import Database
from storage.models import ChangeKind
from tests.cluster.houses import PASSWORD, Socket, until
from tests.conftest import execute
from tests.redis_kit import needs_redis
from tests.services import needs_postgres
from tests.studio_kit import chat

pytestmark = [needs_redis, needs_postgres]


def packed(**call):
    return msgspec.msgpack.encode({"caller": "aa", "id": 1, "user_id": 1, "body": {"type": "Look"}} | call)


DEEP = b"\x91" * 50_000
BROKEN = {
    "nothing": b"",
    "noise": bytes(range(256)) * 40_000,  # ten megabytes
    "no text": packed().replace(b"\xa2aa", b"\xa2\xff\xfe"),
    "deep": b"\x85\xa4type\xa6Answer\xa2id\x01\xa7details\x81\xa1a" + DEEP,
    "deep where nobody looks": b"\x81\xa1x" + DEEP,
    "a list without end": b"\x84\xa4type\xa5Heard\xa7user_id\x01\xa5token\x01\xa5items\xdd\xff\xff\xff\xff",
    "an unknown call": packed(body={"type": "Drop"}),
    "wrong types": packed(caller=1, id="x", user_id=None, body=[]),
    "an account beyond counting": packed(user_id=2**64 - 1, body={"type": "StartLive"}),
    "for an account that is none": packed(user_id=-5, body={"type": "Given", "token": 9, "state": "none"}),
    "a number too long": calls.encode(calls.Heard(1, 9, [Item(1, '{"type":"chat","seq":' + "9" * 5000)])),
}


@asynccontextmanager
async def without(street, table):
    """The database answers, but not about this."""
    await execute(f"ALTER TABLE {table} RENAME TO gone", street.database_url)
    yield
    await execute(f"ALTER TABLE gone RENAME TO {table}", street.database_url)


async def owner(street, user_id):
    database = Database(street.database_url)
    async with database.read() as uow:
        found = await uow.leases.owner(user_id)
    await database.close()
    return found[0] if found else None


def say(house, text):
    """A viewer, in the LIVE that was begun there last."""
    house.begun[-1].sink.began("7001", is_new=True)
    house.begun[-1].sink.frame(Frame("msg", events=[chat(text)]))


def lines(socket):
    told = (json.loads(text) for text in socket.texts if text.endswith("}"))
    return [one["message"] for one in told if one["type"] == "chat" and "message" in one]


async def test_no_message_ends_a_loop(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    async with Socket(house, user_id) as socket:
        loops = house.loops
        for payload in BROKEN.values():
            for channel in ("live:a", "web:a", calls.WANTED):
                await street.redis.publish(bus_module.PREFIX + channel, payload)

        say(house, "still here")
        await until(lambda: lines(socket) == ["still here"])
        async with Socket(house, user_id, place=Place.MONITOR):
            pass

        assert loops <= house.loops | {f"calls {user_id}", "call", "heartbeat"}


async def test_what_lies_broken_on_the_bus_costs_what_it_told_alone(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    await street.redis.xadd(f"{bus_module.PREFIX}said:{user_id}", {"d": BROKEN["no text"]})
    await street.redis.xadd(f"{bus_module.PREFIX}said:{user_id}", {"else": b""})
    await street.redis.set(f"{bus_module.PREFIX}owner:{user_id}", b"\xff no number")

    async with Socket(house, user_id) as socket:
        say(house, "hello")
        await until(lambda: lines(socket) == ["hello"])


@pytest.mark.parametrize("raw", [b"", b"a", b"a x", b"a " + b"9" * 5000, b"\xff\xff \xff", "a ١".encode()])
async def test_a_name_nobody_of_us_wrote_names_nobody(raw, street):
    await street.redis.set(f"{bus_module.PREFIX}owner:7", raw)

    assert await street.unopened("a").bus.owners([7]) == {}


async def test_an_answer_of_another_version_is_no_answer():
    for value in (calls.answer(1, {"what": "else"}), calls.Answer(1, msgspec.Raw(b"\xc1"))):
        with pytest.raises(Unavailable):
            calls.value_of(value, list[int])
    with pytest.raises(InvalidToken) as caught:
        calls.value_of(calls.Answer(1, refused="invalid_token", details={"self": 1, "text": 2}), None)
    assert caught.value.details == {"self": 1, "text": 2}


async def test_a_later_text_does_not_overtake(street):
    house = street.unopened("a")
    outbox, gate, heard = Outbox(house.bus, lambda _: 1), asyncio.Event(), []
    outbox.before = gate.wait
    listening = asyncio.Event()
    ear = asyncio.create_task(house.bus.listen("web:b", heard.append, listening.set))
    await listening.wait()

    outbox.text(1, "b", Item(1, "first"))
    slow = asyncio.create_task(outbox.flush())
    await asyncio.sleep(0.01)
    outbox.before = None
    outbox.text(1, "b", Item(1, "second"))
    quick = asyncio.create_task(outbox.flush())
    await asyncio.sleep(0.1)
    gate.set()
    await asyncio.gather(slow, quick)
    await until(lambda: len(heard) == 2)
    ear.cancel()

    assert [calls.decode_back(one).items[0].text for one in heard] == ["first", "second"]


# Ended through another process


async def test_a_changed_password_ends_sockets_elsewhere_and_lets_no_old_token_in_again(street):
    here, there = await street.house("a"), await street.house("b", works=False)
    user_id = await street.streamer(here)
    async with Socket(there, user_id, token_version=1) as socket:
        elsewhere = street.unopened("c")
        await elsewhere.accounts.change_password(user_id, PASSWORD, "Another456!")

        await until(lambda: socket.code == Close.INVALID_TOKEN)
        with pytest.raises(InvalidToken):
            async with Socket(there, user_id, token_version=1):
                pass
        async with Socket(there, user_id, token_version=2) as new:
            assert new.code is None


async def test_a_new_token_is_let_in_before_the_change_is_noticed(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    await house.access.of(user_id)
    elsewhere = street.unopened("c")
    await elsewhere.accounts.change_password(user_id, PASSWORD, "Another456!")

    async with Socket(house, user_id, token_version=2) as socket:
        assert socket.code is None


async def test_rotated_addresses_end_the_pages_of_other_processes(street):
    here, there = await street.house("a"), await street.house("b", works=False)
    user_id = await street.streamer(here)
    async with Socket(there, user_id, place=Place.OVERLAY, secret_version=1) as socket:
        await street.unopened("c").accounts.rotate_overlay(user_id)

        await until(lambda: socket.code == Close.INVALID_TOKEN)
        with pytest.raises(InvalidToken):
            async with Socket(there, user_id, place=Place.OVERLAY, secret_version=1):
                pass


async def test_a_ban_through_another_process_ends_sockets(street):
    here, there = await street.house("a"), await street.house("b", works=False)
    user_id = await street.streamer(here)
    async with Socket(there, user_id, token_version=1) as socket:
        desk = People(there.db, there.passwords, Config(), there.clock)
        await desk.set_banned(user_id, Act("cli", there.clock.now()), is_banned=True)

        await until(lambda: socket.code == Close.INVALID_TOKEN)


async def test_a_deleted_account_is_let_go_of(street):
    here, there = await street.house("a"), await street.house("b", works=False)
    user_id = await street.streamer(here)
    async with Socket(there, user_id, token_version=1) as socket:
        leaving = Leaving(there.db, there.accounts, there.clock)
        await leaving.delete(user_id, PASSWORD)

        await until(lambda: socket.code is not None)
        assert here.begun[-1].is_stopped
    here.studios.part(user_id)  # as after any loss: it is found again, and nobody is there any more
    await until(lambda: user_id not in here.leases.held)
    async with asyncio.timeout(30):
        while await owner(street, user_id) is not None:
            await asyncio.sleep(0.1)


async def test_what_could_not_be_looked_at_is_looked_at_again(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    async with Socket(house, user_id, token_version=1) as socket:
        async with without(street, "licenses"):
            house.access.drop(user_id)
            house.studios.noticed(user_id, ChangeKind.ACCESS)
            await asyncio.sleep(1.5)
        await street.unopened("c").accounts.change_password(user_id, PASSWORD, "Another456!")

        await until(lambda: socket.code == Close.INVALID_TOKEN)


# Handing over


async def test_a_database_that_fails_during_a_hand_over_ends_no_loop(street):
    a = await street.house("a")
    user_id = await street.streamer(a)
    async with Socket(a, user_id) as socket:
        b = await street.house("b")
        async with without(street, "studio_leases"):
            await a.handover.give_some([user_id], {"b": 0})
            assert a.studios.find(user_id) is None

        await until(lambda: any(one.studios.find(user_id) for one in (a, b)), 20)
        having = next(one for one in (a, b) if one.studios.find(user_id))
        await until(lambda: having.studios.find(user_id).has_hearers)
        say(having, "back again")
        await until(lambda: lines(socket) == ["back again"])
        assert "leases" in a.loops & b.loops


async def test_given_to_two_at_once_one_has_it(street):
    a = await street.house("a")
    user_id = await street.streamer(a)
    async with Socket(a, user_id) as socket:
        b, c = await street.house("b"), await street.house("c")

        await asyncio.gather(*(a.handover.give_some([user_id], {name: 0}) for name in ("b", "c")))

        having = [one for one in (a, b, c) if one.studios.find(user_id)]
        assert [one.leases.worker for one in having] == [await owner(street, user_id)]
        assert [one.studios.is_open(user_id) for one in (a, b, c)].count(True) == 1
        await until(lambda: having[0].studios.find(user_id).has_hearers)
        say(having[0], "one voice")
        await until(lambda: lines(socket) == ["one voice"])


async def test_what_was_lost_while_it_was_prepared_is_not_given(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    async with Socket(house, user_id):
        old = house.studios.find(user_id)
        house.worker.lost(user_id)
        await until(lambda: house.studios.find(user_id), 20)

        await house.handover._pass_on(user_id, old, "b")

        assert house.studios.find(user_id) not in (None, old)
        assert await owner(street, user_id) == "a"


async def test_what_was_found_already_is_not_set_back_by_being_given(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    async with Socket(house, user_id):
        studio, token = house.studios.find(user_id), house.leases.token(user_id)
        say(house, "one")
        last_seq = studio.channel.last_seq
        for late in (token, token - 1):
            state = handover._wired(carry(studio, house.clock.monotonic()))
            await house.bus.put("state:x", state, 5)
            studio.channel.last_seq += 1

            await house.handover.receive(user_id, calls.Given(late, "state:x"))

        assert house.leases.token(user_id) == token
        assert studio.channel.last_seq == last_seq + 2


async def test_a_connection_nobody_goes_on_with_is_closed(street, monkeypatch):
    monkeypatch.setattr(handover, "KEPT_SECONDS", 0.3)
    a, b = await street.house("a"), await street.house("b")
    user_id = await street.streamer(a)
    await b.handover.prepare(user_id, calls.Prepare("7001", "streamer123"))
    assert b.rooms.open == 1

    await b.handover.receive(user_id, calls.Given(1, None))

    await until(lambda: b.rooms.open == 0, 3)


async def test_a_socket_that_joins_again_too_late_takes_nobodys_place(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    async with Socket(house, user_id) as first:
        older = calls.Join(listener=first.stay.number, place=Place.PLAYER, base_url="http://host", since=None)
        async with Socket(house, user_id) as second:
            await house.exchange.ask(user_id, older)
            say(house, "hello")

            await until(lambda: lines(second) == ["hello"])
            assert second.code is None


async def test_a_studio_nobody_needs_is_nobodys_any_more(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    async with Socket(house, user_id):
        studio = house.studios.find(user_id)
    await until(lambda: studio.is_empty)
    await house.studios._review_one(studio, house.clock.monotonic() + 10_000)

    assert house.leases.held == ()
    assert await owner(street, user_id) is None
    async with Socket(house, user_id):
        assert house.leases.is_held(user_id)


async def test_a_foreign_word_is_not_said_for_a_streamer_who_moved_on(street):
    house = await street.house("a")
    user_id = await street.streamer(house)
    async with Socket(house, user_id) as socket:
        token = house.leases.token(user_id)
        late = calls.encode(calls.Heard(user_id, token - 1, [Item(socket.stay.number, '{"type":"chat"}')]))

        await house.bus.publish("web:a", late)
        assert await house.bus.speak([Words(user_id, token - 1, "web:a", late)]) == [bus_module.REFUSED]
        say(house, "mine")

        await until(lambda: lines(socket) == ["mine"])
        assert '{"type":"chat"}' not in socket.texts
