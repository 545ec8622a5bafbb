"""The pages and their files over HTTP."""

import gzip
import json
import re

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from tests.browser.stand_in import SECRET, StandIn
from webapp import pages

Client = TestClient  # the app and the request are aiohttp's own


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(StandIn().app())


PAGES = ["/", f"/player/{SECRET}", f"/overlay/{SECRET}", "/player/mistyped"]


def keys(branch: object, path: str = "") -> set[str]:
    if not isinstance(branch, dict):
        return {path}
    return {name for key, inner in branch.items() for name in keys(inner, f"{path}.{key}")}


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_allows_nothing_but_our_own_origin(client: Client, path: str) -> None:
    answer = await client.get(path)
    text = await answer.text()

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'; style-src 'self'" in policy
    assert f"connect-src 'self' ws://{answer.url.authority} wss://{answer.url.authority}" in policy
    assert "frame-ancestors 'none'" in policy
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", text) == []
    assert re.findall(r" style=| on\w+=|<style", text) == []


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_kept_by_nobody_and_tells_nobody_its_address(client: Client, path: str) -> None:
    answer = await client.get(path)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "microphone=()" in answer.headers["Permissions-Policy"]


async def test_a_hostile_host_does_not_reach_the_policy(client: Client) -> None:
    answer = await client.get("/", headers={"Host": "a.example; script-src *"})

    assert "a.example" not in answer.headers["Content-Security-Policy"]


async def test_a_wrong_secret_gets_a_friendly_page(client: Client) -> None:
    answer = await client.get("/overlay/mistyped")

    assert answer.status == 404
    assert "This link does not work" in await answer.text()


async def test_the_landing_page_says_what_this_is_and_leads_to_the_documentation(client: Client) -> None:
    text = await (await client.get("/")).text()

    assert "Your TikTok LIVE, out loud." in text
    assert 'href="/docs"' in text


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "de-DE,es-419;q=0.7,en;q=0.3", "es"),
        ("", "en;q=0.1,es;q=0.9", "es"),
        ("", "fr,ru;q=0", "en"),
        ("", ";;;q=x,*,ru;q=9999", "en"),
        ("?lang=es", "ru", "es"),
        ("?lang=ru-RU", "", "ru"),
        ("?lang=xx", "es", "es"),
    ],
)
async def test_a_page_speaks_the_readers_language(
    client: Client, query: str, accepted: str, language: str
) -> None:
    answer = await client.get(f"/{query}", headers={"Accept-Language": accepted})

    assert f'<html lang="{language}">' in await answer.text()


@pytest.mark.parametrize("language", ["ru", "es"])
def test_every_text_is_there_in_every_language(language: str) -> None:
    assert keys(pages.texts(language)) == keys(pages.texts("en"))


@pytest.mark.parametrize("path", [f"/player/{SECRET}", f"/overlay/{SECRET}"])
async def test_the_script_gets_its_words(client: Client, path: str) -> None:
    text = await (await client.get(path)).text()

    found = re.search(r'<script type="application/json" id="texts">(.*?)</script>', text, re.DOTALL)
    assert found
    assert json.loads(found[1])["title"] in text
    assert "built-in method" not in text


async def test_static_files_are_kept_forever_under_their_version(client: Client) -> None:
    answer = await client.get(pages.static_files().url("js/player.js"))

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == pages.FOREVER


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.8", True),
        ("gzip;q=0.01", True),
        ("gzip;q=0", False),
        ("br, gzip; q=0.00 , deflate", False),
        ("br, deflate", False),
        ("", False),
    ],
)
async def test_text_is_packed_for_who_unpacks_it(client: Client, accepted: str, is_packed: bool) -> None:
    url = pages.static_files().url("app/parts.css")

    async with client.session.get(
        client.make_url(url), headers={"Accept-Encoding": accepted}, auto_decompress=False
    ) as answer:
        data = await answer.read()

    assert answer.headers.get("Content-Encoding") == ("gzip" if is_packed else None)
    assert answer.headers["Vary"] == "Accept-Encoding"
    plain = gzip.decompress(data) if is_packed else data
    assert plain == (pages.ROOT / "static/app/parts.css").read_bytes()
    assert is_packed is (len(data) < len(plain) / 2)


async def test_what_is_heard_is_sent_as_it_is(client: Client) -> None:
    answer = await client.get(pages.static_files().url("silence.mp3"), headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
    assert await answer.read() == (pages.ROOT / "static/silence.mp3").read_bytes()


async def test_another_versions_address_is_not_kept(client: Client) -> None:
    answer = await client.get("/static/000000000000/base.css")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["", "/", "/js", "/js/", "/nothing.js", "/../webapp/pages.py", "/..%2Fpyproject.toml"]
)
async def test_nothing_else_is_served_and_nothing_listed(client: Client, path: str) -> None:
    answer = await client.get(f"/static/{pages.static_files().version}{path}")

    assert answer.status == 404


def test_an_unknown_static_file_is_noticed_when_a_page_is_made() -> None:
    with pytest.raises(KeyError):
        pages.static_files().url("js/plyer.js")
