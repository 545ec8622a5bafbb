"""Each check against a server of the test's own."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from core.config import Bus, Config, DatabaseSection, Live, Media, Speech, Telegram, Tiktok, Web
from storage import migrations
from ttboost.commands import checks
from ttboost.commands.checks import Problem

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path / "data", speech=Speech(engines=["espeak"]))


@pytest.fixture
async def answer(aiohttp_server):
    """A server that gives the same answer to everything; its URL."""

    async def start(status: int, body: dict[str, object] | None = None) -> str:
        async def handle(_request: web.Request) -> web.Response:
            return web.json_response(body or {}, status=status)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        return str((await aiohttp_server(app)).make_url("")).rstrip("/")

    return start


def with_telegram(config: Config, url: str) -> Config:
    return config.model_copy(update={"telegram": Telegram(token="1:secret", api_url=url)})


def with_public_url(config: Config, url: str) -> Config:
    return config.model_copy(update={"web": Web(public_url=url)})


def with_sign_server(config: Config, url: str) -> Config:
    return config.model_copy(update={"live": Live(tiktok=Tiktok(sign_url=url))})


async def test_a_working_database_is_told_with_its_schema(config: Config):
    assert await checks.check_database(config) == f"sqlite, schema {migrations.head()}, writable"


async def test_a_database_that_cannot_be_opened_is_a_problem(config: Config, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    broken = config.model_copy(
        update={"database": DatabaseSection(url=f"sqlite+aiosqlite:///{tmp_path / 'file' / 'x.db'}")}
    )

    with pytest.raises(Problem, match=r"check database\.url"):
        await checks.check_database(broken)


async def test_media_are_written_read_and_deleted(config: Config):
    assert await checks.check_media(config) == "written, read and deleted"
    assert not list((config.data_dir / "media").rglob("*.*"))


async def test_media_that_cannot_be_written_are_a_problem(config: Config, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    broken = config.model_copy(update={"media": Media(url=f"file:{tmp_path / 'file' / 'media'}")})

    found = await checks._find("media", lambda: checks.check_media(broken))

    assert found.is_problem


async def test_an_engine_makes_a_word(config: Config):
    replayed = config.model_copy(update={"live": Live(source="replay")})

    found = {one.part: one for one in await checks.examine(replayed, None)}

    assert not found["speech espeak"].is_problem
    assert list(found) == [
        "database",
        "bus",
        "media",
        "speech espeak",
        "telegram",
        "public URL",
        "sign server",
    ]


async def test_without_redis_there_is_nothing_to_reach(config: Config):
    assert await checks.check_bus(config) == "memory: one process"


async def test_a_redis_that_is_down_is_a_problem(config: Config):
    with pytest.raises(Problem, match="start Redis"):
        await checks.check_bus(config.model_copy(update={"bus": Bus(url="redis://127.0.0.1:9")}))


async def test_the_bot_is_named(config: Config, answer):
    url = await answer(200, {"ok": True, "result": {"username": "boost_bot"}})

    assert await checks.check_telegram(with_telegram(config, url)) == "@boost_bot"


async def test_no_token_is_no_problem(config: Config):
    assert "no token" in await checks.check_telegram(config)


async def test_a_refused_token_is_a_problem_and_stays_secret(config: Config, answer):
    url = await answer(401, {"ok": False, "description": "Unauthorized"})

    with pytest.raises(Problem, match="BotFather") as problem:
        await checks.check_telegram(with_telegram(config, url))
    assert "secret" not in str(problem.value)


async def test_an_unreachable_bot_api_is_a_problem_and_the_token_stays_secret(config: Config):
    with pytest.raises(Problem, match="cannot be reached") as problem:
        await checks.check_telegram(with_telegram(config, NOWHERE))
    assert "secret" not in str(problem.value)


async def test_without_a_public_url_the_host_is_followed(config: Config):
    assert "not set" in await checks.check_public_url(config)


@pytest.mark.parametrize(("status", "words"), [(200, "private address"), (502, "answers 502")])
async def test_a_public_url_phones_cannot_use_is_a_problem(config: Config, answer, status: int, words: str):
    url = await answer(status)

    with pytest.raises(Problem, match=words):
        await checks.check_public_url(with_public_url(config, url))


async def test_a_public_url_nobody_answers_is_a_problem(config: Config):
    with pytest.raises(Problem, match="does not answer"):
        await checks.check_public_url(with_public_url(config, NOWHERE))


async def test_a_sign_server_that_answers_will_do(config: Config, answer):
    url = await answer(404)

    assert await checks.check_sign_server(with_sign_server(config, url)) == f"{url} answers"


async def test_a_broken_sign_server_is_a_problem(config: Config, answer):
    with pytest.raises(Problem, match="answers 500"):
        await checks.check_sign_server(with_sign_server(config, await answer(500)))
    with pytest.raises(Problem, match="cannot be reached"):
        await checks.check_sign_server(with_sign_server(config, NOWHERE))


async def test_a_replay_needs_no_sign_server(config: Config):
    replayed = config.model_copy(update={"live": Live(source="replay")})

    assert "not needed" in await checks.check_sign_server(replayed)


async def test_a_live_is_connected_to(config: Config):
    replayed = config.model_copy(update={"live": Live(source="replay")})

    assert "events arrive" in await checks.check_live(replayed, "@Streamer123")


async def test_slow_answers_are_a_problem(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "PATIENCE", 0.01)

    async def never() -> str:
        await asyncio.Event().wait()
        return ""

    found = await checks._find("bus", never)

    assert found.is_problem
    assert "no answer in time" in found.words
