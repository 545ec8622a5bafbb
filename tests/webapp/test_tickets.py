"""Tickets open something once, soon, and only what they were made for."""

import pytest

from tests.fakes import MovedClock
from webapp import tickets
from webapp.tickets import Tickets


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def desk(clock):
    return Tickets(clock)


def test_a_ticket_is_good_once(desk):
    ticket = desk.issue(7, 1)

    assert desk.redeem(ticket) == (7, 1)
    assert desk.redeem(ticket) is None


def test_a_ticket_ends_after_thirty_seconds(desk, clock):
    early, late = desk.issue(7, 1), desk.issue(7, 1)

    clock.move(30)
    assert desk.redeem(early) == (7, 1)

    clock.move(0.1)
    assert desk.redeem(late) is None


def test_a_ticket_for_something_else_is_spent(desk):
    ticket = desk.issue(7, 1, "bot")

    assert desk.redeem(ticket, "ws") is None
    assert desk.redeem(ticket, "bot") is None


def test_made_up_tickets_open_nothing(desk):
    assert desk.redeem("x" * 43) is None


def test_the_oldest_ticket_gives_way(desk, monkeypatch):
    monkeypatch.setattr(tickets, "MAX_TICKETS", 2)

    first, second, third = desk.issue(1, 1), desk.issue(2, 1), desk.issue(3, 1)

    assert [desk.redeem(first), desk.redeem(second), desk.redeem(third)] == [None, (2, 1), (3, 1)]
