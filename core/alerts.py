"""Telling the admins that something is wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core import notices
from core.notices import NoticeKind
from storage.db import UnitOfWork


async def tell_admins(
    uow: UnitOfWork, telegram_ids: Sequence[int], key: str, at: datetime, **data: Any
) -> None:
    """One `NoticeKind.ALERT` to each admin; `about` in the data names the kind of trouble."""
    for admin in await uow.accounts.list_admins(telegram_ids):
        await notices.add(uow, admin.id, NoticeKind.ALERT, key, at, **data)
