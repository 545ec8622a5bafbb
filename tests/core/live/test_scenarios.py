"""A supervisor over the real source and the fake TikTok: every failure there is, and the LIVE goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from core.clock import Clock
from core.live.budgets import Budgets
from core.live.events import ChatPosted, Frame
from core.live.source import LiveState
from core.live.supervisor import Intervals, Supervisor
from core.live.tiktok import TikTokSource
from tests.core.live.conftest import MakeSource
from tests.core.live.scripted import Story
from tests.core.live.test_tiktok_socket import until
from tests.fake_tiktok import FakeTikTok, Page, Play, Sign, proto

SOON = Intervals(urgent=0.01, unknown=0.05, blocked=0.05, retry=0.01, retry_max=0.05)


class Heard(Story):
    """A story with the chat in it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def frame(self, frame: Frame) -> bool:
        self.texts += [event.text for event in frame.events if isinstance(event, ChatPosted)]
        return super().frame(frame)


class Watched:
    def __init__(self, supervisor: Supervisor, story: Heard) -> None:
        self.supervisor = supervisor
        self.story = story

    async def until_state(self, state: LiveState) -> None:
        await until(lambda: self.supervisor.status.state is state)

    async def until_told(self, *told: str) -> None:
        """What the sink was told from the beginning."""
        await until(lambda: len(self.story.told) >= len(told))
        assert self.story.told[: len(told)] == list(told)

    async def until_error(self, code: str) -> None:
        await until(lambda: code in self.story.errors())


@asynccontextmanager
async def watching(source: TikTokSource, budgets: Budgets, name: str = "anna") -> AsyncIterator[Watched]:
    source.pause_after_end = 0.05
    story = Heard()
    supervisor = Supervisor(name, source, story, budgets, Clock(), story.changed, SOON)
    running = asyncio.create_task(supervisor.run())
    try:
        yield Watched(supervisor, story)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_live_is_heard_whole(fake: FakeTikTok, source: TikTokSource, budgets: Budgets) -> None:
    async with watching(source, budgets) as anna:
        await until(lambda: len(anna.story.texts) == 10)

        assert anna.story.texts == [f"line {number}" for number in range(1, 11)]
        assert anna.supervisor.status.state is LiveState.LIVE


