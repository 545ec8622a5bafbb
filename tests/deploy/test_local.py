"""deploy/local.py: the processes of the compose file on one machine, used by a phone, ended by Ctrl-C."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import pytest

from tests.conftest import IS_POSTGRES, execute, named
from tests.e2e.kit import TTBOOST, Ears
from tests.redis_kit import needs_redis, redis_url
from tests.tones import tone

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0


pytestmark = [
    pytest.mark.skipif(not IS_POSTGRES, reason="DATABASE_URL names no PostgreSQL"),
    needs_redis,
]


@asynccontextmanager
async def topology(
    directory: Path, database: str
) -> AsyncIterator[tuple[dict[str, str], asyncio.subprocess.Process]]:
    """Addresses by name, once all are ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        ROOT / "deploy/local.py",
        "--port=0",
        f"--database={database}",
        f"--redis={redis_url()}",
        f"--directory={directory}",
        env=os.environ | {"TTBOOST__LIVE__SOURCE": "replay", "TTBOOST__SPEECH__ENGINES": '["espeak"]'},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    addresses: dict[str, str] = {}
    try:
        async with asyncio.timeout(START_SECONDS):
            while (line := (await process.stdout.readline()).decode().split()) != ["all", "are", "ready"]:
                assert line, "it ended before all were ready"
                addresses |= {line[0]: line[1]} if len(line) == 2 else {}
        yield addresses, process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


@pytest.fixture
async def database() -> AsyncIterator[str]:
    name = f"ttboost_local_{uuid4().hex[:12]}"
    yield named(name)
    await execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def license_key(directory: Path, database: str) -> str:
    settings = {"TTBOOST__DATA_DIR": str(directory), "TTBOOST__DATABASE__URL": database}
    command = (str(TTBOOST), "license", "issue", "--days", "30", "--json")
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | settings, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return str(json.loads(out)[0]["key"])


async def test_a_phone_is_served_whichever_process_it_meets(tmp_path: Path, database: str):
    directory = tmp_path / "local"
    async with topology(directory, database) as (addresses, process), aiohttp.ClientSession() as http:
        one, other = addresses["web1"], addresses["web2"]
        who = {
            "username": "streamer123",
            "password": "SecurePass123!",
            "license_key": await license_key(directory, database),
        }
        async with http.post(f"{one}/v2/auth/redeem-license", json=who) as answer:
            bearer = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}
        form = aiohttp.FormData()
        form.add_field("file", tone(), filename="tone.mp3")
        async with http.post(f"{one}/v2/sounds/upload", data=form, headers=bearer) as answer:
            assert answer.status == 200, await answer.text()
        async with http.get(f"{other}/v2/sounds/list", headers=bearer) as answer:
            [sound] = (await answer.json())["sounds"]
        async with http.get(other + urlsplit(sound["url"]).path) as answer:
            assert (answer.status, answer.content_type) == (200, "audio/mpeg")
        async with http.ws_connect(f"{other}/v2/ws", headers=bearer) as socket_:
            ears = Ears(socket_)
            while not (chat := await ears.hear("chat", 30))["tts_url"]:
                pass
        # Heard over one process, spoken by a second, fetched from a third.
        async with http.get(one + urlsplit(chat["tts_url"]).path) as answer:
            assert (answer.status, answer.content_type) == (200, "audio/mpeg")
            assert len(await answer.read()) > 1000
        for address in addresses.values():
            async with http.get(f"{address}/readyz") as answer:
                assert answer.status == 200
        process.send_signal(signal.SIGINT)
        code = await process.wait()

    assert set(addresses) == {"web1", "web2", "live1", "live2", "jobs"}
    assert chat["message"]
    assert code == 0
    for address in addresses.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((urlsplit(address).hostname, urlsplit(address).port), timeout=1)
