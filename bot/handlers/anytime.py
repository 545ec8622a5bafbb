"""What is understood at any moment, also inside a dialog: a license key and the link of a video."""

import re

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.front import Front, Person
from bot.handlers import activation, promotion

KEY = re.compile(r"TTB([\s\-‐-―−]*[0-9A-Z]){10,14}", re.IGNORECASE)


def router() -> Router:
    router = Router(name="anytime")
    router.message.register(take_key, F.text, F.text.func(is_key))
    router.message.register(take_link, F.text, F.text.func(is_link))
    return router


def is_key(text: str) -> bool:
    return KEY.fullmatch(text.strip()) is not None


def is_link(text: str) -> bool:
    return promotion.LINK.fullmatch(text.strip()) is not None


async def take_key(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    await activation.activate(event, event.text or "", who, front, state)


async def take_link(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    await promotion.take_link(event, who, front, state)
