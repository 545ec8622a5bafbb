"""Notices on their way: what is due is claimed, sent by the bot, and finished with what became of it."""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from core.notices import NoticeKind
from core.telegram_people import SWITCHABLE
from storage.db import UnitOfWork
from storage.models import Notice, User

BATCH = 50
OF_ONE = 3  # of a batch: Telegram takes one message a second for a chat, and nobody waits for another's many
URGENT = (NoticeKind.RESET_CODE, NoticeKind.LINK_REQUEST, NoticeKind.REPLY)  # somebody sits there and waits
LEASE = timedelta(minutes=3)  # a claimed notice of a process that died is free again
SENDING = timedelta(minutes=2)  # as long as sending one may take: nobody else sends it meanwhile
OLDEST = timedelta(days=2)  # news that nobody needs any more
SHORT_LIVED = {
    NoticeKind.RESET_CODE: timedelta(minutes=15),
    NoticeKind.LINK_REQUEST: timedelta(minutes=15),
    NoticeKind.REPLY: timedelta(hours=1),
    NoticeKind.LIVE_BEGAN: timedelta(hours=2),
    NoticeKind.UNPLAYED: timedelta(minutes=30),
    NoticeKind.SPEECH_SPENT: timedelta(hours=12),
}
ATTEMPTS = 8
LONGEST_PAUSE = 3_600.0


class Letter(Struct, frozen=True, kw_only=True):
    """One notice, claimed, and to whom it goes."""

    notice_id: int
    user_id: int
    chat_id: int
    language: str | None
    kind: str
    data: dict[str, Any]
    attempts: int  # with this one
    claimed_until: datetime


async def claim(uow: UnitOfWork, now: datetime) -> tuple[list[Letter], int]:
    """What is due and ours to send, and how many were looked at. What nobody wants is finished at once."""
    due = await uow.notices.due(now, BATCH, of_one=OF_ONE, urgent=URGENT)
    letters = []
    for notice in due:
        user = await uow.accounts.get_user(notice.user_id)
        if reason := _unwanted(notice, user, now):
            await _finish(uow, notice.id, notice.kind, reason, now)
        elif user and user.telegram_id:
            letter = _letter(notice, user, user.telegram_id, now + LEASE)
            if await uow.notices.claim(notice, letter.claimed_until):
                letters.append(letter)
    return letters, len(due)


async def finish(uow: UnitOfWork, letter: Letter, outcome: str, now: datetime) -> None:
    await _finish(uow, letter.notice_id, letter.kind, outcome, now)


async def _finish(uow: UnitOfWork, notice_id: int, kind: str, outcome: str, now: datetime) -> None:
    """What a reply said is forgotten: it may have been a key that is shown but once."""
    await uow.notices.finish(notice_id, outcome, now)
    if kind == NoticeKind.REPLY:
        await uow.notices.forget(notice_id)


def is_late(letter: Letter, now: datetime) -> bool:
    """It has waited for its turn for so long that somebody else may claim it while it is being sent."""
    return now > letter.claimed_until - SENDING


async def give_back(uow: UnitOfWork, letter: Letter, now: datetime) -> None:
    """It was not tried after all."""
    await uow.notices.give_back(letter.notice_id, letter.claimed_until, now)


async def put_off(uow: UnitOfWork, letter: Letter, now: datetime) -> None:
    """Try again later, for longer each time, and not for ever."""
    if letter.attempts >= ATTEMPTS:
        await finish(uow, letter, "given_up", now)
        return
    pause = min(LONGEST_PAUSE, 5.0 * 2**letter.attempts)
    await uow.notices.put_off(letter.notice_id, now + timedelta(seconds=pause))


def _letter(notice: Notice, user: User, chat_id: int, claimed_until: datetime) -> Letter:
    return Letter(
        notice_id=notice.id,
        user_id=user.id,
        chat_id=chat_id,
        language=user.settings.get("language"),
        kind=notice.kind,
        data=notice.data,
        attempts=notice.attempts + 1,
        claimed_until=claimed_until,
    )


def _unwanted(notice: Notice, user: User | None, now: datetime) -> str | None:
    """Why it is not sent at all."""
    if user is None or user.telegram_id is None:
        return "no_chat"
    if notice.kind in user.muted and notice.kind in SWITCHABLE:
        return "muted"
    if not user.is_reachable:
        return "blocked"
    if now - notice.created_at > SHORT_LIVED.get(NoticeKind(notice.kind), OLDEST):
        return "too_old"
    return None
