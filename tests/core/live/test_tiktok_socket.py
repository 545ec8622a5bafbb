"""The webcast socket: let in, kept alive, receipted, and every way it can go wrong."""

import asyncio
import gc
import gzip
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from aiohttp import ClientResponse

from core.clock import Clock
from core.config import Live, Tiktok
from core.live.budgets import Budgets
from core.live.events import ChatPosted, Frame, ViewersCounted
from core.live.source import (
    Blocked,
    ConnectionLost,
    ConnectionSilent,
    LiveTrouble,
    LookupFailed,
    Room,
    SignFailed,
)
from core.live.tiktok import TikTokSource
from core.live.tiktok_socket import beat_seconds, socket_url
from core.live.wire import SignAnswer
from tests.core.live.conftest import MakeSource
from tests.fake_tiktok import FakeTikTok, FakeUser, Play, proto
from tests.fake_tiktok.tls import client_context, make_certificate, server_context


async def until(happened: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)


async def heard(source: TikTokSource, room: Room, *, reconnecting: bool = False) -> list[Frame]:
    """All frames until the socket is closed."""
    async with source.connect(room, reconnecting=reconnecting) as connection:
        return [frame async for frame in connection]


async def heard_until_lost(source: TikTokSource, room: Room) -> tuple[list[Frame], LiveTrouble]:
    frames: list[Frame] = []
    try:
        async with source.connect(room, reconnecting=False) as connection:
            async for frame in connection:
                frames.append(frame)  # noqa: PERF401 - what came before the error counts
    except ConnectionLost as error:
        return frames, error
    return pytest.fail("the connection was not lost")


def texts(frames: list[Frame]) -> list[str]:
    return [event.text for frame in frames for event in frame.events if isinstance(event, ChatPosted)]


def anna(fake: FakeTikTok, play: Play = Play.ALL, after: int = 3) -> tuple[FakeUser, Room]:
    user = fake.user("anna")
    user.play, user.after = play, after
    return user, Room(str(user.room_id), "anna")


async def test_a_room_is_entered_and_every_frame_receipted(fake: FakeTikTok, source: TikTokSource) -> None:
    _, room = anna(fake)

    async with source.connect(room, reconnecting=False) as connection:
        frames = [await anext(connection) for _ in range(1 + 10)]
        await until(lambda: fake.stats["ack"] == 10)

    assert texts(frames) == [f"line {number}" for number in range(1, 11)]
    assert fake.stats["im_enter_room"] == 1


async def test_the_socket_is_asked_for_with_the_cookies_of_its_room_alone(
    fake: FakeTikTok, source: TikTokSource
) -> None:
    fake.sign_cookie += "; sessionid=stolen"
    rooms = [Room(str(fake.user(name).room_id), name) for name in ("anna", "bert")]

    for room in rooms:
        async with source.connect(room, reconnecting=False):
            pass

    cookies = [seen.headers["Cookie"] for seen in fake.asked("socket")]
    assert cookies == [f"ttwid=of-{room.room_id}; msToken=m-{room.room_id}" for room in rooms]


async def test_the_same_browser_signs_and_listens(fake: FakeTikTok, source: TikTokSource) -> None:
    _, room = anna(fake, Play.CLOSE)

    await heard(source, room)

    signed, opened = fake.asked("sign")[0], fake.asked("socket")[0]
    assert signed.query["user_agent"] == opened.headers["User-Agent"]
    assert opened.headers["User-Agent"].endswith(opened.query["browser_version"])


async def test_no_compression_of_the_socket_itself_is_asked_for(
    fake: FakeTikTok, source: TikTokSource
) -> None:
    _, room = anna(fake, Play.CLOSE)

    await heard(source, room)

    assert "Sec-WebSocket-Extensions" not in fake.asked("socket")[0].headers


async def test_a_clean_close_ends_the_frames(fake: FakeTikTok, source: TikTokSource) -> None:
    _, room = anna(fake, Play.CLOSE, after=3)

    assert len(texts(await heard(source, room))) == 3


