"""The first page: what it says in each situation, in every language, and whatever viewers call themselves."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from core.journal import Entry
from core.listener import Listener, Place
from core.live.source import LiveState, LiveStatus
from core.services import Services
from core.tally import Tally
from tests.fakes import MovedClock
from tests.webapp.fakes import START, ScriptedLive
from webapp.miniapp.wording import catalogue

HOSTILE = "<b>\"&'"
WORDS = catalogue("en", "home")

Fetch = Callable[[dict[str, str]], Awaitable[str]]
Enter = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def fetch(client: TestClient) -> Fetch:
    async def get(headers: dict[str, str]) -> str:
        async with client.get("/app/view/home", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    return get


@pytest.fixture
def enter_licensed(
    client: TestClient, enter: Enter, issue: Callable[..., Awaitable[str]]
) -> Callable[..., Awaitable[dict[str, str]]]:
    """The only account, so its id is 1."""

    async def make(days: int = 30, **fields: Any) -> dict[str, str]:
        fields.setdefault("settings", {"tiktok_username": "host"})
        who = await enter(**fields)
        body = {"license_key": await issue(days)}
        async with client.post("/api/license/activate", json=body, headers=who) as answer:
            assert answer.status == 200
        return who

    return make


def title(html: str) -> str:
    found = re.search(r'<h1 id="live-title">(.*?)</h1>', html)
    assert found
    return unescape(found[1])


def given(html: str) -> dict[str, Any]:
    """What the page's script is given."""
    found = re.search(r"<script[^>]*data-words>(.*?)</script>", html, re.DOTALL)
    assert found
    words: dict[str, Any] = json.loads(found[1])
    return words


def done(html: str) -> list[str]:
    return re.findall(r'class="step is-done[^"]*" data-key="step-(\w+)"', html)


def a_gift(message_id: str, count: int, total: int, **more: Any) -> Entry:
    data = {
        "sent": True,
        "user": {"username": "ann", "nickname": HOSTILE},
        "gift_name": "Rose",
        "gift_id": 1,
        "count": count,
        "diamonds": 1,
        "total": count,
        "streak_total": total,
    }
    return Entry(1, None, message_id, 7, START, "gift", data | more)


async def test_a_new_account_is_asked_one_thing_and_shown_nothing_empty(fetch: Fetch, enter: Enter) -> None:
    html = await fetch(await enter())

    assert title(html) == WORDS["live"]["no_name"]["title"]
    assert 'data-call="/settings" data-then="refresh"' in html
    assert 'data-current="name"' in html
    assert 'id="now"' not in html
    assert 'id="feed"' not in html
    assert 'id="figures"' not in html


async def test_a_name_alone_leads_to_the_trial_or_a_key(fetch: Fetch, enter: Enter) -> None:
    html = await fetch(await enter(settings={"tiktok_username": "host"}))

    assert title(html) == WORDS["live"]["no_license"]["title"]
    assert 'data-call="/license/trial"' in html
    assert "Try it free for 3 days" in html
    assert 'href="/app/account"' in html


async def test_an_ended_license_says_so_and_where_to_renew_it(
    fetch: Fetch, enter_licensed: Enter, clock: MovedClock, services: Services
) -> None:
    who = await enter_licensed(days=1, trial_at=START)
    clock.move(86_400 + 5)
    services.access.drop(1)

    html = await fetch(who)

    assert title(html) == WORDS["live"]["license_over"]["title"]
    assert WORDS["live"]["get_license"] in html
    assert "/license/trial" not in html


async def test_with_a_license_a_name_starts_listening_at_once(
    client: TestClient, fetch: Fetch, enter_licensed: Enter
) -> None:
    who = await enter_licensed(settings={})
    assert 'data-call="/live/start" data-then="refresh"' in await fetch(who)

    async with client.post("/api/live/start", json={"tiktok_username": "@Host"}, headers=who) as answer:
        assert answer.status == 200

    html = await fetch(who)
    assert title(html) == WORDS["live"]["connecting"]["title"]
    assert done(html) == ["name", "sound"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (LiveStatus(LiveState.WAITING, START, error_code="offline"), "@host is not live yet"),
        (LiveStatus(LiveState.FAILED, START, error_code="unknown_streamer"), "Check your TikTok name"),
        (LiveStatus(LiveState.CONNECTING, START, error_code="connection_lost"), "The connection was cut"),
        (LiveStatus(LiveState.CONNECTING, START, error_code="unheard_of"), "cannot be reached right now"),
        (LiveStatus(LiveState.LIVE, START), "Listening to @host"),
    ],
)
async def test_each_state_is_told_with_its_cure(
    client: TestClient, fetch: Fetch, enter_licensed: Enter, live: ScriptedLive, status: LiveStatus, said: str
) -> None:
    who = await enter_licensed()
    await client.post("/api/live/start", json={}, headers=who)
    live.status = status

    html = await fetch(who)

    assert said in html
    assert title(html) == WORDS["live"][status.state.value]["title"]
    assert ("/live/stop" in html) is (status.state is not LiveState.FAILED)


async def test_the_wait_until_the_next_try_is_told(
    client: TestClient, fetch: Fetch, enter_licensed: Enter, live: ScriptedLive
) -> None:
    who = await enter_licensed()
    await client.post("/api/live/start", json={}, headers=who)
    live.status = LiveStatus(LiveState.WAITING, START, expected_wait_seconds=42.04)

    assert 'data-wait="42.0"' in await fetch(who)


