"""Where a webhook must never go."""

import pytest

from core.tasks import TaskPool
from core.triggers.addresses import is_public, may_be_public
from core.triggers.webhooks import public_socket
from tests.core.triggers.receiver import Post, Receiver


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1"]
)
async def test_this_machine_is_never_reached_by_any_name(
    tasks: TaskPool, receiver: Receiver, host: str
) -> None:
    post = Post(tasks, allow_private=False)

    assert await post.send(f"http://{host}:{receiver.server.port}/") is False
    assert receiver.got == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
    ],
)
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(OSError, match="public"):
        public_socket((2, 1, 6, "", (address, 80)))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "\uff11\uff12\uff17.0.0.1",
        "127\u30020\u30020\u30021",
        "%31%32%37.0.0.1",
        "169.254.169.254",
        "10.0.0.8",
        "v1.a:b",
        "::1",
        "::ffff:127.0.0.1",
        "fe80::1%25eth0",
        "localhost",
        "LocalHost.",
        "api.localhost",
    ],
)
def test_hosts_known_to_be_private_whatever_the_spelling(host: str) -> None:
    assert not may_be_public(host)


@pytest.mark.parametrize(
    "host", ["example.org", "localhost.example.org", "1.1.1.1", "2606:4700:4700::1111", "b\u00fccher.example"]
)
def test_hosts_that_may_be_public(host: str) -> None:
    assert may_be_public(host)
