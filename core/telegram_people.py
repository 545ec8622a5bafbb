"""Whom the bot can write to, and which notices they do not want."""

from core.account import require_user
from core.errors import Invalid
from core.notices import NoticeKind
from storage.db import UnitOfWork


async def note_reachable(uow: UnitOfWork, telegram_id: int, *, is_reachable: bool) -> None:
    """They wrote to the bot, or have blocked it."""
    user = await uow.accounts.get_by_telegram_id(telegram_id, lock=True)
    if user and user.is_reachable != is_reachable:
        user.is_reachable = is_reachable


async def muted(uow: UnitOfWork, user_id: int) -> frozenset[str]:
    return frozenset((await require_user(uow, user_id)).muted)


async def switch(uow: UnitOfWork, user_id: int, kind: str, *, is_wanted: bool) -> frozenset[str]:
    """Those kinds of notice that are off now."""
    if kind not in SWITCHABLE:
        raise Invalid("kind: no such notice", field="kind")
    user = await require_user(uow, user_id, lock=True)
    others = frozenset(user.muted) - {kind}
    now = others if is_wanted else others | {kind}
    user.muted = sorted(now)
    return now


SWITCHABLE = (
    NoticeKind.LICENSE_ENDING,
    NoticeKind.LIVE_BEGAN,
    NoticeKind.LIVE_FAILED,
    NoticeKind.LIVE_DEAF,
    NoticeKind.UNPLAYED,
    NoticeKind.SPEECH_SPENT,
    NoticeKind.LIVE_REPORT,
    NoticeKind.ORDER_PROGRESS,
    NoticeKind.ORDER_ENDED,
    NoticeKind.PAYMENT,
)
"""What a person may not want to hear. The rest answers something they asked for."""
