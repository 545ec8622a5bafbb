"""A sound gets another name, and so does everything that plays it."""

from core.clock import Clock
from core.errors import Invalid, SoundExists, SoundNotFound
from core.sounds import builtin, names
from core.sounds.service import SoundView, view_of
from core.triggers import service as triggers
from storage.db import UnitOfWork
from storage.models import ChangeKind, User


async def rename(uow: UnitOfWork, account_id: int, filename: str, wanted: str, clock: Clock) -> SoundView:
    """Triggers and settings that play it follow.

    Refuses a name of another sound, a built-in one's too, and one that would not stay as it was typed.
    """
    user = await uow.accounts.get_user(account_id, lock=True)
    row = await uow.sounds.get(account_id, names.key(filename))
    if row is None or user is None:
        raise SoundNotFound
    name = names.clean(wanted)
    folded = names.key(name)
    if not (folded and names.is_kept_whole(wanted)):
        raise Invalid(
            'filename: not empty, no dot at either end, none of / \\ < > : " | ? *', field="filename"
        )
    if folded != row.filename_folded and await _is_taken(uow, account_id, name):
        raise SoundExists(filename=name, field="filename")
    await triggers.rename_sound(uow, account_id, row.filename, name)
    _rename_in_settings(user, row.filename_folded, name)
    row.filename, row.filename_folded = name, folded
    uow.accounts.note_change(account_id, ChangeKind.SETUP, clock.now())
    return view_of(row)


async def _is_taken(uow: UnitOfWork, account_id: int, name: str) -> bool:
    return bool(builtin.get_builtin(name) or await uow.sounds.get(account_id, names.key(name)))


def _rename_in_settings(user: User, folded: str, name: str) -> None:
    chosen = user.settings.get("default_gift_sound")
    if chosen and names.key(chosen) == folded:
        user.settings = {**user.settings, "default_gift_sound": name}
