"""The product as others meet it: its own process, its command line, HTTP and sockets."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from tests.conftest import IS_POSTGRES, execute, make_schema, named
from tests.fake_tiktok import FakeTikTok

TTBOOST = Path(sys.executable).parent / "ttboost"
READY_SECONDS = 90.0
RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"


def environment(settings: dict[str, Any]) -> dict[str, str]:
    """`{"live.source": …}` as environment variables."""
    named = {f"TTBOOST__{key.upper().replace('.', '__')}": value for key, value in settings.items()}
    return {
        **{key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ},
        **{key: value if isinstance(value, str) else json.dumps(value) for key, value in named.items()},
    }


class Server:
    """`ttboost serve` in a process of its own."""

    def __init__(self, data_dir: Path, *, roles: str = "", **settings: Any) -> None:
        self.settings: dict[str, Any] = {
            "data_dir": str(data_dir),
            "web.port": 0,
            "speech.engines": ["espeak"],
            **{key.replace("__", "."): value for key, value in settings.items()},
        }
        self.url = ""
        self._arguments = ("--roles", roles) if roles else ()
        self._log = data_dir.with_name(f"{data_dir.name}-{roles or 'all'}-{id(self)}.log")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(TTBOOST),
                "serve",
                *self._arguments,
                env=environment(self.settings),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        async with asyncio.timeout(READY_SECONDS):
            self.url = await self._ready()

    async def _ready(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if line.startswith(b"ready "):
                return line.decode().split()[1]
        raise AssertionError(f"the server did not start:\n{self.log()[-3000:]}")

    async def stop(self) -> int:
        """As an operator would; the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            return await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """Whether it still runs or not."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def command(self, *arguments: str) -> str:
        """Another `ttboost` beside the server; what it prints."""
        process = await asyncio.create_subprocess_exec(
            str(TTBOOST),
            *arguments,
            env=environment(self.settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), READY_SECONDS)
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def license_key(self, days: int = 30) -> str:
        issued = json.loads(await self.command("license", "issue", "--days", str(days), "--json"))
        return str(issued[0]["key"])

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")


@asynccontextmanager
async def own_database() -> AsyncIterator[dict[str, str]]:
    """As settings: a new one on the server that `DATABASE_URL` names; without, whatever the process makes."""
    if not IS_POSTGRES:
        yield {}
        return
    name = f"ttboost_e2e_{uuid4().hex[:12]}"
    await execute(f"CREATE DATABASE {name}")
    await make_schema(named(name))
    yield {"database__url": named(name)}
    await execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def running(data_dir: Path, **settings: Any) -> AsyncIterator[Server]:
    async with own_database() as database:
        server = Server(data_dir, **database, **settings)
        await server.start()
        try:
            yield server
        finally:
            await server.stop()
            assert "Traceback" not in server.log(), server.log()[-4000:]


def tiktok_settings(fake: FakeTikTok) -> dict[str, str]:
    """The fake's addresses, and budgets so wide that no reconnect on a busy machine waits for one."""
    budgets = {"signatures_per_minute": "1000", "lookups_per_minute": "10000"}
    return {f"live__tiktok__{key}": value for key, value in (fake.config() | budgets).items()}


class Phone:
    """A client that knows what the seed's document says."""

    def __init__(self, http: aiohttp.ClientSession, server: Server) -> None:
        self.http = http
        self.server = server
        self.token = ""

    async def post(self, path: str, body: Any) -> dict[str, Any]:
        """As Dart's `http.post` with `jsonEncode` does."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        async with self.http.post(self.server.url + path, data=json.dumps(body), headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return dict(json.loads(text))

    async def get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.get(self.server.url + path, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return dict(json.loads(text))

    async def redeem(self, username: str, password: str, key: str) -> dict[str, Any]:
        answer = await self.post(
            "/v2/auth/redeem-license", {"username": username, "password": password, "license_key": key}
        )
        self.token = answer["access_token"]
        return answer

    async def login(self, username: str, password: str) -> dict[str, Any]:
        answer = await self.post("/v2/auth/login", {"username": username, "password": password})
        self.token = answer["access_token"]
        return answer

    async def upload(self, name: str, data: bytes) -> dict[str, Any]:
        """As Dart's `MultipartFile.fromPath` does."""
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name, content_type="application/octet-stream")
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.post(
            f"{self.server.url}/v2/sounds/upload", data=form, headers=headers
        ) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return dict(json.loads(text))

    @asynccontextmanager
    async def socket(self, **query: Any) -> AsyncIterator["Ears"]:
        address = f"{self.server.url.replace('http', 'ws', 1)}/v2/ws"
        async with self.http.ws_connect(address, params={"token": self.token, **query}) as socket:
            yield Ears(socket)


class Ears:
    """What comes over one socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def hear(self, kind: str, seconds: float = 30.0) -> dict[str, Any]:
        """The next message of a type; all others are kept in `heard` too."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self._next()
                if message["type"] == kind:
                    return message

    async def hear_until(self, state: str, seconds: float = 150.0) -> list[dict[str, Any]]:
        """Everything up to the `status` with that state."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self._next()
                if message["type"] == "status" and message["state"] == state:
                    return self.heard

    async def _next(self) -> dict[str, Any]:
        message = json.loads(await self.socket.receive_str())
        self.heard.append(message)
        return dict(message)

    def numbered(self) -> list[dict[str, Any]]:
        return [message for message in self.heard if "seq" in message]
