"""The operators' desk: who sits at it, and its one kind of dialog: a question, "are you sure?", the deed."""

from collections.abc import Awaitable, Callable

from aiogram.filters import Filter
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message
from msgspec import Struct

from bot.front import Front, Person
from bot.screens import Screen, button
from core import staff
from core.errors import Invalid
from core.i18n import Html, message

ASK = "adm:ask:"  # begins a deed: its name, and what it is done to
BACK = "adm:back"
PAGE = 8


class Asked(Struct, frozen=True):
    """What a deed is done to, what was answered, and its idempotency key."""

    about: str
    said: str = ""
    key: str = ""


Reply = Callable[[Asked, Person, Front], Awaitable[Screen]]
Saying = Callable[[Asked, Person, Front], Awaitable[Html]]
Usual = Callable[[Asked, Person, Front], Awaitable[tuple[str, str]]]


class Deed(Struct, frozen=True, kw_only=True):
    """`sure` refuses what cannot be done before it asks. Without a `question` there is nothing to answer."""

    act: Reply
    question: str = ""
    usual: Usual | None = None  # the default of the question: label of its button, and the answer it gives
    sure: Saying | None = None
    place: str = ""  # whose card "Back" shows
    needed: str = "admin"  # the least role that may do it


DEEDS: dict[str, Deed] = {}
"""By name; each file of this desk adds its own."""


class Staff(Filter):
    """Lets pass whose role reaches `needed`; to everybody else there is no such thing."""

    def __init__(self, needed: str) -> None:
        self._needed = needed

    async def __call__(self, _event: Message | CallbackQuery, who: Person, front: Front) -> bool:
        return staff.reaches(await role_of(who, front), self._needed)


async def role_of(who: Person, front: Front) -> str:
    return (await front.services.access.of(who.user_id)).role


async def is_admin(who: Person, front: Front) -> bool:
    return staff.reaches(await role_of(who, front), "admin")


def back(who: Person) -> list[InlineKeyboardButton]:
    return [button(who.words(message("⬅️ Desk")), BACK)]


def begin(label: str, deed: str, about: object = "") -> InlineKeyboardButton:
    """The button that begins a deed."""
    return button(label, f"{ASK}{deed}:{about}")


def whole(text: str, field: str) -> int:
    """What an operator typed. Raises `Invalid` naming the field."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(f"{field}: a whole number", field=field)
    return int(text)
