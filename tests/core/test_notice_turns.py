"""Whose turn it is to be told something."""

import pytest

from core import notice_post, notices
from core.notices import NoticeKind
from storage.db import Database
from storage.models import User
from tests.fakes import MovedClock


@pytest.fixture
async def people(db: Database, clock: MovedClock) -> tuple[int, int]:
    made = [User(telegram_id=number, is_reachable=True, created_at=clock.now()) for number in (1, 2)]
    async with db.begin() as uow:
        for user in made:
            await uow.accounts.add_user(user)
        return made[0].id, made[1].id


@pytest.fixture
def tell(db: Database, clock: MovedClock):
    async def tell(user_id: int, kind: NoticeKind, count: int = 1) -> None:
        async with db.begin() as uow:
            for number in range(count):
                await notices.add(uow, user_id, kind, f"{kind}:{number}", clock.now())

    return tell


@pytest.fixture
def claimed(db: Database, clock: MovedClock):
    async def claimed() -> list[tuple[int, str]]:
        async with db.begin() as uow:
            letters, _ = await notice_post.claim(uow, clock.now())
        return [(letter.user_id, letter.kind) for letter in letters]

    return claimed


async def test_nobody_waits_for_anothers_many(people, tell, claimed):
    chatty, other = people
    await tell(chatty, NoticeKind.ORDER_ENDED, 60)
    await tell(other, NoticeKind.TICKET)

    assert (other, "ticket") in await claimed()


async def test_a_code_comes_before_what_waits_longer(people, tell, claimed):
    chatty, _ = people
    await tell(chatty, NoticeKind.ORDER_ENDED, 60)
    await tell(chatty, NoticeKind.RESET_CODE)

    assert (await claimed())[0] == (chatty, "reset_code")


async def test_the_rest_comes_in_its_order(people, tell, claimed):
    chatty, _ = people
    await tell(chatty, NoticeKind.ORDER_ENDED, 4)

    assert [len(await claimed()) for _ in range(3)] == [3, 1, 0]
