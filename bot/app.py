"""The bot as one thing: opened by the front door, fed by polling or by the webhook, closed gracefully."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand, LinkPreviewOptions, MenuButtonCommands, MenuButtonWebApp, WebAppInfo

from bot import handlers, polling
from bot.dialogs import DialogStorage, OneAtATime
from bot.ending import Ending
from bot.front import Front
from bot.intake import Feeds, Intake, Places
from bot.mailer import Mailer
from bot.notices import Postman
from bot.pace import Pace
from bot.people import People
from bot.polling import WANTED
from bot.telegram_http import TelegramHttp
from bot.turns import turns
from core import telegram_people
from core.config import Config
from core.errors import Invalid
from core.i18n import LANGUAGES, message, words
from core.leadership import lead
from core.secrets import Secrets

log = structlog.get_logger(__name__)

REQUEST_SECONDS = 20.0
DRAIN_SECONDS = 6.0  # of the ten in which the process stops
LEASE = timedelta(seconds=60)  # two processes may be sent the same update by the webhook
NO_LEASE = timedelta(0)
WEBHOOK_PATH = "/telegram/webhook"

COMMANDS = {
    "start": message("Menu"),
    "live": message("LIVE: on, off, status"),
    "activate": message("License: try, buy, activate a key"),
    "balance": message("Balance and history"),
    "topup": message("Add money with Stars"),
    "orders": message("Promote a video, see your orders"),
    "settings": message("Voice, chat, volume, notifications"),
    "language": message("Language"),
    "support": message("Ask a question"),
    "paysupport": message("Help with a payment"),
    "terms": message("Terms"),
    "help": message("What I can do"),
}


def make_bot(config: Config) -> Bot:
    """Raises `Invalid` naming the key where the token cannot be one."""
    if config.telegram.token is None:
        raise Invalid("telegram.token is not set", field="telegram.token")
    server = TelegramAPIServer.from_base(config.telegram.api_url)
    session = TelegramHttp(api=server, timeout=REQUEST_SECONDS)
    defaults = DefaultBotProperties(parse_mode="HTML", link_preview=LinkPreviewOptions(is_disabled=True))
    try:
        return Bot(config.telegram.token.get_secret_value(), session=session, default=defaults)
    except ValueError as error:
        raise Invalid("telegram.token: copy it again from @BotFather", field="telegram.token") from error


def webhook_secret(config: Config, secrets: Secrets) -> str:
    """What Telegram shows with each update: the configured one, else one of our own."""
    given = config.telegram.webhook_secret
    return given.get_secret_value() if given else secrets.derive("telegram webhook").hex()


class Robot:
    """Open with `async with`; leaving it lets what runs end, at most 6 s, and closes the connection."""

    def __init__(self, front: Front) -> None:
        config = front.services.config
        self._front = front
        self._is_webhook = config.telegram.mode == "webhook"
        self.bot = make_bot(config)
        self._people = People(front)
        self._ending = Ending()
        self.bot.session.middleware(
            Pace(
                front.services.clock,
                turns(front.services.clock, front.services.reach),
                self._note_blocked,
                front.services.counts.sending,
                self._ending,
            )
        )
        turns_of_people = OneAtATime(front.services.tasks, front.services.reach)
        feeds = build_feeds(front, self._people, turns_of_people)
        self.intake = Intake(front, feeds, self.bot, LEASE if self._is_webhook else NO_LEASE)
        self.postman = Postman(front, self.bot, turns_of_people, self._ending)
        self.mailer = Mailer(front.services.broadcasts, self.bot, self._ending)
        self._listening: asyncio.Task[None] | None = None
        self._talking: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Robot":
        spawn = self._front.services.tasks.spawn
        self._talking = [
            spawn(self.postman.run(), name="notices"),
            spawn(self.mailer.run(), name="broadcasts"),
        ]
        self._listening = spawn(self._serve(), name="telegram")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ending.announce()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._come_to_an_end()
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        await self.bot.session.close()

    async def _come_to_an_end(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await asyncio.gather(self.intake.drain(), *self._talking)

    async def receive(self, raw: Mapping[str, Any]) -> None:
        """An update by the webhook. Returns when it may be confirmed, refuses by `AppError`."""
        await self.intake.deliver(raw, may_wait=False)

    async def _serve(self) -> None:
        if self._is_webhook:
            await _until_done(self._set_webhook, "webhook")
        else:
            await _until_done(self.bot.delete_webhook, "webhook")
        await _until_done(self._introduce, "commands")
        if not self._is_webhook:
            # Telegram refuses a second one who asks.
            asking = {"polling": lambda: polling.poll(self.bot, self.intake)}
            await lead(self._front.services.db, "polling", asking)

    async def _set_webhook(self) -> None:
        services = self._front.services
        await self.bot.set_webhook(
            f"{services.config.web.public_url}{WEBHOOK_PATH}",
            secret_token=webhook_secret(services.config, services.secrets),
            allowed_updates=WANTED,
        )

    async def _introduce(self) -> None:
        for language in LANGUAGES:
            said = words(language)
            commands = [BotCommand(command=name, description=said(text)) for name, text in COMMANDS.items()]
            await self.bot.set_my_commands(commands, language_code=None if language == "en" else language)
        await self.bot.set_chat_menu_button(menu_button=self._menu_button())

    def _menu_button(self) -> MenuButtonWebApp | MenuButtonCommands:
        base = self._front.base_url
        if not base.startswith("https://"):
            return MenuButtonCommands()
        return MenuButtonWebApp(text="TTBoost", web_app=WebAppInfo(url=f"{base}/app"))

    async def _note_blocked(self, telegram_id: int) -> None:
        self._people.forget(telegram_id)
        async with self._front.services.db.begin() as uow:
            await telegram_people.note_reachable(uow, telegram_id, is_reachable=False)


def build_feeds(front: Front, people: People, turns_of_people: OneAtATime) -> Feeds:
    services = front.services
    dispatcher = Dispatcher(
        storage=DialogStorage(services.db, services.clock), events_isolation=turns_of_people, front=front
    )
    dispatcher.update.outer_middleware(Places())
    dispatcher.update.outer_middleware(people)
    dispatcher.include_routers(*handlers.routers())
    checkouts = Dispatcher(disable_fsm=True, front=front)
    checkouts.update.outer_middleware(people)
    checkouts.include_routers(*handlers.checkout_routers())
    return Feeds(dispatcher, checkouts)


async def _until_done(work: Callable[[], Awaitable[Any]], name: str) -> None:
    """Telegram may be out of reach for as long as it likes."""
    failures = 0
    while True:
        try:
            await work()
        except (TelegramAPIError, TimeoutError) as error:
            failures += 1
            polling.tell(error, failures, name)
            await asyncio.sleep(polling.pause(error, failures))
        else:
            return
