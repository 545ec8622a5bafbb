"""Through a real studio, journal and database; only TikTok is stood in for."""

import pytest

from core.errors import LicenseRequired
from core.listener import Listener, Place
from core.live.source import LiveState, LiveStatus
from core.live_watch import STOPPED_SECONDS, TROUBLE_SECONDS
from core.notices import NoticeKind
from core.settings import Settings
from core.trial import sample_for
from core.triggers.model import EventType
from storage.db import Database
from storage.models import User
from tests.core.people import notices_of, person
from tests.studio_kit import BOB, Kit, bell, chat, gift, heard, single_gift

HOST = Settings(tiktok_username="host", tts_enabled=False)


@pytest.fixture
async def host(db: Database) -> User:
    return await person(db, 1001)


@pytest.fixture
async def kit(db: Database, host: User) -> Kit:
    """A LIVE that has begun."""
    return Kit(HOST, user_id=host.id, db=db)


async def told(kit: Kit, user: User) -> list[tuple[str, dict]]:
    await kit.journal.flush()
    await kit.live_news.flush()
    return [(one.kind, one.data) for one in await notices_of(kit.db, user)]


async def kinds(kit: Kit, user: User) -> list[str]:
    return [kind for kind, _ in await told(kit, user)]


def page(kit: Kit, place: Place = Place.PLAYER) -> Listener:
    """One of our own pages, which say what they have played."""
    listener = Listener(place, "http://host", secret_version=1)
    kit.studio.join(listener, None)
    return listener


async def test_a_live_that_begins_is_told_once(kit, host):
    kit.studio.lost()
    kit.studio.began("7001", is_new=False)
    kit.studio.began("7001", is_new=True)  # another process meets the same room

    ((kind, data),) = await told(kit, host)

    assert kind == NoticeKind.LIVE_BEGAN
    assert (data["tiktok_username"], data["room_id"]) == ("host", "7001")


async def test_the_next_live_is_told_too(kit, host):
    kit.studio.ended()
    kit.studio.began("7002", is_new=True)

    assert (await kinds(kit, host)).count("live_began") == 2


async def test_who_has_no_chat_is_told_nothing(db):
    away = await person(db, 1002, is_reachable=False)
    kit = Kit(HOST, user_id=away.id, db=db)
    kit.studio.ended()

    assert await kinds(kit, away) == []


async def test_a_demo_tells_nobody(db, host):
    kit = Kit(HOST, user_id=host.id, db=db, is_demo=True)
    kit.wait(100)
    kit.studio.ended()

    assert await kinds(kit, host) == []


# Deaf


async def test_a_gap_of_over_a_minute_is_told(kit, host):
    kit.studio.lost()
    kit.wait(61)
    kit.studio.began("7001", is_new=False)

    _, (kind, data) = await told(kit, host)

    assert kind == NoticeKind.LIVE_DEAF
    assert (data["seconds"], data["is_over"]) == (61, False)
    assert data["since"] < data["until"]


async def test_a_short_gap_is_not(kit, host):
    kit.studio.lost()
    kit.wait(60)
    kit.studio.began("7001", is_new=False)

    assert await kinds(kit, host) == ["live_began"]


async def test_a_live_that_ended_unheard_is_told_so(kit, host):
    kit.studio.lost()
    kit.wait(300)
    kit.studio.ended()

    deaf = dict(await told(kit, host))["live_deaf"]

    assert (deaf["seconds"], deaf["is_over"]) == (300, True)


# Failed


def trouble(kit: Kit, state: LiveState, code: str) -> None:
    kit.studio._status_changed(LiveStatus(state, kit.clock.now(), error="words", error_code=code))


async def test_what_somebody_has_to_mend_is_told_at_once_and_once(kit, host):
    kit.studio.ended()
    for _ in range(3):
        trouble(kit, LiveState.FAILED, "unknown_streamer")
        trouble(kit, LiveState.CONNECTING, "unknown_streamer")

    failed = [data for kind, data in await told(kit, host) if kind == "live_failed"]

    assert [(one["code"], one["detail"]) for one in failed] == [("unknown_streamer", "words")]


async def test_what_mends_itself_is_told_when_it_lasts(kit, host):
    trouble(kit, LiveState.CONNECTING, "sign_limited")
    kit.wait(TROUBLE_SECONDS - 1)
    trouble(kit, LiveState.CONNECTING, "connection_lost")
    before = await kinds(kit, host)
    kit.wait(2)
    kit.wait(2)

    assert "live_failed" not in before
    assert (await kinds(kit, host)).count("live_failed") == 1


async def test_what_has_mended_itself_is_not(kit, host):
    trouble(kit, LiveState.CONNECTING, "sign_limited")
    kit.wait(TROUBLE_SECONDS - 1)
    kit.studio._status_changed(LiveStatus(LiveState.LIVE, kit.clock.now()))
    kit.wait(100)

    assert "live_failed" not in await kinds(kit, host)


async def test_a_live_switched_off_for_its_license_is_told(kit, host):
    kit.studio.stop_live(LicenseRequired())

    assert dict(await told(kit, host))["live_failed"]["code"] == "license_required"


