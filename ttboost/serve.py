"""The running product: opens everything, says `ready`, waits for the signal to stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack

import structlog
import uvloop
from aiohttp import web

from core.config import Config
from core.errors import Invalid
from ttboost import logs
from ttboost.database import open_installation
from ttboost.demo.stage import furnish
from ttboost.process import calm_collector, raise_file_limit, spare_memory
from ttboost.wiring import open_services
from webapp.app import build_app
from webapp.keys import PROXIES
from webapp.server import LOOPBACK, Runner

log = structlog.get_logger(__name__)

ROLES = ("web", "bot", "live", "jobs")
SHUTDOWN_SECONDS = 3.0  # for requests that are being answered
BACKLOG = 1024


def run(config: Config, roles: Sequence[str] = ROLES, *, demo: bool = False) -> None:
    """Until SIGINT or SIGTERM."""
    spare_memory()
    raise_file_limit()
    logs.configure()
    uvloop.run(serve(config, roles, demo=demo))


async def serve(config: Config, roles: Sequence[str], *, demo: bool = False) -> None:
    stop = _until_signal()
    async with AsyncExitStack() as stack:
        listener = _bind(config)
        stack.callback(listener.close)
        opened = await stack.enter_async_context(open_installation(config, "demo" if demo else "serve"))
        services = await stack.enter_async_context(open_services(opened, is_demo=demo))
        app = build_app(services)
        runner = Runner(app, uncounted=(*LOOPBACK, *app[PROXIES]), shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        # Sockets end first, or the server would wait for them.
        stack.callback(services.studios.close)
        _note_roles(config, roles)
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
        address = _address(config, listener)
        if demo:
            for line in await furnish(services, address):
                _say(line)
        calm_collector()
        _say(f"ready {address}")
        await stop.wait()
        log.info("stopping")


def _note_roles(config: Config, roles: Sequence[str]) -> None:
    """What is configured and not done by this version is said once, not passed over."""
    if "bot" in roles:
        reason = "telegram.token is not set" if config.telegram.token is None else "not in this version"
        log.info("bot_left_out", reason=reason)
    if set(roles) != set(ROLES):
        log.warning("roles_not_split", reason="this version does all roles in one process")
    if not config.bus.url.startswith("memory:"):
        log.warning("bus_not_used", reason="this version shares nothing between processes")


def _bind(config: Config) -> socket.socket:
    """The port is taken before anything else is opened, so that a second server says so at once."""
    host, port = config.web.host, config.web.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Invalid(f"cannot listen on {host}:{port}: {error.strerror}", field="web.port") from error
    listener.setblocking(False)
    return listener


def _address(config: Config, listener: socket.socket) -> str:
    host = f"[{config.web.host}]" if ":" in config.web.host else config.web.host
    return f"http://{host}:{listener.getsockname()[1]}"


def _say(line: str) -> None:
    """An answer of the command: on stdout, at once."""
    with contextlib.suppress(BrokenPipeError):
        print(line, flush=True)  # noqa: T201


def _until_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop
