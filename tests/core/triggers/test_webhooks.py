"""Webhooks against a receiver on this machine."""

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import unused_port

from core.live.events import Fact
from core.triggers import webhooks
from core.triggers.webhooks import (
    payload,
    shown_key,
)
from tests.core.triggers.making import chat, gift, likes, trigger, viewers
from tests.core.triggers.receiver import KEY, USER, Post, Receiver


async def test_a_receiver_is_told_what_happened(post: Post, receiver: Receiver) -> None:
    post.call(receiver.url("/a?b=c"), chat("hi"))
    await post.noted_count(1)

    request = receiver.got[0]
    assert post.noted == [(USER, 1, True)]
    assert (request.method, request.path_qs, request.content_type) == ("POST", "/a?b=c", "application/json")
    assert msgspec.json.decode(receiver.bodies[0]) == {
        "type": "trigger.fired",
        "timestamp": "2026-01-01T00:16:40.000Z",
        "data": {
            "trigger": {"id": 1, "name": "Hook"},
            "event": {
                "type": "chat",
                "user": {"username": "ann_01", "nickname": "Ann"},
                "message": "hi",
            },
        },
    }


async def test_the_signature_holds_with_the_key_the_streamer_is_shown(post: Post, receiver: Receiver) -> None:
    await post.send(receiver.url(), {"a": 1})

    sent = receiver.got[0].headers
    secret = base64.b64decode(shown_key(KEY, USER).removeprefix("whsec_"))
    signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + receiver.bodies[0]
    expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    assert sent["webhook-signature"] == f"v1,{expected}"
    assert sent["webhook-timestamp"] == "1767226600"


async def test_each_account_and_delivery_is_told_apart(post: Post, receiver: Receiver) -> None:
    await post.send(receiver.url())
    await post.send(receiver.url())

    assert len({request.headers["webhook-id"] for request in receiver.got}) == 2
    assert shown_key(KEY, 1) != shown_key(KEY, 2)


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (
            gift(3, diamonds=5, total_diamonds=15),
            {
                "type": "gift",
                "user": {"username": "ann_01", "nickname": "Ann"},
                "gift_id": 5655,
                "gift_name": "Rose",
                "count": 3,
                "diamonds": 5,
                "total_diamonds": 15,
            },
        ),
        (
            likes(5, 9, count=4),
            {"type": "like", "user": {"username": "ann_01", "nickname": "Ann"}, "count": 4, "total": 9},
        ),
        (viewers(9, 10), {"type": "viewer_count", "total": 10}),
    ],
)
def test_each_event_tells_its_own_numbers(fact: Fact, told: dict[str, Any]) -> None:
    assert payload(trigger(1, fact.type), fact, "now")["data"]["event"] == told


@pytest.mark.parametrize(
    ("status", "is_taken"), [(200, True), (202, True), (299, True), (400, False), (500, False)]
)
async def test_only_2xx_is_success(post: Post, receiver: Receiver, status: int, is_taken: bool) -> None:
    receiver.status = status

    assert await post.send(receiver.url()) is is_taken


async def test_a_redirect_is_a_failure_and_not_followed(post: Post, receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"Location": receiver.url("/elsewhere")}

    assert await post.send(receiver.url()) is False
    assert len(receiver.got) == 1


async def test_what_it_answers_is_not_waited_for(post: Post, receiver: Receiver) -> None:
    receiver.status, receiver.headers, receiver.body = 200, {"Content-Encoding": "gzip"}, b"no gzip" * 10_000

    assert await post.send(receiver.url()) is True


async def test_a_silent_receiver_is_given_up(
    post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT_SECONDS", 0.05)
    receiver.hold = asyncio.Event()

    assert await post.send(receiver.url()) is False


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}/", "https://[::1]:{}/"])
async def test_nobody_there_is_a_failure(post: Post, url: str) -> None:
    assert await post.send(url.format(unused_port())) is False


async def test_a_body_too_large_is_not_sent(post: Post, receiver: Receiver) -> None:
    assert await post.send(receiver.url(), {"text": "x" * webhooks.MAX_BODY}) is False
    assert receiver.got == []


class TestLanes:
    async def test_one_account_is_served_in_order(self, post: Post, receiver: Receiver) -> None:
        for number in (1, 2, 3):
            post.call(receiver.url(), chat("hi"), number=number)
        await post.noted_count(3)

        assert post.noted == [(USER, 1, True), (USER, 2, True), (USER, 3, True)]

    async def test_a_receiver_that_hangs_delays_nobody_else(self, post: Post, receiver: Receiver) -> None:
        quick = Receiver()
        await quick.server.start_server()
        receiver.hold = asyncio.Event()
        post.call(receiver.url(), chat("hi"), user=1)
        post.call(quick.url(), chat("hi"), user=2)
        await post.noted_count(1)
        await quick.server.close()

        assert post.noted == [(2, 1, True)]

    async def test_what_waits_too_long_a_line_is_left_out(self, post: Post, receiver: Receiver) -> None:
        receiver.hold = asyncio.Event()
        for number in range(webhooks.MAX_WAITING + 10):
            post.call(receiver.url(), chat("hi"), number=number)
        receiver.hold.set()
        await post.lanes_empty()

        assert len(post.noted) == webhooks.MAX_WAITING

    async def test_what_is_over_the_rate_is_neither_sent_nor_a_failure(
        self, post: Post, receiver: Receiver
    ) -> None:
        post.is_open = False
        post.call(receiver.url(), chat("hi"), number=1)
        await post.lanes_empty()
        post.is_open = True
        post.call(receiver.url(), chat("hi"), number=2)
        await post.noted_count(1)

        assert post.noted == [(USER, 2, True)]

    async def test_a_failure_is_noted_and_the_next_is_still_sent(
        self, post: Post, receiver: Receiver
    ) -> None:
        post.call(f"http://127.0.0.1:{unused_port()}/", chat("hi"), number=1)
        post.call(receiver.url(), chat("hi"), number=2)
        await post.noted_count(2)

        assert post.noted == [(USER, 1, False), (USER, 2, True)]

    async def test_other_actions_are_none_of_its_business(self, post: Post) -> None:
        post.sender.call(USER, trigger(1, "chat"), chat("hi"))

        assert post.sender._lanes == {}
