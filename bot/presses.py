"""Presses of buttons: which handler takes one, and what it is told of it.

A button's data may be years old, of another version, or forged. What cannot be read is taken by nobody, and
so by the fallback, which says that the button is out of date.
"""

from collections.abc import Callable
from typing import Any

from aiogram.filters import Filter
from aiogram.types import CallbackQuery

LONGEST_NUMBER = 9  # digits: what every column of every database takes

Read = Callable[[str], Any]
"""What follows the beginning, as the handler needs it; None: it makes no sense."""


class Press(Filter):
    """Takes buttons with just these data."""

    def __init__(self, *data: str) -> None:
        self.data = data

    async def __call__(self, event: CallbackQuery) -> bool:
        return event.data in self.data


class PressOf(Filter):
    """Takes buttons whose data begin so; the rest is the handler's `about`."""

    def __init__(self, begins: str, read: Read) -> None:
        self.begins = begins
        self._read = read

    async def __call__(self, event: CallbackQuery) -> bool | dict[str, Any]:
        data = event.data or ""
        if not data.startswith(self.begins):
            return False
        about = self._read(data.removeprefix(self.begins))
        return False if about is None else {"about": about}


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def step(*known: str) -> Read:
    """`step:number`, of these steps."""

    def read(text: str) -> tuple[str, int] | None:
        name, _, rest = text.partition(":")
        found = number(rest)
        return (name, found) if name in known and found is not None else None

    return read


def word(text: str) -> str | None:
    return text if text.isprintable() and text else None
