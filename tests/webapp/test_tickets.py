"""Tickets open something once, soon, and only what they were made for."""

import pytest

from tests.fakes import MovedClock
from webapp import tickets
from webapp.tickets import Proof, Tickets


def proof(user_id):
    return Proof(user_id, 1, "token")


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def desk(clock):
    return Tickets(clock)


async def test_a_ticket_is_good_once(desk):
    ticket = await desk.issue(proof(7), "mobile")

    assert await desk.redeem(ticket, "mobile") == proof(7)
    assert await desk.redeem(ticket, "mobile") is None


async def test_a_ticket_ends_after_thirty_seconds(desk, clock):
    early, late = await desk.issue(proof(7), "mobile"), await desk.issue(proof(7), "mobile")

    clock.move(30)
    assert await desk.redeem(early, "mobile") == proof(7)

    clock.move(0.1)
    assert await desk.redeem(late, "mobile") is None


async def test_a_ticket_for_something_else_is_spent(desk):
    ticket = await desk.issue(proof(7), "bot")

    assert await desk.redeem(ticket, "mobile") is None
    assert await desk.redeem(ticket, "bot") is None


async def test_made_up_tickets_open_nothing(desk):
    assert await desk.redeem("x" * 43, "mobile") is None


async def test_the_oldest_ticket_gives_way(desk, monkeypatch):
    monkeypatch.setattr(tickets, "MAX_TICKETS", 2)

    first, second, third = (
        await desk.issue(proof(1), "mobile"),
        await desk.issue(proof(2), "mobile"),
        await desk.issue(proof(3), "mobile"),
    )

    assert [await desk.redeem(one, "mobile") for one in (first, second, third)] == [
        None,
        proof(2),
        proof(3),
    ]
