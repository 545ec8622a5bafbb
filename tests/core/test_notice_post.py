"""Notices that several processes carry: claimed by one at a time, sent while the claim lasts."""

from datetime import timedelta

import pytest

from core import notice_post, notices
from core.notice_post import LEASE, SENDING
from core.notices import NoticeKind
from storage.db import Database
from tests.core.people import person
from tests.fakes import MovedClock

NOW = MovedClock().now()


@pytest.fixture
async def due(db: Database) -> Database:
    user = await person(db, 1001)
    async with db.begin() as uow:
        user = await uow.accounts.get_user(user.id, lock=True)
        user.is_reachable = True
        await notices.add(uow, user.id, NoticeKind.PAYMENT, "paid:1", NOW, what="top_up", amount=1)
    return db


async def claimed(db, now):
    async with db.begin() as uow:
        letters, _ = await notice_post.claim(uow, now)
    return letters


async def test_what_one_claimed_no_other_gets_while_it_may_be_sent(due):
    (letter,) = await claimed(due, NOW)
    begun_at = NOW + LEASE - SENDING

    assert not notice_post.is_late(letter, begun_at)
    assert await claimed(due, begun_at + SENDING - timedelta(seconds=1)) == []


async def test_what_waited_too_long_to_be_begun_is_late(due):
    (letter,) = await claimed(due, NOW)

    assert notice_post.is_late(letter, NOW + LEASE - SENDING + timedelta(seconds=1))


async def test_what_was_given_back_is_due_at_once_and_was_no_try(due):
    (letter,) = await claimed(due, NOW)
    async with due.begin() as uow:
        await notice_post.give_back(uow, letter, NOW)

    (again,) = await claimed(due, NOW)

    assert again.attempts == letter.attempts == 1


async def test_what_another_has_claimed_since_is_not_given_back(due):
    (letter,) = await claimed(due, NOW)
    later = NOW + LEASE
    assert len(await claimed(due, later)) == 1
    async with due.begin() as uow:
        await notice_post.give_back(uow, letter, later)

    assert await claimed(due, later) == []
