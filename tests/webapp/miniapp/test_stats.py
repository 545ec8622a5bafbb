"""The pages of statistics as the server makes them."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from storage.models import Live, LiveMinute, LiveViewer
from tests.webapp.fakes import START

HOSTILE = "<b>\"&'"
DAY = timedelta(days=1)


@pytest.fixture
async def who(enter):
    return await enter()


@pytest.fixture
def get(client, who):
    async def page(path, headers=who):
        async with client.get(f"/app/view{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    return page


@pytest.fixture
async def lives(services, who):
    """Two of this week, one of the week before."""
    async with services.db.begin() as uow:
        session = uow.lives._session
        session.add_all(
            Live(id=number, user_id=1, unique_id="host", room_id=f"7{number}", started_at=START - age * DAY,
                 ended_at=START - age * DAY + timedelta(hours=1, minutes=20), diamonds=diamonds, gifts=4,
                 peak_viewers=90, messages=7, follows=2, likes_total=1_234, deaf_seconds=120)
            for number, age, diamonds in ((1, 9, 100), (2, 3, 150), (3, 1, 50))
        )  # fmt: skip
        await session.flush()
        session.add_all(
            [
                LiveViewer(live_id=3, viewer_id=7, unique_id="ann", nickname=HOSTILE, gifts=4, diamonds=50),
                LiveViewer(live_id=1, viewer_id=8, unique_id="bob", nickname="Bob", gifts=4, diamonds=100),
            ]
        )
        session.add_all(
            LiveMinute(live_id=3, minute=minute, viewers=80 + minute, messages=minute, diamonds=minute * 10)
            for minute in (0, 1, 2, 5)
        )


async def test_who_never_was_live_is_told_what_to_do(get):
    status, html = await get("/stats")

    assert status == 200
    assert "Nothing to count yet" in html
    assert 'href="/app"' in html
    assert '<svg class="chart' not in html


async def test_a_period_is_summed_and_compared_with_the_one_before(get, lives):
    _, html = await get("/stats")

    assert "2 LIVEs" in html
    assert "2 hr 40 min" in html
    assert "<strong>200</strong>" in html
    assert "+100%" in html
    assert "Compared with the 7 days before" in html
    assert 'href="/app/stats/1"' not in html


async def test_all_time_is_compared_with_nothing(get, lives):
    _, html = await get("/stats?period=all")

    assert "3 LIVEs" in html
    assert 'href="/app/stats/1"' in html
    assert "Compared" not in html


async def test_a_period_without_a_live_says_where_the_others_are(get, services):
    old = START - 20 * DAY
    async with services.db.begin() as uow:
        uow.lives._session.add(Live(user_id=1, unique_id="host", room_id="7", started_at=old, ended_at=old))
    _, html = await get("/stats?period=week")

    assert "No LIVE in this time" in html
    assert 'href="/app/stats?period=all"' in html


async def test_charts_say_in_words_what_they_show(get, lives):
    _, html = await get("/stats")

    assert 'aria-label="Diamonds. The most: 150, Dec 29."' in html
    assert html.count('<svg class="chart"') == 4


async def test_names_are_shown_as_they_are_and_do_nothing(get, lives):
    for path in ("/stats", "/stats/3"):
        _, html = await get(path)

        assert "&lt;b&gt;&#34;&amp;&#39;" in html
        assert HOSTILE not in html


async def test_a_live_minute_by_minute_with_its_best_ones(get, lives):
    status, html = await get("/stats/3")

    assert status == 200
    assert html.count('<svg class="chart"') == 4
    assert 'aria-label="Viewers. The most: 85, 12:21\u202fAM."' in html
    assert "/app/history?since=2025-12-31T00%3A21%3A00.000Z" in html
    assert "50 diamonds · 5 messages · 85 viewers" in html
    assert "For 2 min the connection to TikTok was lost." in html


async def test_times_are_those_of_the_reader(get, lives, who):
    _, html = await get("/stats/3", {**who, "X-Time-Zone": "Europe/Moscow"})

    assert "3:21\u202fAM" in html


async def test_a_live_without_minutes_says_so(get, lives):
    _, html = await get("/stats/2")

    assert "There are no minutes of this LIVE" in html
    assert '<svg class="chart"' not in html


@pytest.mark.parametrize("path", ["/stats/9", "/stats/x", "/stats/3/more"])
async def test_what_is_not_there(get, lives, path):
    assert (await get(path))[0] == 404


async def test_somebody_elses_live_is_not_there(get, lives, enter):
    assert (await get("/stats/3", await enter(telegram_id=43)))[0] == 404


@pytest.mark.parametrize("language", ["en", "ru", "es"])
async def test_every_language_is_spoken(client, enter, get, lives, language):
    other = await enter(telegram_id=44, settings={"language": language})

    for path in ("/stats", "/stats?period=all"):
        assert (await get(path, other))[0] == 200


@pytest.fixture
def table(client, who):
    async def load(**query):
        async with client.get("/api/stats/export.csv", params=query, headers=who) as answer:
            return answer, (await answer.read()).decode()

    return load


async def test_lives_as_a_table(table, lives):
    answer, text = await table(period="week", zone="Europe/Moscow")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ttboost-lives.csv"'
    lines = text.splitlines()
    assert lines[0].startswith("\ufeffBegan,Ended,TikTok name,Most viewers")
    assert lines[1] == "2025-12-31 03:16,2025-12-31 04:36,host,90,7,4,50,1234,2,0,0,0"
    assert len(lines) == 3


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@ann"])
async def test_a_name_is_no_formula(table, services, lives, name):
    async with services.db.begin() as uow:
        uow.lives._session.add(
            LiveViewer(live_id=3, viewer_id=9, unique_id="carl", nickname=name, diamonds=999)
        )

    _, text = await table(what="gifters")

    assert text.splitlines()[1] == f"'{name},carl,999,0"


async def test_a_table_is_in_the_words_and_with_the_separator_of_the_language(client, enter, lives):
    other = await enter(telegram_id=45, settings={"language": "ru"})
    async with client.get("/api/stats/export.csv", params={"what": "gifters"}, headers=other) as answer:
        assert (await answer.read()).decode() == "\ufeffИмя;@имя;Алмазы;Подарки\r\n"


@pytest.mark.parametrize("query", [{"what": "all"}, {"period": "year"}, {"zone": "x" * 65}])
async def test_what_cannot_be_exported_is_refused(table, query):
    answer, _ = await table(**query)

    assert answer.status == 400


async def test_gifts_whose_givers_are_no_longer_kept_are_not_denied(get, lives, services):
    async with services.db.begin() as uow:
        await uow.lives._session.execute(delete(LiveViewer))

    for path in ("/stats/3", "/stats"):
        _, html = await get(path)

        assert "are no longer kept" in html, path
        assert "Nobody has sent a gift" not in html
