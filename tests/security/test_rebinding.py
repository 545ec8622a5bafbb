"""A name that answers with another address each time: what was checked is what is connected to."""

import socket

import pytest

from core.errors import ShortLinkUnanswered
from core.fulfilment.operator import Operator
from core.fulfilment.provider import Unreachable
from core.orders.short_links import ShortLinks
from core.tasks import TaskPool
from tests.core.fulfilment.test_operator import JOB
from tests.core.triggers.receiver import Post, Receiver
from tests.fake_operator import FakeOperator

OPEN, INSIDE = "127.0.0.1", "127.0.0.2"
"""Both are this machine; the first one stands for an address of the open internet."""


class Names:
    """A resolver in a bad mood."""

    def __init__(self) -> None:
        self.answers: list[list[str]] = []
        self.asked = 0

    def __call__(self, _host, port, *_, **__):
        self.asked += 1
        return [
            (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (one, int(port or 0)))
            for one in self.answers.pop(0)
        ]


@pytest.fixture
def names(monkeypatch):
    made = Names()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    return made


@pytest.fixture
def checked(monkeypatch):
    """Addresses that were looked at before a connection."""
    seen = []

    def is_public(address):
        seen.append(address)
        return address == OPEN

    monkeypatch.setattr("core.triggers.webhooks.is_public", is_public)
    return seen


async def test_a_webhook_goes_to_the_address_that_was_checked(names, checked):
    receiver = Receiver()
    async with TaskPool() as tasks, receiver.server:
        post = Post(tasks, allow_private=False)
        names.answers = [[OPEN], [INSIDE], [INSIDE, "::1"]]
        sent = [await post.send(f"http://rebind.example:{receiver.server.port}/") for _ in range(3)]

    assert sent == [True, False, False]
    assert (len(receiver.got), names.asked) == (1, 3)
    assert checked[:2] == [OPEN, INSIDE]


async def test_an_order_goes_to_the_address_that_was_checked(names, checked, clock):
    async with FakeOperator().serving() as config:
        port = config.url.split(":")[2].split("/")[0]
        address = f"https://rebind.example:{port}/orders"
        operator = Operator(config.model_copy(update={"url": address, "allow_private": False}), clock)
        names.answers = [[OPEN], [INSIDE]]
        with pytest.raises(Unreachable, match="SSL"):  # so it was connected to
            await operator.submit(JOB)
        with pytest.raises(Unreachable, match="not a public address"):
            await operator.submit(JOB)

    assert (checked, names.asked) == ([OPEN, INSIDE], 2)


async def test_a_short_link_leads_to_no_machine_inside(names, checked):
    names.answers = [[INSIDE]]

    with pytest.raises(ShortLinkUnanswered):
        await ShortLinks().resolve("https://vm.tiktok.com/x/")

    assert (checked, names.asked) == ([INSIDE], 1)
