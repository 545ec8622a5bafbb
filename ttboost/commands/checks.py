"""What `ttboost doctor` looks at. A check returns what it found, or raises `Problem` with the cure."""

import asyncio
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit

import aiohttp
from msgspec import Struct

from core import usernames
from core.clock import Clock
from core.config import Config
from core.errors import AppError
from core.speech import engines, voices
from core.speech.model import SpeechFailed, Synthesizer, VoiceChoice
from core.tasks import TaskPool
from storage import migrations
from storage.db import DatabaseError
from storage.media import MediaFailure
from ttboost.database import open_installation, reason
from ttboost.wiring import live_source, open_media

PATIENCE = 15.0
LIVE_PATIENCE = 60.0

Check = Callable[[], Awaitable[str]]


class Problem(Exception):
    """Something is wrong; the words say what, and what to do."""


class Finding(Struct, frozen=True):
    part: str
    words: str
    is_problem: bool = False


async def examine(config: Config, unique_id: str | None) -> list[Finding]:
    """All checks at once, told in order."""
    async with TaskPool() as tasks:
        checks: dict[str, Check] = {
            "database": partial(check_database, config),
            "bus": partial(check_bus, config),
            "media": partial(check_media, config),
            **{
                f"speech {engine.name}": partial(check_engine, engine)
                for engine in engines.synthesizers(config.speech, tasks)
            },
            "telegram": partial(check_telegram, config),
            "public URL": partial(check_public_url, config),
            "sign server": partial(check_sign_server, config),
        }
        if unique_id:
            checks["live"] = partial(check_live, config, unique_id)
        return await asyncio.gather(*[_find(part, check) for part, check in checks.items()])


async def _find(part: str, check: Check) -> Finding:
    try:
        async with asyncio.timeout(LIVE_PATIENCE if part == "live" else PATIENCE):
            return Finding(part, await check())
    except (Problem, MediaFailure) as problem:
        return Finding(part, str(problem), is_problem=True)
    except AppError as error:
        return Finding(part, error.detail, is_problem=True)
    except TimeoutError:
        return Finding(part, "no answer in time: check the network and the address", is_problem=True)


async def check_database(config: Config) -> str:
    try:
        async with open_installation(config) as opened:
            async with opened.db.begin() as uow:
                await uow.accounts.set_meta("doctor", opened.clock.now().isoformat())
            return f"{opened.db.engine.dialect.name}, schema {migrations.head()}, writable"
    except (DatabaseError, OSError) as error:
        raise Problem(f"{reason(error)}: check database.url and the rights on data_dir") from error


async def check_bus(config: Config) -> str:
    address = urlsplit(config.bus.url)
    if address.scheme == "memory":
        return "memory: one process"
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port or 6379)
    except OSError as error:
        raise Problem(f"cannot reach {address.hostname}: start Redis or correct bus.url") from error
    writer.close()
    return f"{address.hostname} answers"


async def check_media(config: Config) -> str:
    media = open_media(config)
    name, data = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(64)
    await media.put(name, data)
    found = await media.get(name)
    await media.delete(name)
    if found != data:
        raise Problem("what was written was not read back: check media.url")
    return "written, read and deleted"


async def check_engine(engine: Synthesizer) -> str:
    voice = VoiceChoice(voices.default_voice("en"))
    size = 0
    try:
        async for chunk in engine.synthesize("Hello", voice):
            size += len(chunk)
    except SpeechFailed as error:
        raise Problem(f"{error}: the next engine of speech.engines speaks meanwhile") from error
    finally:
        await engine.close()
    return f"made a word of {size} bytes"


async def check_telegram(config: Config) -> str:
    if config.telegram.token is None:
        return "no token: the bot is left out"
    url = f"{config.telegram.api_url}/bot{config.telegram.token.get_secret_value()}/getMe"
    try:
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            answer = await response.json(content_type=None)
    except (aiohttp.ClientError, ValueError, OSError) as error:
        raise Problem(f"{config.telegram.api_url} cannot be reached: check telegram.api_url") from error
    if not (isinstance(answer, dict) and answer.get("ok")):
        raise Problem("the token is refused: copy it again from @BotFather")
    return f"@{answer['result']['username']}"


async def check_public_url(config: Config) -> str:
    """As phones see it: by its own name and port, certificate checked, from outside this machine."""
    url = config.web.public_url
    if url is None:
        return "not set: URLs follow the request's Host"
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{url}/healthz") as response:
            status = response.status
    except aiohttp.ClientConnectorCertificateError as error:
        raise Problem(f"{url}: the certificate is not valid for phones: renew it") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Problem(f"{url} does not answer: start `ttboost serve`, check DNS and the proxy") from error
    if status != 200:
        raise Problem(f"{url}/healthz answers {status}: let the proxy pass everything to ttboost")
    if await _is_only_local(urlsplit(url).hostname or ""):
        raise Problem(f"{url} leads to a private address: phones outside this network cannot reach it")
    return url if url.startswith("https:") else f"{url} (not https: the bot sends plain links)"


async def _is_only_local(host: str) -> bool:
    loop = asyncio.get_running_loop()
    addresses = {info[4][0] for info in await loop.getaddrinfo(host, None)}
    return not any(ipaddress.ip_address(str(address)).is_global for address in addresses)


async def check_sign_server(config: Config) -> str:
    if config.live.source != "tiktok":
        return "not needed for a replay"
    tiktok = config.live.tiktok
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.get(tiktok.sign_url, proxy=tiktok.proxy, allow_redirects=False) as response,
        ):
            status = response.status
    except (aiohttp.ClientError, OSError) as error:
        raise Problem(f"{tiktok.sign_url} cannot be reached: no LIVE can be joined until it can") from error
    if status >= 500:
        raise Problem(f"{tiktok.sign_url} answers {status}: wait, or set live.tiktok.sign_url")
    return f"{tiktok.sign_url} answers"


async def check_live(config: Config, unique_id: str) -> str:
    """Find the room, get the address signed, wait for the first messages."""
    name = usernames.normalise(unique_id, "unique_id")
    async with live_source(config, Clock()) as (source, _):
        room = await source.find_room(name)
        async with source.connect(room, reconnecting=False) as connection:
            async for frame in connection:
                if frame.events:
                    return f"connected to {name}, room {room.room_id}, events arrive"
    raise Problem(f"{name}: the connection closed before anything came: try again")
