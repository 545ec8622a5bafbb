"""Where short links lead, asked of a TikTok of our own."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.errors import ShortLinkUnanswered, VideoNotFound
from core.orders.links import VideoLink
from core.orders.short_links import ShortLinks

VIDEO = "https://www.tiktok.com/@host/video/73"
LEADS = {
    "/one/": VIDEO + "?_r=1&_t=2",
    "/mobile/": "https://m.tiktok.com/@host/video/73",
    "/two/": "https://www.tiktok.com/t/one/",
    "/t/one/": VIDEO,
    "/relative/": "/one/",
    "/off/": "https://evil.example/@host/video/73",
    "/lookalike/": "https://www.tiktok.com.evil.example/@host/video/73",
    "/plain/": "http://www.tiktok.com/@host/video/73",
    "/port/": "https://www.tiktok.com:8443/x",
    "/user/": "https://www.tiktok.com@evil.example/x",
    "/inside/": "http://127.0.0.1/",
    "/home/": "https://www.tiktok.com/",
    "/round/": "https://vm.tiktok.com/round/",
    "/none/": "",
    "/busy/": "429",
    "/broken/": "503",
    "/bad/": "https://[",
}


class FakeShortener:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.host + request.path)
        if request.path not in LEADS:
            return web.Response(status=404)
        if LEADS[request.path].isdigit():
            return web.Response(status=int(LEADS[request.path]))
        return web.Response(status=301, headers={"Location": LEADS[request.path]})


@pytest.fixture
def shortener() -> FakeShortener:
    return FakeShortener()


@pytest.fixture
async def links(shortener: FakeShortener) -> AsyncIterator[ShortLinks]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", shortener.answer)
    async with TestServer(app) as server:
        yield ShortLinks(via=str(server.make_url("")).rstrip("/"))


@pytest.mark.parametrize("name", ["one", "mobile", "two", "relative"])
async def test_redirects_lead_to_the_video(links: ShortLinks, shortener: FakeShortener, name: str):
    assert await links.resolve(f"https://vm.tiktok.com/{name}/") == VideoLink(VIDEO, "73")
    assert shortener.asked[0] == f"vm.tiktok.com/{name}/"


@pytest.mark.parametrize(
    "name", ["off", "lookalike", "plain", "port", "user", "inside", "none", "bad", "unknown"]
)
async def test_nothing_off_tiktok_is_ever_asked(links: ShortLinks, shortener: FakeShortener, name: str):
    with pytest.raises(VideoNotFound):
        await links.resolve(f"https://vm.tiktok.com/{name}/")

    assert {one.partition("/")[0] for one in shortener.asked} == {"vm.tiktok.com"}


async def test_a_circle_ends(links: ShortLinks, shortener: FakeShortener):
    with pytest.raises(VideoNotFound):
        await links.resolve("https://vm.tiktok.com/round/")

    assert len(shortener.asked) == 5


@pytest.mark.parametrize("name", ["busy", "broken"])
async def test_an_answer_that_says_not_now_tells_nothing_of_the_video(links: ShortLinks, name: str):
    with pytest.raises(ShortLinkUnanswered):
        await links.resolve(f"https://vm.tiktok.com/{name}/")


async def test_nobody_there_is_no_word_of_the_video():
    with pytest.raises(ShortLinkUnanswered):
        await ShortLinks(via="http://127.0.0.1:9").resolve("https://vm.tiktok.com/one/")
