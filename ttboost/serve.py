"""The running product: opens everything, says `ready`, waits for the signal to stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog
import uvloop
from aiohttp import web

from core.config import Config, Telegram
from core.errors import Invalid
from core.services import Services
from ttboost import logs
from ttboost.cluster import ALL_ROLES
from ttboost.database import open_installation
from ttboost.demo.stage import furnish
from ttboost.process import calm_collector, raise_file_limit, spare_memory
from ttboost.wiring import open_services
from webapp.app import build_app
from webapp.keys import PROXIES, Updates
from webapp.server import LOOPBACK, Runner

if TYPE_CHECKING:
    from bot.app import Robot

log = structlog.get_logger(__name__)

SHUTDOWN_SECONDS = 3.0  # for requests that are being answered
BACKLOG = 1024


def run(config: Config, roles: Sequence[str] = ALL_ROLES, *, demo: bool = False) -> None:
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
        services = await stack.enter_async_context(open_services(opened, roles, is_demo=demo))
        address = _address(config, listener)
        robot = _robot(services, roles, address)
        app = build_app(services, _updates(services, robot), is_for_people="web" in roles)
        runner = Runner(app, uncounted=(*LOOPBACK, *app[PROXIES]), shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        # Sockets end first, or the server would wait for them.
        stack.callback(services.studios.close)
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
        if robot is not None:
            await stack.enter_async_context(robot)
        if demo:
            for line in await furnish(services, address):
                _say(line)
        calm_collector()
        _say(f"ready {address}")
        await stop.wait()
        log.info("stopping")


def _robot(services: Services, roles: Sequence[str], address: str) -> "Robot | None":
    """None: no such role here, or no token. Only then is aiogram imported: it takes a hundred megabytes."""
    telegram = services.config.telegram
    if "bot" not in roles:
        return None
    if telegram.token is None:
        log.info("bot_left_out", reason="telegram.token is not set")
        return None
    check_webhook(services.config)
    from bot.app import Robot
    from bot.front import Front

    return Robot(
        Front(
            services=services,
            address=address,
            identity=services.identity,
            shop=services.shop,
            payments=services.payments,
            orders=services.orders,
            tickets=services.tickets,
            referrals=services.referrals,
        )
    )


def check_webhook(config: Config) -> None:
    """Telegram itself pushes updates to https alone; a Bot API server of one's own to http, too."""
    url, is_theirs = config.web.public_url or "", config.telegram.api_url.rstrip("/") == Telegram().api_url
    if config.telegram.mode == "webhook" and not url.startswith("https://" if is_theirs else "http"):
        what = "an https web.public_url" if is_theirs else "web.public_url"
        raise Invalid(f"telegram.mode: webhook needs {what}", field="telegram.mode")


def _updates(services: Services, robot: "Robot | None") -> Updates | None:
    """Where Telegram pushes updates to, where it does."""
    if robot is None or services.config.telegram.mode != "webhook":
        return None
    from bot.app import webhook_secret

    return Updates(webhook_secret(services.config, services.secrets).encode(), robot.receive)


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