async def test_steps_are_checked_off_by_what_happened(
    client: TestClient, fetch: Fetch, enter_licensed: Enter, services: Services
) -> None:
    who = await enter_licensed()
    await client.post("/api/live/start", json={}, headers=who)
    assert done(await fetch(who)) == ["name", "sound"]

    studio = await services.studios.open(1)
    player = Listener(Place.PLAYER, "http://host")
    studio.join(player, None)
    html = await fetch(who)
    assert done(html) == ["name", "place", "sound"]
    assert WORDS["places"]["player"] in html

    await client.post("/api/triggers/test", json={"event": {"type": "chat"}}, headers=who)
    message_id = next(
        one["id"] for one in [json.loads(text) for text, _ in player._pending] if one["type"] == "chat"
    )
    studio.played(player, message_id)
    html = await fetch(who)
    assert done(html) == ["name", "place", "sound", "heard"]
    assert 'data-fresh="live setup access money place"' in html

    studio.began("7001", is_new=True)
    assert 'id="guide"' not in await fetch(who)


async def test_what_was_played_is_remembered_after_the_player_left(
    fetch: Fetch, enter_licensed: Enter, services: Services
) -> None:
    who = await enter_licensed()
    services.journal.record(a_gift("1-1", 1, 1, test=True))
    services.journal.played("1-1")
    await services.journal.flush()

    assert done(await fetch(who)) == ["name", "place", "sound", "heard"]


@pytest.mark.parametrize(("days", "is_taught"), [(1, True), (15, False)])
async def test_who_went_live_longer_ago_than_history_is_kept_is_not_taught_again(
    fetch: Fetch, enter_licensed: Enter, services: Services, days: int, is_taught: bool
) -> None:
    who = await enter_licensed()
    at = services.clock.now() - timedelta(days=days)
    services.journal.watch(Tally(1, "host", "7001", at, ended_at=at))
    await services.journal.flush()

    assert ('id="guide"' in await fetch(who)) is is_taught


async def test_what_happened_is_given_to_the_script_and_nothing_of_it_becomes_markup(
    fetch: Fetch, enter_licensed: Enter, services: Services
) -> None:
    who = await enter_licensed(settings={"tiktok_username": "host", "blocked_words": [HOSTILE]})
    user = {"username": "ann", "nickname": HOSTILE}
    for entry in (
        a_gift("1-1", 1, 1),
        a_gift("1-2", 4, 5, dropped="max_backlog_seconds"),
        Entry(1, None, "1-3", 8, START, "chat", {"user": user, "message": f"{HOSTILE}</script>"}),
        Entry(1, None, "1-4", 9, START, "like", {"user": user, "count": 3, "total": 9}),
        Entry(1, None, "1-5", 10, START, "effect", {"fired": [{"trigger_id": 1, "action": "counter"}]}),
        Entry(1, None, "1-6", 11, START, "effect", {"fired": [{"action": "alert", "text": "1000 likes!"}]}),
        Entry(2, None, "2-1", 1, START, "chat", {"user": user, "message": "somebody else's"}),
    ):
        services.journal.record(entry)
    await services.journal.flush()

    html = await fetch(who)

    told = given(html)["told"]
    assert [(one["id"], one["type"]) for one in told] == [
        ("1-1", "gift"),
        ("1-2", "gift"),
        ("1-3", "chat"),
        ("1-6", "effect"),
    ]
    assert told[1]["streak"] == {"total": 5}
    assert told[1]["left_out"] is True
    assert told[2]["user"] == HOSTILE
    assert told[3]["text"] == "1000 likes!"
    assert "<b>" not in html
    assert html.count("</script>") == 1


async def test_a_name_somebody_typed_stays_text(fetch: Fetch, enter_licensed: Enter) -> None:
    html = await fetch(await enter_licensed(settings={"tiktok_username": HOSTILE}))

    assert "<b>" not in html
    assert "@&lt;b&gt;" in html


async def test_the_last_live_is_shown_when_none_runs(
    fetch: Fetch, enter_licensed: Enter, services: Services
) -> None:
    who = await enter_licensed()
    tally = Tally(1, "host", "7001", START, ended_at=START, diamonds=1234, likes_total=99, peak_viewers=56)
    services.journal.watch(tally)
    await services.journal.flush()

    html = await fetch(who)

    assert "Last LIVE" in html
    assert '<strong id="count-diamonds" data-value="1234">1,234</strong>' in html
    assert '<strong id="count-most_viewers" data-value="56">56</strong>' in html
    assert "data-live" not in html


@pytest.mark.parametrize("language", ["en", "ru", "es"])
async def test_it_speaks_every_language(
    client: TestClient, fetch: Fetch, enter_licensed: Enter, live: ScriptedLive, language: str
) -> None:
    who = await enter_licensed(settings={"tiktok_username": "host", "language": language})
    await client.post("/api/live/start", json={}, headers=who)
    live.status = LiveStatus(LiveState.WAITING, START)

    html = await fetch(who)

    words = catalogue(language, "home")
    assert title(html) == words["live"]["waiting"]["title"]
    assert words["guide"]["title"] in html
    assert "{" not in re.sub(
        r"<script.*?</script>|data-\w+='[^']*'|data-\w+=\"[^\"]*\"", "", html, flags=re.DOTALL
    )
    assert "built-in method" not in html


async def test_it_is_light(fetch: Fetch, enter_licensed: Enter, services: Services) -> None:
    who = await enter_licensed()
    for number in range(200):
        services.journal.record(a_gift(f"1-{number}", 1, 1))
    await services.journal.flush()

    html = await fetch(who)

    assert len(given(html)["told"]) == 40
    assert len(html) < 60_000
