"""Each notice that may be unwelcome: it comes, stays away once it is switched off, and comes again."""

import asyncio
from datetime import datetime

import pytest

from bot.front import Front
from bot.handlers.settings import NOTICES as LABELS
from core import notices
from core.i18n import words
from core.notices import NoticeKind
from core.telegram_people import SWITCHABLE
from tests.bot.test_promotion import VIDEO
from tests.bot.test_texts import NOTICES
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram

ORDER = "ORD-20260101-000000"


@pytest.fixture
async def ann(ann: Person, front: Front, give, user_id) -> Person:
    await ann.asks("/start")
    await give(ann, 10_000)
    await front.orders.create(await user_id(ann), VIDEO, 100, "k", None)
    return ann


class Post:
    """Tells her one kind, and something that cannot be switched off behind it."""

    def __init__(self, front: Front, ann: Person, user_id: int) -> None:
        self._front, self._ann, self._user_id = front, ann, user_id
        self._count = 0

    async def brings(self, kind: NoticeKind) -> list[str]:
        """What she has read by the time the second comes."""
        self._count += 1
        self._front.orders.change(self._user_id, ORDER, view_count_delivered=self._count)
        before = {one["message_id"]: one["edits"] for one in self._ann.chat}
        data = NOTICES.get(kind, [{}])[0] | {"order_id": ORDER}
        last = f"last{self._count}"
        await self._tell(kind, f"k{self._count}", **data)
        await self._until_done()
        await self._tell(NoticeKind.CREDENTIALS_SET, last, username=last)
        await self._ann.hears(last)
        new = [one for one in self._ann.chat if before.get(one["message_id"]) != one["edits"]]
        return [one["text"] for one in new if last not in one["text"]]

    async def _tell(self, kind: NoticeKind, key: str, **data: object) -> None:
        async with self._front.services.db.begin() as uow:
            await notices.add(uow, self._user_id, kind, key, self._front.services.clock.now(), **data)

    async def _until_done(self) -> None:
        later = self._front.services.clock.now().replace(year=2100)
        async with asyncio.timeout(30):
            while await self._waiting(later):
                await asyncio.sleep(0.02)

    async def _waiting(self, later: datetime) -> bool:
        async with self._front.services.db.read() as uow:
            return bool(await uow.notices.due(later, 1))


@pytest.mark.parametrize("kind", SWITCHABLE)
async def test_it_comes_unless_it_is_switched_off(
    ann: Person, telegram: FakeTelegram, front: Front, user_id, kind: NoticeKind
):
    post = Post(front, ann, await user_id(ann))
    label = words("en")(LABELS[kind])

    assert await post.brings(kind)

    await ann.asks("/settings")
    await ann.presses("notices")
    await ann.presses(f"🔔 {label}")
    assert await post.brings(kind) == []

    await ann.asks("/settings")
    await ann.presses("notices")
    await ann.presses(f"🔕 {label}")
    assert await post.brings(kind)


async def test_a_press_that_comes_twice_switches_once(ann: Person, telegram: FakeTelegram):
    await ann.asks("/settings")
    await ann.presses("notices")
    shown = ann.chat[-1]
    off = ann.button("Payments")["callback_data"]

    for _ in range(2):
        await telegram.push(callback_query=ann.press(off, dict(shown)))
    await telegram.until(lambda: all(telegram.callbacks.values()))

    assert ann.button("Payments")["text"].startswith("🔕")
