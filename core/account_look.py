"""The look of an account's overlay, as stored, read and changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core import overlay_look
from core.account import require_user
from core.overlay_look import Look
from storage.db import UnitOfWork
from storage.models import ChangeKind, User


def of_user(user: User) -> Look:
    return overlay_look.restored(user.overlay_look)


async def get(uow: UnitOfWork, user_id: int) -> Look:
    return of_user(await require_user(uow, user_id))


async def change(
    uow: UnitOfWork, user_id: int, changes: Mapping[str, Mapping[str, Any]], now: datetime
) -> Look:
    """`changes`: some values of some widgets, all of them or none. Raises `Invalid` naming what is wrong."""
    user = await require_user(uow, user_id, lock=True)
    look = overlay_look.changed(of_user(user), changes)
    user.overlay_look = overlay_look.stored(look)
    uow.accounts.note_change(user_id, ChangeKind.SETUP, now)
    return look
