"""Finding a room: what TikTok's page and its API say, and what is made of it when they break."""

import asyncio

import pytest

from core.errors import Invalid
from core.live import tiktok_lookup
from core.live.source import LookupFailed, Offline, Room, UnknownStreamer
from core.live.tiktok import TikTokSource
from tests.core.live.conftest import MakeSource
from tests.fake_tiktok import FakeTikTok, Page


async def test_the_page_of_a_streamer_on_air_names_the_room(fake: FakeTikTok, source: TikTokSource) -> None:
    room = await source.find_room("anna")

    assert room == Room(str(fake.user("anna").room_id), "anna")
    assert fake.stats["api_room"] == 0


async def test_an_offline_streamer_is_offline(fake: FakeTikTok, source: TikTokSource) -> None:
    fake.user("anna").is_live = False

    with pytest.raises(Offline):
        await source.find_room("anna")


async def test_a_name_tiktok_does_not_know_is_an_unknown_streamer(
    fake: FakeTikTok, source: TikTokSource
) -> None:
    fake.user("anna").is_known = False

    with pytest.raises(UnknownStreamer):
        await source.find_room("anna")


@pytest.mark.parametrize("page", [Page.CAPTCHA, Page.NO_ROOM, Page.BROKEN])
async def test_a_page_without_the_room_is_made_good_by_the_api(
    fake: FakeTikTok, source: TikTokSource, page: Page
) -> None:
    fake.user("anna").page = page

    room = await source.find_room("anna")

    assert room.room_id == str(fake.user("anna").room_id)


async def test_the_api_tells_offline_with_the_last_room(fake: FakeTikTok, source: TikTokSource) -> None:
    user = fake.user("anna")
    user.page, user.is_live = Page.CAPTCHA, False

    with pytest.raises(Offline) as caught:
        await source.find_room("anna")

    assert caught.value.room_id == str(user.room_id)


async def test_the_second_question_is_charged_to_the_budget(
    fake: FakeTikTok, source: TikTokSource, budgets: object
) -> None:
    fake.user("anna").page = Page.CAPTCHA

    await source.find_room("anna")
    await source.find_room("bert")

    assert len(budgets.lookups._granted) == 1  # type: ignore[attr-defined]


async def test_a_tiktok_in_trouble_is_a_failed_look(fake: FakeTikTok, source: TikTokSource) -> None:
    fake.user("anna").page = Page.ERROR

    with pytest.raises(LookupFailed):
        await source.find_room("anna")


async def test_a_tiktok_that_is_gone_is_a_failed_look(fake: FakeTikTok, source: TikTokSource) -> None:
    await fake.stop()

    with pytest.raises(LookupFailed):
        await source.find_room("anna")
    with pytest.raises(LookupFailed):
        await source.alive(["7"])
    assert await source.gifts() == []


@pytest.mark.parametrize("name", ["аня", "安娜", "a/../b?x=1#y", "a b", "%41", "x" * 300])
async def test_a_name_in_any_script_stays_one_name(fake: FakeTikTok, source: TikTokSource, name: str) -> None:
    room = await source.find_room(name)

    assert room == Room(str(fake.user(name).room_id), name)


async def test_many_rooms_are_asked_about_in_one_question(fake: FakeTikTok, source: TikTokSource) -> None:
    anna, bert = fake.user("anna"), fake.user("bert")
    bert.is_live = False

    alive = await source.alive([str(anna.room_id), str(bert.room_id)])

    assert alive == {str(anna.room_id)}
    assert fake.stats["alive"] == 1


async def test_a_broken_bulk_answer_is_a_failed_look(fake: FakeTikTok, source: TikTokSource) -> None:
    fake.alive_fails = True

    with pytest.raises(LookupFailed):
        await source.alive(["7"])


async def test_the_gift_list_is_read_and_broken_entries_left_out(source: TikTokSource) -> None:
    gifts = await source.gifts()

    assert [(gift.gift_id, gift.name, gift.diamond_count) for gift in gifts] == [(5655, "Rose", 1)]


async def test_a_cookie_of_one_page_is_not_shown_to_the_next(fake: FakeTikTok, source: TikTokSource) -> None:
    await source.find_room("anna")
    await source.find_room("bert")

    assert "ttwid" not in fake.asked("page")[1].headers.get("Cookie", "")


async def test_no_look_carries_an_account(fake: FakeTikTok, source: TikTokSource) -> None:
    fake.user("anna").page = Page.CAPTCHA
    await source.find_room("anna")
    await source.gifts()

    cookies = {seen.headers.get("Cookie", "") for seen in fake.seen}

    assert not [cookie for cookie in cookies if "session" in cookie or "sid_" in cookie]


def test_a_proxy_of_a_kind_we_cannot_speak_is_refused(make_source: MakeSource) -> None:
    with pytest.raises(Invalid, match="proxy"):
        make_source(proxy="socks5://127.0.0.1:9")


async def test_a_page_that_never_comes_is_a_failed_look(
    fake: FakeTikTok, source: TikTokSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiktok_lookup, "SECONDS", 0.1)
    fake.user("anna").page = Page.HANG

    with pytest.raises(LookupFailed):
        await source.find_room("anna")


async def test_hundreds_of_looks_at_once_are_all_answered(fake: FakeTikTok, source: TikTokSource) -> None:
    rooms = await asyncio.gather(*(source.find_room(f"anna{number}") for number in range(200)))

    assert len({room.room_id for room in rooms}) == 200