async def test_a_socket_cut_in_the_middle_of_a_frame_is_lost_after_the_whole_ones(
    fake: FakeTikTok, source: TikTokSource
) -> None:
    _, room = anna(fake, Play.CUT, after=3)

    frames, error = await heard_until_lost(source, room)

    assert len(texts(frames)) == 3
    assert error.code == "connection_lost"


async def test_a_silent_socket_is_noticed(fake: FakeTikTok, make_source: MakeSource) -> None:
    _, room = anna(fake, Play.SILENT, after=3)

    async with make_source(silence_seconds=0.2) as source:
        _, error = await heard_until_lost(source, room)

    assert isinstance(error, ConnectionSilent)


async def test_noise_alone_is_silence(fake: FakeTikTok, make_source: MakeSource) -> None:
    user, room = anna(fake, Play.SILENT, after=0)

    async def make_noise() -> None:
        await until(lambda: bool(user.sockets))
        while True:
            await fake.send(user, b"\xff noise")
            await asyncio.sleep(0.02)

    async with make_source(silence_seconds=0.3) as source:
        noise = asyncio.create_task(make_noise())
        _, error = await heard_until_lost(source, room)
        noise.cancel()

    assert isinstance(error, ConnectionSilent)


async def test_a_quiet_room_whose_heartbeats_are_answered_is_not_silent(
    fake: FakeTikTok, make_source: MakeSource
) -> None:
    fake.frame_of, fake.ping_interval = (lambda *_: None), 1
    _, room = anna(fake)

    async with (
        make_source(silence_seconds=2.0) as source,
        source.connect(room, reconnecting=False) as connection,
    ):
        kinds = [(await anext(connection)).kind for _ in range(1 + 3)]

    assert kinds == ["im_enter_room_resp", "hb", "hb", "hb"]


async def test_a_refused_handshake_is_told_with_tiktoks_words(fake: FakeTikTok, source: TikTokSource) -> None:
    _, room = anna(fake, Play.BLOCKED)

    with pytest.raises(Blocked, match="device blocked"):
        await heard(source, room)


async def test_what_cannot_be_decoded_is_skipped_and_counted(fake: FakeTikTok, source: TikTokSource) -> None:
    _, room = anna(fake, Play.GARBAGE, after=3)

    async with source.connect(room, reconnecting=False) as connection:
        frames = [await anext(connection) for _ in range(1 + 10)]

    assert len(texts(frames)) == 10
    assert connection.skipped == 4


async def test_a_frame_that_unpacks_to_far_too_much_is_skipped(
    fake: FakeTikTok, source: TikTokSource
) -> None:
    user, room = anna(fake)
    bomb = proto.push("msg", b"", log_id=5)
    bomb = bomb.replace(proto.field(8, b""), proto.field(8, gzip.compress(bytes(100_000_000), 1)))

    async with source.connect(room, reconnecting=False) as connection:
        for _ in range(11):
            await anext(connection)
        await fake.send(user, bomb)
        await fake.send(user, proto.frame([proto.chat(77, "still here")], log_id=6))
        after = await anext(connection)

    assert texts([after]) == ["still here"]


async def test_a_message_larger_than_any_frame_costs_the_connection_not_the_process(
    fake: FakeTikTok, source: TikTokSource
) -> None:
    user, room = anna(fake)

    async def send_it() -> None:
        await until(lambda: fake.stats["frames"] == 10)
        await fake.send(user, bytes(9_000_000))

    sending = asyncio.create_task(send_it())
    frames, error = await heard_until_lost(source, room)
    sending.cancel()

    assert len(texts(frames)) == 10
    assert error.code == "connection_lost"


async def test_raw_frames_are_shown_as_they_came(fake: FakeTikTok, source: TikTokSource) -> None:
    _, room = anna(fake, Play.GARBAGE, after=2)
    raw: list[bytes] = []

    async with source.connect(room, reconnecting=False) as connection:
        connection.raw = raw.append
        for _ in range(1 + 10):
            await anext(connection)

    expected = [fake.frame_of(fake.user("anna"), number) for number in range(10)]
    assert [frame for frame in raw if frame in expected] == expected
    assert len(raw) == 1 + 10 + 4