async def test_an_offline_streamer_is_heard_when_they_go_live(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    fake.user("anna").is_live = False
    async with watching(source, budgets) as anna:
        await anna.until_state(LiveState.WAITING)
        room = fake.user("anna").go_live()

        await anna.until_told(f"began {room}")


async def test_an_unknown_name_is_a_failure_until_tiktok_knows_it(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    fake.user("anna").is_known = False
    async with watching(source, budgets) as anna:
        await anna.until_state(LiveState.FAILED)
        assert "spelling" in (anna.supervisor.status.error or "")
        fake.user("anna").is_known = True

        await anna.until_state(LiveState.LIVE)


async def test_a_tiktok_in_trouble_is_waited_out(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    fake.user("anna").page = Page.ERROR
    async with watching(source, budgets) as anna:
        await anna.until_error("lookup_failed")
        fake.user("anna").page = Page.OK

        await anna.until_state(LiveState.LIVE)


@pytest.mark.parametrize("mode", [Sign.ERROR, Sign.HTML, Sign.STUB, Sign.NOTHING])
async def test_a_sign_server_in_trouble_drops_nobody_and_is_waited_out(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets, mode: Sign
) -> None:
    async with watching(source, budgets) as anna:
        await anna.until_state(LiveState.LIVE)
        fake.sign = mode
        async with watching(source, budgets, "bert") as bert:
            await bert.until_error("sign_failed")
            await until(lambda: fake.stats["sign"] >= 4)
            assert bert.supervisor.status.state is LiveState.CONNECTING
            await fake.send(fake.user("anna"), proto.frame([proto.chat(99, "still here")], log_id=99))
            await until(lambda: "still here" in anna.story.texts)
            fake.sign = Sign.OK

            await bert.until_state(LiveState.LIVE)

    assert anna.story.told == [f"began {fake.user('anna').room_id}", "ended"]


async def test_a_limited_sign_server_is_asked_again_only_after_its_time(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    fake.sign, fake.reset_seconds = Sign.LIMITED, 600
    async with watching(source, budgets) as anna:
        await anna.until_error("sign_limited")
        await until(lambda: (anna.supervisor.status.expected_wait_seconds or 0) > 500)
        anna.supervisor.check_now()
        await asyncio.sleep(0.2)

        assert fake.stats["sign"] == 1
        assert "rate_limit_account_minute" in (anna.supervisor.status.error or "")


async def test_a_short_limit_is_waited_out(fake: FakeTikTok, source: TikTokSource, budgets: Budgets) -> None:
    fake.sign, fake.reset_seconds = Sign.LIMITED, 2
    async with watching(source, budgets) as anna:
        await anna.until_error("sign_limited")
        fake.sign = Sign.OK

        await anna.until_state(LiveState.LIVE)


@pytest.mark.parametrize("play", [Play.CUT, Play.CLOSE])
async def test_a_lost_socket_is_opened_again_in_the_same_stream(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets, play: Play
) -> None:
    user = fake.user("anna")
    user.play = play
    async with watching(source, budgets) as anna:
        await anna.until_error("connection_lost")
        user.play = Play.ALL

        await anna.until_told(f"began {user.room_id}", "lost", f"again {user.room_id}")
        await until(lambda: "line 10" in anna.story.texts)


async def test_a_silent_socket_is_opened_again(
    fake: FakeTikTok, make_source: MakeSource, budgets: Budgets
) -> None:
    user = fake.user("anna")
    user.play = Play.SILENT
    async with make_source(silence_seconds=0.2) as source, watching(source, budgets) as anna:
        await anna.until_error("connection_silent")
        user.play = Play.ALL

        await until(lambda: "line 10" in anna.story.texts)


async def test_a_reconnect_costs_one_signature(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    user = fake.user("anna")
    async with watching(source, budgets) as anna:
        await anna.until_state(LiveState.LIVE)
        fake.cut(user)
        await anna.until_told(f"began {user.room_id}", "lost", f"again {user.room_id}")

        assert fake.stats["sign"] == 2


async def test_the_end_of_the_stream_is_waited_from_for_the_next(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    user = fake.user("anna")
    user.play = Play.END
    first = user.room_id
    async with watching(source, budgets) as anna:
        await anna.until_told(f"began {first}", "ended")
        await anna.until_state(LiveState.WAITING)
        user.play = Play.ALL
        second = user.go_live()

        await anna.until_told(f"began {first}", "ended", f"began {second}")


async def test_a_stream_whose_closing_was_lost_has_ended_when_found_offline(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    user = fake.user("anna")
    async with watching(source, budgets) as anna:
        await anna.until_state(LiveState.LIVE)
        user.is_live = False
        fake.cut(user)

        await anna.until_told(f"began {user.room_id}", "lost", "ended")
        await anna.until_state(LiveState.WAITING)


async def test_a_new_room_after_a_cut_is_a_new_stream(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    user = fake.user("anna")
    first = user.room_id
    async with watching(source, budgets) as anna:
        await anna.until_state(LiveState.LIVE)
        second = user.go_live()
        fake.cut(user)

        await anna.until_told(f"began {first}", "lost", "ended", f"began {second}")


async def test_a_blocked_handshake_is_a_failure_with_tiktoks_words_tried_again(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    fake.user("anna").play = Play.BLOCKED
    async with watching(source, budgets) as anna:
        await anna.until_state(LiveState.FAILED)
        assert "device blocked" in (anna.supervisor.status.error or "")
        fake.user("anna").play = Play.ALL

        await anna.until_state(LiveState.LIVE)


async def test_garbage_between_the_frames_does_not_end_the_live(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    fake.user("anna").play = Play.GARBAGE
    async with watching(source, budgets) as anna:
        await until(lambda: len(anna.story.texts) == 10)

        assert anna.story.told == [f"began {fake.user('anna').room_id}"]


async def test_a_page_that_fails_while_reconnecting_does_not_end_the_stream(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    user = fake.user("anna")
    async with watching(source, budgets) as anna:
        await anna.until_state(LiveState.LIVE)
        user.page = Page.ERROR
        fake.cut(user)

        await anna.until_told(f"began {user.room_id}", "lost", f"again {user.room_id}")


async def test_thirty_rooms_are_heard_each_on_its_own(
    fake: FakeTikTok, source: TikTokSource, budgets: Budgets
) -> None:
    async with contexts(source, budgets, [f"anna{number}" for number in range(30)]) as all_of_them:
        await until(lambda: all(len(one.story.texts) == 10 for one in all_of_them), 20)

    assert fake.stats["im_enter_room"] == 30
    assert fake.stats["ack"] == 300


@asynccontextmanager
async def contexts(source: TikTokSource, budgets: Budgets, names: list[str]) -> AsyncIterator[list[Watched]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(watching(source, budgets, name)) for name in names]
