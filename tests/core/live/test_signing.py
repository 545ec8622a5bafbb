"""The sign server: what is asked, what is made of each bad answer, and how keys take turns."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.clock import Clock
from core.config import Tiktok
from core.live import signing
from core.live.signing import Signer, cookies_of
from core.live.source import SignFailed, SignLimited, SignRefused
from storage.shared.reach import Reach
from tests.fake_tiktok import FakeTikTok, Sign, proto
from tests.reach_kit import by_wire, reaches
from tests.redis_kit import needs_redis

START = datetime(2026, 3, 1, tzinfo=UTC)


class HandClock(Clock):
    """Moved by hand, both hands at once."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class Asking:
    """A signer over the fake, and the clock it looks at: from now on, as the fake goes by the real time."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        keys: list[str],
        start: datetime | None = None,
        reach: Reach | None = None,
    ) -> None:
        self.clock = HandClock(start or Clock().now())
        tiktok = Tiktok.model_validate({"sign_url": url, "sign_api_keys": keys})
        self.signer = Signer(http, tiktok, self.clock, "Mozilla/5.0 (X11; Linux)", reach)

    async def code(self, room_id: str) -> str:
        try:
            await self.signer.sign(room_id)
        except SignFailed as error:
            return error.code
        return "signed"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield http


@pytest.fixture
def room_id(fake: FakeTikTok) -> str:
    return str(fake.user("anna").room_id)


@pytest.fixture
def asking(fake: FakeTikTok, http: aiohttp.ClientSession) -> Asking:
    return Asking(http, fake.url, [])


async def test_the_answer_names_the_socket_and_the_cookies_of_the_room(asking: Asking, room_id: str) -> None:
    signed = await asking.signer.sign(room_id)

    assert signed.answer.push_server.endswith("/webcast/im/push/v2/")
    assert signed.answer.route_params["imprp"] == "fake imprp+/=&x"
    assert signed.cookies == {"ttwid": f"of-{room_id}", "msToken": f"m-{room_id}"}


async def test_what_is_asked_is_what_sign_servers_know(
    fake: FakeTikTok, http: aiohttp.ClientSession, room_id: str
) -> None:
    await Asking(http, fake.url, ["secret"]).signer.sign(room_id)

    asked = fake.asked("sign")[0]
    assert asked.query == {
        "client": "ttlive-python",
        "room_id": room_id,
        "user_agent": "Mozilla/5.0 (X11; Linux)",
        "platform": "web",
        "client_enter": "true",
    }
    assert asked.headers["X-Api-Key"] == "secret"
    assert "Cookie" not in asked.headers


async def test_without_a_key_none_is_sent(asking: Asking, fake: FakeTikTok, room_id: str) -> None:
    await asking.signer.sign(room_id)

    assert "X-Api-Key" not in fake.asked("sign")[0].headers


@pytest.mark.parametrize("mode", [Sign.ERROR, Sign.HTML, Sign.STUB, Sign.NOTHING, Sign.HUGE])
async def test_an_unusable_answer_is_a_failed_signature(
    asking: Asking, fake: FakeTikTok, room_id: str, mode: Sign
) -> None:
    fake.sign = mode

    with pytest.raises(SignFailed, match="sign server") as caught:
        await asking.signer.sign(room_id)

    assert caught.value.code == "sign_failed"


async def test_no_more_is_read_of_an_endless_answer_than_a_real_one_can_have(
    asking: Asking, fake: FakeTikTok, room_id: str
) -> None:
    fake.sign = Sign.HUGE

    with pytest.raises(SignFailed, match="far too large"):
        await asking.signer.sign(room_id)


async def test_a_sign_server_that_hangs_is_given_up(
    asking: Asking, fake: FakeTikTok, room_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    fake.sign = Sign.HANG

    assert await asking.code(room_id) == "sign_failed"


async def test_a_sign_server_that_is_gone_is_a_failed_signature(
    asking: Asking, fake: FakeTikTok, room_id: str
) -> None:
    await fake.stop()

    assert await asking.code(room_id) == "sign_failed"


async def test_a_limit_is_told_with_its_label_and_not_asked_again_before_its_time(
    asking: Asking, fake: FakeTikTok, room_id: str
) -> None:
    fake.sign = Sign.LIMITED

    with pytest.raises(SignLimited, match="rate_limit_account_minute"):
        await asking.signer.sign(room_id)
    fake.sign = Sign.OK

    assert await asking.code(room_id) == "sign_limited"
    assert fake.stats["sign"] == 1


async def test_after_the_limit_the_key_is_used_again(asking: Asking, fake: FakeTikTok, room_id: str) -> None:
    fake.sign = Sign.LIMITED
    await asking.code(room_id)
    fake.sign = Sign.OK

    asking.clock.seconds += signing.MAX_REST

    assert await asking.code(room_id) == "signed"


async def test_a_limited_key_gives_way_to_the_next(
    fake: FakeTikTok, http: aiohttp.ClientSession, room_id: str
) -> None:
    fake.limited_keys = {"first"}
    asking = Asking(http, fake.url, ["first", "second"])

    codes = [await asking.code(room_id) for _ in range(3)]

    assert codes == ["signed"] * 3
    used = [seen.headers["X-Api-Key"] for seen in fake.asked("sign")]
    assert used == ["first", "second", "second", "second"]


async def test_keys_take_turns(fake: FakeTikTok, http: aiohttp.ClientSession, room_id: str) -> None:
    asking = Asking(http, fake.url, ["first", "second"])

    for _ in range(4):
        await asking.signer.sign(room_id)

    used = [seen.headers["X-Api-Key"] for seen in fake.asked("sign")]
    assert used == ["first", "second", "first", "second"]


@needs_redis
async def test_keys_take_turns_across_processes(
    fake: FakeTikTok, http: aiohttp.ClientSession, room_id: str
) -> None:
    async with reaches(3) as three:
        for reach in three:
            await Asking(http, fake.url, ["first", "second"], reach=reach).signer.sign(room_id)

    used = [seen.headers["X-Api-Key"] for seen in fake.asked("sign")]
    assert used == ["first", "second", "first"]


@needs_redis
async def test_without_redis_keys_take_turns_in_each_process(
    fake: FakeTikTok, http: aiohttp.ClientSession, room_id: str
) -> None:
    async with by_wire() as (reach, wire):
        await wire.cut()
        asking = Asking(http, fake.url, ["first", "second"], reach=reach)
        for _ in range(2):
            await asking.signer.sign(room_id)

    assert [seen.headers["X-Api-Key"] for seen in fake.asked("sign")] == ["first", "second"]


async def test_a_refused_key_is_rested_and_reported(
    fake: FakeTikTok, http: aiohttp.ClientSession, room_id: str
) -> None:
    fake.refused_keys = {"wrong"}
    asking = Asking(http, fake.url, ["wrong"])

    with pytest.raises(SignRefused, match="sign_api_keys"):
        await asking.signer.sign(room_id)

    assert await asking.code(room_id) == "sign_refused"
    assert fake.stats["sign"] == 1


async def test_the_wait_told_is_that_of_the_key_which_is_back_first(
    fake: FakeTikTok, http: aiohttp.ClientSession, room_id: str
) -> None:
    fake.refused_keys, fake.limited_keys = {"wrong"}, {"busy"}
    asking = Asking(http, fake.url, ["wrong", "busy"])

    with pytest.raises(SignLimited) as caught:
        await asking.signer.sign(room_id)

    assert caught.value.retry_after is not None
    assert caught.value.retry_after < signing.REFUSED_REST


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def answer_of(http: aiohttp.ClientSession, answer: Answer) -> SignFailed:
    """What the signer makes of one answer."""
    app = web.Application()
    app.router.add_get("/webcast/fetch/", answer)
    async with TestServer(app) as server:
        asking = Asking(http, str(server.make_url("")).rstrip("/"), ["secret"], START)
        with pytest.raises(SignFailed) as caught:
            await asking.signer.sign("7")
    return caught.value


NOW = START.timestamp()


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"RateLimit-Reset": str(NOW + 30)}, 30),
        ({"RateLimit-Reset": str((NOW + 30) * 1000)}, 30),
        ({"RateLimit-Reset": "45"}, 45),
        ({"RateLimit-Reset": "45", "RateLimit-Remaining": "7", "Retry-After": "9"}, 45),
        ({"Retry-After": "20"}, 20),
        ({"Retry-After": format_datetime(START + timedelta(seconds=30), usegmt=True)}, 30),
        ({"RateLimit-Reset": "soon", "Retry-After": "20"}, 20),
        ({"RateLimit-Reset": "-5"}, signing.DEFAULT_REST),
        ({"RateLimit-Reset": "nan"}, signing.DEFAULT_REST),
        ({"RateLimit-Reset": "1e300"}, signing.DEFAULT_REST),
        ({"RateLimit-Reset": str(NOW - 100)}, signing.DEFAULT_REST),
        ({}, signing.DEFAULT_REST),
    ],
)
async def test_the_honest_back_off_is_read_from_whichever_header_makes_sense(
    http: aiohttp.ClientSession, headers: dict[str, str], wait: float
) -> None:
    async def limited(_request: web.Request) -> web.Response:
        return web.Response(status=429, text="not JSON", headers=headers)

    assert (await answer_of(http, limited)).retry_after == pytest.approx(wait)


ROUTE = {"imprp": "x"}


@pytest.mark.parametrize(
    "body",
    [
        proto.fetch([], cursor="", server="ws://push.invalid/", route_params=ROUTE),
        proto.fetch([], server="", route_params=ROUTE),
        proto.fetch([], server="ws://push.invalid/"),
        proto.fetch([], server="https://push.invalid/", route_params=ROUTE),
        proto.fetch([], server="ws:///im", route_params=ROUTE),
    ],
    ids=["no cursor", "no server", "no route", "no socket", "no host"],
)
async def test_an_answer_that_lacks_a_part_is_a_failed_signature(
    http: aiohttp.ClientSession, body: bytes
) -> None:
    async def lacking(_request: web.Request) -> web.Response:
        return web.Response(body=body)

    assert "no connection" in (await answer_of(http, lacking)).detail


async def test_a_redirect_does_not_carry_the_key_elsewhere(
    http: aiohttp.ClientSession, fake: FakeTikTok
) -> None:
    async def elsewhere(_request: web.Request) -> web.Response:
        raise web.HTTPFound(f"{fake.url}/webcast/fetch/")

    await answer_of(http, elsewhere)

    assert fake.stats["sign"] == 0


async def test_an_answer_cut_off_half_way_is_a_failed_signature(http: aiohttp.ClientSession) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 10)
        assert request.transport
        request.transport.abort()
        return response

    assert (await answer_of(http, cut)).code == "sign_failed"


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("ttwid=1%7Cabc; Path=/; Domain=tiktok.com; msToken=x", {"ttwid": "1%7Cabc", "msToken": "x"}),
        ("ttwid=a; sessionid=stolen; sid_tt=stolen; sessionid_ss=stolen", {"ttwid": "a"}),
        ("\0;;==;", {}),
    ],
)
def test_cookies_are_taken_without_any_accounts(header: str, cookies: dict[str, Any]) -> None:
    assert cookies_of(header) == cookies


async def test_signing_is_cancelled_at_once(asking: Asking, fake: FakeTikTok, room_id: str) -> None:
    fake.sign = Sign.HANG

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await asking.signer.sign(room_id)
