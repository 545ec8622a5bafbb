"""The shell and how pages are served: to whom, in which words, under which policy."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from core.errors import AppError
from storage.models import UserRole
from webapp.miniapp.setup import GROUPS
from webapp.miniapp.wording import FOLDER, Say, catalogue, zone_of

NAMES = sorted(path.stem for path in (FOLDER / "en").glob("*.json"))
VIEWS = [view for group in GROUPS for view in group.all]


def shape(words: Any, path: str = "") -> dict[str, set[str]]:
    """Every text's place, and what is filled in there. Plural forms are one text."""
    if isinstance(words, dict) and "other" in words:
        return {path: {part for text in words.values() for part in re.findall(r"\{(\w+)\}", text)}}
    if isinstance(words, dict):
        return {
            place: parts
            for key, inner in words.items()
            for place, parts in shape(inner, f"{path}.{key}").items()
        }
    return {path: set(re.findall(r"\{(\w+)\}", words))}


async def test_the_shell_takes_telegrams_script_and_frame_and_nothing_else(client: TestClient) -> None:
    for path in ("/app", "/app/triggers/7"):
        answer = await client.get(path)
        text = await answer.text()

        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self' https://telegram.org;" in policy
        assert "frame-ancestors https://web.telegram.org https://webk.telegram.org" in policy
        assert re.findall(r"(?:src|href)=\"(https?:)?//([^/\"]+)", text) == [("https:", "telegram.org")]
        assert re.findall(r" style=| on\w+=|<style", text) == []
        assert "X-Frame-Options" not in answer.headers


async def test_a_page_is_for_whoever_is_signed_in(client: TestClient, streamer: dict[str, str]) -> None:
    for headers in ({}, streamer):  # a phone's token is none of the Mini App's
        answer = await client.get("/app/view/home", headers=headers)

        assert answer.status == 401
        assert (await answer.json())["success"] is False


async def test_what_is_no_page_is_not_found(client: TestClient) -> None:
    answer = await client.get("/app/view/nowhere")

    assert answer.status == 404
    assert (await answer.json())["error"]["code"] == "not_found"


@pytest.mark.parametrize("language", ["ru", "es"])
async def test_it_speaks_the_accounts_language(client: TestClient, enter: Any, language: str) -> None:
    who = await enter(settings={"language": language})

    answer = await client.get("/app/view/frame", headers=who)

    assert f'data-lang="{language}"' in await answer.text()
    assert catalogue(language, "frame")["places"]["home"] in await answer.text()


@pytest.mark.parametrize(("role", "is_shown"), [(UserRole.USER, False), (UserRole.SUPPORT, True)])
async def test_only_staff_is_shown_the_way_to_the_desk(
    client: TestClient, enter: Any, role: UserRole, is_shown: bool
) -> None:
    answer = await client.get("/app/view/frame", headers=await enter(role=role))

    assert ("/app/admin" in await answer.text()) is is_shown


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["ru", "es"])
def test_every_language_says_everything(name: str, language: str) -> None:
    assert shape(catalogue(language, name)) == shape(catalogue("en", name))


def test_every_language_has_the_same_pages() -> None:
    for language in ("ru", "es"):
        assert sorted(path.stem for path in (FOLDER / language).glob("*.json")) == NAMES


def test_every_page_has_its_words_and_its_template() -> None:
    templates = Path(__file__).parents[3] / "templates" / "app"
    for view in VIEWS:
        assert view.words in NAMES
        assert (templates / view.template).exists()


def test_every_refusal_is_said_in_words_a_person_knows() -> None:
    codes = {kind.code for kind in _below(AppError) if kind.code != "internal"}

    assert codes <= set(catalogue("en", "ui")["refusals"])


def _below(kind: type[AppError]) -> set[type[AppError]]:
    return {kind, *(one for child in kind.__subclasses__() for one in _below(child))}


def test_times_are_the_readers_own() -> None:
    now = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    moscow, utc = Say("ru", zone_of("Europe/Moscow"), now, "USD"), Say("en", zone_of("Mars/Base"), now, "USD")

    assert moscow.when(datetime(2026, 3, 1, 22, 5, tzinfo=UTC)) == "01:05"
    assert moscow.when(datetime(2026, 3, 1, 12, 5, tzinfo=UTC)) == "1 мар., 15:05"
    assert utc.when(datetime(2026, 2, 27, 12, 5, tzinfo=UTC)) == "Feb 27, 12:05\u202fPM"
    assert utc.when(datetime(2025, 2, 27, 12, 5, tzinfo=UTC)) == "Feb 27, 2025, 12:05\u202fPM"
    assert moscow.clock(datetime(2026, 3, 1, 22, 5, 9, tzinfo=UTC)) == "01:05:09"


def test_counts_and_money_follow_the_language() -> None:
    say = Say("ru", UTC, datetime(2026, 3, 1, tzinfo=UTC), "USD")
    forms = {
        "one": "{count} звук",
        "few": "{count} звука",
        "many": "{count} звуков",
        "other": "{count} звука",
    }

    assert [say.many(forms, count) for count in (1, 3, 5, 21)] == ["1 звук", "3 звука", "5 звуков", "21 звук"]
    assert say.money(123450) == "1\xa0234,50\xa0$"
    assert [say.lasting(seconds) for seconds in (4.6, 65, 3723)] == ["0:05", "1:05", "1:02:03"]
    assert [say.sound(seconds) for seconds in (0.2, 4.6)] == ["0:01", "0:05"]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    spans = [Say(name, UTC, now, "USD").span(5_460) for name in ("en", "ru", "es")]
    assert spans == ["1 hr 31 min", "1 ч 31 мин", "1 h 31 min"]
    assert [say.span(seconds) for seconds in (0, 7_200)] == ["0 мин", "2 ч"]
    assert [say.size(count) for count in (900, 2_040, 3_000_000)] == ["900 Б", "2 КБ", "3 МБ"]


async def test_pages_travel_packed(client: TestClient, enter) -> None:
    who = await enter()
    for path in ("/app", "/app/view/home"):
        answer = await client.get(
            path, headers={**who, "Accept-Encoding": "gzip, deflate"}, auto_decompress=False
        )
        assert answer.headers["Content-Encoding"] in {"gzip", "deflate"}
        assert len(await answer.read()) < 20_000