# Not played


async def test_sounds_with_nobody_to_play_them_are_told_once(kit, host):
    for _ in range(3):
        kit.happen(single_gift(5))
        kit.wait(30)
        kit.wait(1)

    unplayed = [data["reason"] for kind, data in await told(kit, host) if kind == "unplayed"]

    assert unplayed == ["no_player"]


async def test_a_player_who_comes_back_in_time_is_none(kit, host):
    kit.happen(single_gift(5))
    kit.wait(20)
    kit.listen()
    kit.wait(30)

    assert "unplayed" not in await kinds(kit, host)


async def test_chat_nobody_hears_is_told(db, host):
    kit = Kit(Settings(tiktok_username="host"), user_id=host.id, db=db)
    kit.happen(chat("hello"))
    kit.wait(31)

    assert "unplayed" in await kinds(kit, host)


async def test_chat_that_is_not_read_is_not(kit, host):
    kit.happen(chat("hello"))
    kit.wait(31)

    assert "unplayed" not in await kinds(kit, host)


async def test_a_page_that_does_not_play_is_told(kit, host):
    page(kit)
    kit.happen(single_gift(5))
    kit.wait(40)

    assert dict(await told(kit, host))["unplayed"]["reason"] == "not_confirmed"


async def test_one_that_plays_is_not(kit, host):
    player = page(kit)
    kit.happen(single_gift(5))
    (message,) = heard(player, "gift")
    kit.studio.played(player, message["id"])
    kit.wait(40)

    assert "unplayed" not in await kinds(kit, host)


async def test_a_backlog_is_waited_for(kit, host):
    page(kit)
    for _ in range(10):
        kit.happen(single_gift(5))
    kit.wait(29)

    assert "unplayed" not in await kinds(kit, host)


async def test_a_phone_that_never_says_what_it_played_is_believed(kit, host):
    kit.listen()
    kit.happen(single_gift(5))
    kit.wait(100)

    assert "unplayed" not in await kinds(kit, host)


async def test_a_phone_that_fell_silent_is_told(kit, host):
    phone = kit.listen()
    kit.happen(single_gift(5))
    (message,) = heard(phone, "gift")
    kit.studio.played(phone, message["id"])
    kit.happen(single_gift(5))
    kit.wait(100)

    assert "unplayed" in await kinds(kit, host)


async def test_a_pause_is_no_silence(kit, host):
    page(kit)
    kit.happen(single_gift(5))
    kit.studio.control("pause")
    kit.happen(single_gift(5))
    kit.wait(100)

    assert "unplayed" not in await kinds(kit, host)


async def test_a_try_out_is_none_of_it(kit, host):
    trigger = bell(1, EventType.GIFT)
    kit.studio.try_out(sample_for(trigger), trigger)
    kit.wait(100)

    assert "unplayed" not in await kinds(kit, host)


# The report


async def test_a_live_that_is_over_is_summed_up(kit, host):
    kit.happen(chat("hello"), gift(3, over=True), single_gift(7, BOB))
    kit.studio.lost()
    kit.wait(90)
    kit.studio.began("7001", is_new=False)
    kit.wait(510)
    kit.studio.ended()

    report = dict(await told(kit, host))["live_report"]

    assert (report["seconds"], report["deaf_seconds"]) == (600, 90)
    assert (report["messages"], report["gifts"], report["diamonds"]) == (1, 4, 10)
    assert [(one["username"], one["diamonds"]) for one in report["top_gifters"]] == [("bob", 7), ("ann", 3)]
    assert report["missed"] == 2


async def test_it_is_summed_up_once(kit, host):
    kit.studio.ended()
    await told(kit, host)
    kit.studio.began("7001", is_new=True)
    kit.studio.ended()

    assert (await kinds(kit, host)).count("live_report") == 1


async def test_a_live_switched_off_is_summed_up_when_it_stays_off(kit, host):
    kit.studio.stop_live()
    kit.studio.ended()  # as its supervisor says when it is stopped
    before = await kinds(kit, host)
    kit.clock.move(STOPPED_SECONDS + 1)

    assert "live_report" not in before
    assert (await kinds(kit, host)).count("live_report") == 1


async def test_and_not_when_it_is_switched_on_again(kit, host):
    kit.happen(chat("one"))
    kit.studio.stop_live()
    kit.studio.ended()
    await told(kit, host)
    kit.studio.start_live()
    kit.studio.began("7001", is_new=True)
    kit.happen(chat("two"), single_gift(5))
    kit.clock.move(STOPPED_SECONDS + 1)
    before = await kinds(kit, host)
    kit.studio.ended()

    assert "live_report" not in before
    report = dict(await told(kit, host))["live_report"]
    assert (report["messages"], report["missed"]) == (2, 1)


async def test_a_program_that_stops_sums_nothing_up(kit, host):
    kit.studio.close()
    kit.studio.ended()
    kit.clock.move(STOPPED_SECONDS + 1)

    assert await kinds(kit, host) == ["live_began"]
