"""deploy/ as the programs it was written for read it: Docker Compose, Caddy, systemd."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.config import Config
from tests.services import DEMANDED

DEPLOY = Path(__file__).parents[2] / "deploy"
PASSWORDS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_SECRET_KEY")


def needs(program: str) -> pytest.MarkDecorator:
    """Where `CI` demands it a missing one fails the test instead of skipping it."""
    return pytest.mark.skipif(
        not DEMANDED and shutil.which(program) is None, reason=f"{program} is not installed"
    )


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )


# Compose


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """compose.yaml, and beside it `.env` as somebody filled it in."""
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    if " 1." in run("docker-compose", "--version").stdout:  # older than the key
        text = text.replace("\nname: ttboost\n", "\n")
    (tmp_path / "compose.yaml").write_text(text, "utf-8")
    example = (DEPLOY / "env.example").read_text("utf-8")
    (tmp_path / ".env").write_text(re.sub(rf"({'|'.join(PASSWORDS)})=", r"\1=of-\1", example), "utf-8")
    return tmp_path


def read_by_compose(project: Path) -> subprocess.CompletedProcess[str]:
    return run("docker-compose", "--project-directory", project, "-f", project / "compose.yaml", "config")


@needs("docker-compose")
def test_compose_takes_the_file_and_gives_each_process_what_it_needs(project: Path):
    read = read_by_compose(project)
    assert read.returncode == 0, read.stderr
    services: dict[str, Any] = yaml.safe_load(read.stdout)["services"]
    ours = {name: one for name, one in services.items() if one["image"] == "ttboost"}

    assert set(ours) == {"web1", "web2", "live1", "live2", "bot", "jobs", "migrate"}
    for one in ours.values():
        seen = one["environment"]
        assert seen["TTBOOST__DATABASE__URL"].endswith("//ttboost:of-POSTGRES_PASSWORD@postgres/ttboost")
        assert seen["TTBOOST__BUS__URL"] == "redis://:of-REDIS_PASSWORD@redis:6379/0"
        assert seen["TTBOOST__MEDIA__S3_SECRET_KEY"] == "of-S3_SECRET_KEY"
        assert seen["TTBOOST__WEB__PUBLIC_URL"] == "https://live.example.org"
    assert services["redis"]["environment"]["REDISCLI_AUTH"] == "of-REDIS_PASSWORD"
    assert services["proxy"]["environment"]["SITE"] == "live.example.org"


@needs("docker-compose")
@pytest.mark.parametrize("name", PASSWORDS)
def test_compose_starts_nothing_without_a_password(project: Path, name: str):
    env = project / ".env"
    env.write_text(env.read_text("utf-8").replace(f"{name}=of-{name}", f"{name}="), "utf-8")
    read = read_by_compose(project)

    assert read.returncode != 0
    assert name in read.stderr


# Caddy


def site(directory: Path, upstreams: dict[str, str], head: str = "") -> Path:
    """The Caddyfile with other addresses, and without what the Caddy that is here is too old for."""
    text = (DEPLOY / "Caddyfile").read_text("utf-8").replace("{\n", f"{{\n{head}", 1)
    for name, address in upstreams.items():
        text = text.replace(f"{name}:8080", address)
    if run("caddy", "version").stdout.removeprefix("v").startswith("2.6."):
        text = re.sub(r".*stream_close_delay.*\n", "", text)
    file = directory / "Caddyfile"
    file.write_text(text, "utf-8")
    return file


@needs("caddy")
def test_caddy_takes_the_file(tmp_path: Path):
    read = run(
        "caddy", "validate", "--adapter", "caddyfile", "--config", site(tmp_path, {}), SITE="live.example.org"
    )

    assert read.returncode == 0, read.stderr


class Behind:
    """A process behind the proxy: it says who it is, and what it was asked."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._app = web.Application(client_max_size=20_000_000)
        self._app.router.add_get("/v2/ws", self._socket)
        self._app.router.add_get("/media/speech.mp3", self._speak)
        self._app.router.add_route("*", "/{path:.*}", self._answer)
        self.go_on = asyncio.Event()
        self.server = TestServer(self._app, host="127.0.0.1")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    async def _answer(self, request: web.Request) -> web.Response:
        length = len(await request.read())
        forwarded = {name: request.headers.get(f"X-Forwarded-{name}") for name in ("For", "Proto", "Host")}
        return web.json_response({"name": self._name, "length": length, **forwarded})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        async for message in opened:
            await opened.send_str(message.data)
        return opened

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        """A first piece at once, the rest when the test has heard it."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"first")
        await self.go_on.wait()
        await answer.write(b"rest")
        return answer


class Proxied:
    def __init__(self, url: str, http: aiohttp.ClientSession, behind: dict[str, Behind]) -> None:
        self.url, self.http, self.behind = url, http, behind

    async def ask(self, method: str, path: str, data: bytes = b"") -> tuple[int, dict[str, Any]]:
        async with self.http.request(method, self.url + path, data=BytesIO(data)) as answer:
            return answer.status, await answer.json() if answer.status == 200 else {}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@asynccontextmanager
async def caddy(file: Path, url: str) -> AsyncIterator[None]:
    homes = {"XDG_CONFIG_HOME": str(file.parent), "XDG_DATA_HOME": str(file.parent)}
    with (file.parent / "caddy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("caddy", "run", "--adapter", "caddyfile", "--config", file),
            env=os.environ | homes | {"SITE": url},
            stderr=log,
        )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
async def proxied(tmp_path: Path) -> AsyncIterator[Proxied]:
    behind = {name: Behind(name) for name in ("web1", "web2", "bot")}
    for one in behind.values():
        await one.server.start_server()
    addresses = {name: one.address for name, one in behind.items()}
    url = f"http://127.0.0.1:{free_port()}"
    file = site(tmp_path, addresses, "\tadmin off\n")
    async with caddy(file, url), aiohttp.ClientSession() as http:
        async with asyncio.timeout(30):
            while True:
                with suppress(aiohttp.ClientConnectionError):
                    async with http.get(url) as answer:
                        if answer.status == 200:
                            break
                await asyncio.sleep(0.1)
        yield Proxied(url, http, behind)
    for one in behind.values():
        one.go_on.set()
        await one.server.close()


@needs("caddy")
async def test_the_proxy_sends_each_to_whoever_serves_it(proxied: Proxied):
    assert (await proxied.ask("POST", "/telegram/webhook", b"{}"))[1]["name"] == "bot"
    status, told = await proxied.ask("GET", "/v2/auth/me")
    assert (status, told["name"] in {"web1", "web2"}) == (200, True)
    assert (told["For"], told["Proto"], told["Host"]) == (
        "127.0.0.1",
        "http",
        proxied.url.removeprefix("http://"),
    )
    for hidden in ("/metrics", "/readyz"):
        assert (await proxied.ask("GET", hidden))[0] == 404


@needs("caddy")
async def test_the_proxy_passes_sockets_and_speech_on_as_they_come(proxied: Proxied):
    async with proxied.http.ws_connect(f"{proxied.url}/v2/ws") as opened:
        await opened.send_str("hello")
        assert await opened.receive_str(timeout=10) == "hello"
    async with proxied.http.get(f"{proxied.url}/media/speech.mp3") as answer:
        async with asyncio.timeout(10):
            assert await answer.content.readexactly(5) == b"first"
        for one in proxied.behind.values():
            one.go_on.set()
        assert await answer.read() == b"rest"


@needs("caddy")
async def test_the_proxy_lets_the_largest_upload_through_and_no_more(proxied: Proxied):
    largest = Config().sounds.max_bytes + 64 * 1024
    status, told = await proxied.ask("POST", "/v2/sounds/upload", bytes(largest))
    assert (status, told["length"]) == (200, largest)
    assert (await proxied.ask("POST", "/v2/sounds/upload", bytes(12_000_000)))[0] in {413, 502}


@needs("caddy")
async def test_the_proxy_turns_to_the_other_one_when_one_is_gone(proxied: Proxied):
    await proxied.behind["web1"].server.close()
    answers = [await proxied.ask("GET", "/") for _ in range(10)]

    assert {(status, told.get("name")) for status, told in answers} == {(200, "web2")}


# systemd


@needs("systemd-analyze")
def test_systemd_takes_the_units_as_they_are(tmp_path: Path):
    units = []
    for unit in (DEPLOY / "systemd").iterdir():
        units.append(tmp_path / unit.name)
        # Whether the program is there is asked, too: here it is where the tests run.
        here = unit.read_text("utf-8").replace("/opt/ttboost/bin", str(Path(sys.executable).parent))
        units[-1].write_text(here, "utf-8")
    read = run("systemd-analyze", "verify", "--man=no", *units)

    assert len(units) == 2
    # What it does not understand it leaves out and says so, and is content.
    assert (read.returncode, read.stderr, read.stdout) == (0, "", "")