async def test_a_reconnect_hears_what_the_sign_server_knows_of_the_gap_but_its_chat(
    fake: FakeTikTok, source: TikTokSource
) -> None:
    fake.sign_messages = [proto.chat(901, "old"), proto.viewers(902, 33)]
    _, room = anna(fake, Play.CLOSE)

    frames = await heard(source, room, reconnecting=True)

    assert [type(event) for event in frames[0].events] == [ViewersCounted]


async def test_a_first_connection_hears_nothing_from_before(fake: FakeTikTok, source: TikTokSource) -> None:
    fake.sign_messages = [proto.viewers(902, 33)]
    _, room = anna(fake, Play.CLOSE)

    frames = await heard(source, room)

    assert not [event for frame in frames for event in frame.events if isinstance(event, ViewersCounted)]


async def test_everything_goes_over_checked_tls(budgets: Budgets, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    frames = [proto.frame([proto.chat(1, "hello")], log_id=1)]
    async with FakeTikTok(frames, tls=server_context(certificate)) as fake:
        fake.user("anna").play, fake.user("anna").after = Play.CLOSE, 1

        async with secure_source(fake, budgets, client_context(certificate)) as source:
            heard_frames = await heard(source, await source.find_room("anna"))

        assert texts(heard_frames) == ["hello"]


async def test_a_room_that_is_listened_to_keeps_no_signature_and_no_answer(
    fake: FakeTikTok, source: TikTokSource
) -> None:
    _, room = anna(fake)
    before = held()
    async with source.connect(room, reconnecting=False) as connection:
        assert await anext(connection)

        kept = [one for one in held() if all(one is not other for other in before)]

    assert kept == []


def held() -> list[object]:
    """Of the whole process: other tests may have left some."""
    gc.collect()
    return [one for one in gc.get_objects() if type(one) in (SignAnswer, ClientResponse)]


async def test_a_certificate_nobody_vouches_for_is_refused(budgets: Budgets, tmp_path: Path) -> None:
    async with FakeTikTok(tls=server_context(make_certificate(tmp_path))) as fake:
        _, room = anna(fake)
        async with secure_source(fake, budgets, ssl.create_default_context()) as source:
            with pytest.raises(LookupFailed):
                await source.find_room("anna")
            with pytest.raises(SignFailed):
                await heard(source, room)

        assert not fake.stats


def secure_source(fake: FakeTikTok, budgets: Budgets, tls: ssl.SSLContext) -> TikTokSource:
    live = Live(tiktok=Tiktok.model_validate(fake.config()), silence_seconds=5)
    return TikTokSource(live, budgets, Clock(), tls=tls)


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ("ping-interval=10", 10),
        ("foo=1; ping-interval=15; bar=2", 15),
        ("ping-interval=0", 5),
        ("ping-interval=-3", 5),
        ("ping-interval=nan", 5),
        ("ping-interval=1e9", 60),
        ("nonsense", 5),
        ("", 5),
    ],
)
def test_the_heartbeats_period_is_what_tiktok_asks_for_within_reason(options: str, seconds: float) -> None:
    assert beat_seconds(options) == seconds


def test_every_signed_parameter_is_percent_encoded() -> None:
    answer = SignAnswer("c 1", "a|b&c=d", "wss://push.invalid/im/?v=1", {"imprp": "x y+z/=&#é"}, [])

    url = str(socket_url(answer, "7", "Mozilla/5.0 (Macintosh)"))

    assert url.startswith("wss://push.invalid/im/?v=1&")
    query = parse_qs(url.partition("?")[2])
    assert query["imprp"] == ["x y+z/=&#é"]
    assert (query["cursor"], query["internal_ext"]) == (["c 1"], ["a|b&c=d"])
    assert "+" not in url
    assert " " not in url
