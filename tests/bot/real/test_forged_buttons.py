"""Buttons of other times and of nobody's making: every kind of button there is, with data it never had.

The kinds are read from the routers, so a new one is tried here by itself.
"""

import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog
from aiogram import Router
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.fsm.state import State
from aiogram.types import Update

from bot import handlers
from bot.app import build_feeds, make_bot
from bot.dialogs import OneAtATime
from bot.ending import Ending
from bot.front import Front
from bot.pace import Pace
from bot.people import People
from bot.presses import Press, PressOf
from bot.turns import OwnTurns
from core.clock import Clock
from core.counting import Sending
from tests.bot.real.conftest import BOSS
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram

Kind = tuple[Press | PressOf, State | None]

JUNK = (
    "",
    "x",
    "-1",
    "1.5",
    "٣",
    "\0",
    " ",
    ":",
    "0:0:0",
    "abc:99",
    "support:99",
    "support:",
    "payment:-1",
    "rotate:x",
    "start:99999999999999999999",
    "resume:7",
    "credit:x",
    "tts_volume=loud",
    "tts_volume=1000",
    "chat_tts_mode=",
    "enabled=1",
    "ORD-20260101-ABCDEF",
    "ORD-1",
    "' OR 1=1 --",
    "<b>",
    "0",
    "999999999",
    "99999999999999999999",
)

UNREAD = 4  # of each kind are pressed: what nobody reads goes one way


def pressed() -> Iterator[HandlerObject]:
    for router in handlers.routers():
        yield from _of(router)


def _of(router: Router) -> Iterator[HandlerObject]:
    yield from router.callback_query.handlers
    for inner in router.sub_routers:
        yield from _of(inner)


def kind_of(handler: HandlerObject) -> Kind | None:
    filters = [one.callback for one in handler.filters or []]
    press = next((one for one in filters if isinstance(one, Press | PressOf)), None)
    return (press, next((one for one in filters if isinstance(one, State)), None)) if press else None


KINDS = [kind for handler in pressed() if (kind := kind_of(handler))]
PARTLY_READ = [kind for kind in KINDS if isinstance(kind[0], PressOf)]
WHOLLY_READ = [kind for kind in KINDS if isinstance(kind[0], Press)]


class Unhurried(Clock):
    """A minute passes between any two looks at it: nothing ever waits for its turn."""

    def __init__(self) -> None:
        self._minutes = itertools.count(1)

    def monotonic(self) -> float:
        return 60.0 * next(self._minutes)


class Forger:
    """Feeds presses to the dispatcher, more of them than a chat has the patience for."""

    def __init__(self, front: Front, telegram: FakeTelegram) -> None:
        self._telegram = telegram
        self._bot = make_bot(front.services.config)
        self._bot.session.middleware(
            Pace(Unhurried(), OwnTurns(Unhurried()), self._note_blocked, Sending(), Ending())
        )
        isolation = OneAtATime(front.services.tasks, None)
        self._dispatcher = build_feeds(front, People(front), isolation).dispatcher
        self.person = Person(telegram, BOSS, name="Boss")
        self.log: list[Any] = []

    async def close(self) -> None:
        await self._bot.session.close()

    async def _note_blocked(self, _telegram_id: int) -> None:
        raise AssertionError("nobody has blocked the bot")

    async def begins(self) -> None:
        await self._feed(message=self.person.message(text="/start"))

    async def press(self, data: str, state: State | None) -> str:
        """What is answered, in that state with nothing known of it."""
        context = self._dispatcher.fsm.get_context(self._bot, self.person.id, self.person.id)
        await context.set_data({})
        await context.set_state(state)
        shown = self.person.chat[-1]
        seen = self._seen()
        with structlog.testing.capture_logs() as self.log:
            await self._feed(callback_query=self.person.press(data, shown))
        assert not [line for line in self.log if line["log_level"] in ("error", "critical")], data
        assert sum(one not in seen for one in self._seen()) <= 1, "more than one answer"
        return str(self.person.chat[-1]["text"])

    def _seen(self) -> list[tuple[int, int]]:
        return [(message["message_id"], message["edits"]) for message in self.person.chat]

    async def _feed(self, **update: Any) -> None:
        raw = {"update_id": self._telegram.next_id(), **update}
        await self._dispatcher.feed_update(self._bot, Update.model_validate(raw, context={"bot": self._bot}))


@pytest.fixture
async def forger(front: Front, telegram: FakeTelegram) -> AsyncIterator[Forger]:
    made = Forger(front, telegram)
    await made.begins()
    yield made
    await made.close()


def test_every_press_says_how_its_data_are_read():
    """Only the fallback takes what nobody reads."""
    others = [handler.callback for handler in pressed() if kind_of(handler) is None]

    assert others == [handlers.fallback.answer_old_button]


@pytest.mark.parametrize("kind", PARTLY_READ, ids=lambda kind: f"{kind[0].begins} {kind[1]}")
async def test_junk_behind_a_known_beginning_is_calmly_refused(kind: Kind, forger: Forger):
    press, state = kind
    room = 64 - len(press.begins.encode())
    junk = (*JUNK, "9" * room, "z" * room, "💥" * (room // 4))
    data = [f"{press.begins}{one}"[:64] for one in junk]
    read = [one for one in data if press._read(one.removeprefix(press.begins)) is not None]

    for one in (one for one in data if one in read or is_taken_whole(one)):
        assert await forger.press(one, state)
    for one in [one for one in data if one not in read and not is_taken_whole(one)][-UNREAD:]:
        answer = await forger.press(one, state)

        assert "out of date" in answer, one
        ways_on = {button.get("callback_data") for button in forger.person.buttons()}
        assert ways_on & {"menu", "live"}, "no way to the menu, and it is not the menu either"


@pytest.mark.parametrize("kind", WHOLLY_READ, ids=lambda kind: f"{kind[0].data[0]} {kind[1]}")
async def test_a_button_of_a_dialog_nothing_is_known_of_harms_nothing(kind: Kind, forger: Forger):
    press, state = kind

    for data in press.data:
        assert await forger.press(data, state)


def is_taken_whole(data: str) -> bool:
    """By another kind, whose data it is to the letter, or which begins longer."""
    return any(
        data in press.data
        if isinstance(press, Press)
        else data.startswith(press.begins) and press._read(data.removeprefix(press.begins)) is not None
        for press, _ in KINDS
    )
