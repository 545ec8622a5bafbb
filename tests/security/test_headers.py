"""What stands on every kind of answer, whoever asks and whatever comes back."""

import re
from itertools import product

import pytest

from core.config import Config
from webapp.pages import static_files

TELEGRAM = {"https://web.telegram.org", "https://webk.telegram.org", "https://webz.telegram.org"}
PAGES = ["/", "/app", "/app/triggers", "/overlay/preview", "/player/none", "/overlay/none", "/docs"]
OTHERS = [
    "/v2/settings/get",
    "/v2/nothing",
    "/api/settings",
    "/api/nothing",
    "/app/view/home",
    "/app/view/nothing",
    "/nothing",
    "/media/none.mp3",
    "/media/../etc/passwd",
    "/static/x/none.js",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/v2/ws",
]
KEPT = ["/static/{version}/base.css", "/media/{sound}"]
EVERYTHING = [*PAGES, *OTHERS, *KEPT]


@pytest.fixture
async def look(client, services, estate, ann):
    """Headers of an answer, by path: with Ann's token and without."""
    sound = (await services.sounds.list(estate.user_id, 1)).sounds[0].url

    async def ask(path, method="GET", **headers):
        address = path.format(version=static_files().version, sound=sound)
        async with client.request(method, address, headers=headers) as response:
            await response.read()
            return response

    return ask


async def test_nothing_is_guessed_sent_on_or_remembered(look, ann):
    for path, method, sent in product(EVERYTHING, ("GET", "POST"), ({}, ann)):
        headers = (await look(path, method, **sent)).headers

        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == (
            "nosniff",
            "no-referrer",
        ), path
        assert len(headers["X-Request-ID"]) == 16
        for name in ("Set-Cookie", "Strict-Transport-Security", "Access-Control-Allow-Credentials"):
            assert name not in headers, path
        is_open = path == "/media/{sound}" and method == "GET"
        assert ("Access-Control-Allow-Origin" in headers) is is_open, path


async def test_no_script_or_style_of_somebody_elses(look, ann):
    for path, sent in product(EVERYTHING, ({}, ann)):
        policy = rules((await look(path, **sent)).headers)

        assert policy["default-src"] == {"'none'"}, path
        words = set().union(*policy.values())
        assert not words & {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:", "data:"}, path


async def test_only_telegram_frames_the_app_and_nobody_anything_else(look):
    for path in EVERYTHING:
        allowed = TELEGRAM if path.startswith("/app") and "view" not in path else {"'none'"}
        allowed = TELEGRAM | {"'self'"} if path == "/overlay/preview" else allowed

        assert rules((await look(path)).headers)["frame-ancestors"] == allowed, path


async def test_a_page_asks_for_nothing_of_the_device(look):
    for path in (one for one in PAGES if one != "/docs"):
        policy = (await look(path)).headers["Permissions-Policy"]

        assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(policy.split(", ")), path


async def test_what_is_for_one_person_is_kept_by_nobody(look, ann):
    for path, sent in product([*PAGES, *OTHERS], ({}, ann)):
        assert (await look(path, **sent)).headers["Cache-Control"] == "no-store", path


async def test_what_is_the_same_for_everybody_is_kept(look):
    for path in KEPT:
        response = await look(path)

        kept = "public, max-age=31536000, immutable"
        assert (response.status, response.headers["Cache-Control"]) == (200, kept), path


async def test_a_page_has_no_script_or_style_in_it(look):
    for path in PAGES:
        text = await (await look(path)).text()

        assert re.findall(r"<script(?![^>]*\b(?:src=|application/json))", text) == [], path
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == [], path


class TestReachedByHttps:
    @pytest.fixture
    def config(self, tmp_path, limits):
        web = {"public_url": "https://tt.example"}
        return Config(data_dir=tmp_path, limits=limits, telegram={"token": "42:TEST"}, web=web)

    async def test_browsers_are_told_to_stay_with_it(self, look):
        for path in EVERYTHING:
            headers = (await look(path)).headers

            assert headers["Strict-Transport-Security"] == "max-age=31536000", path


def rules(headers) -> dict[str, set[str]]:
    """The Content-Security-Policy, taken apart."""
    parts = [part.split() for part in headers["Content-Security-Policy"].split(";")]
    return {name: set(values) for name, *values in parts}
