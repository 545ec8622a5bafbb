"""A streamer's settings as stored, read and changed. What differs from the defaults is stored."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from core import usernames
from core.config import Plan
from core.errors import Invalid
from core.plan_limits import TIKTOK_CHANGES, Terms, refusal
from core.settings import Settings
from storage.db import UnitOfWork
from storage.models import TiktokName, User

Check = Callable[[UnitOfWork, int, Any], Awaitable[None]]
"""Gets the account's id and the new value of one setting; raises `Invalid` naming it."""

DEFAULTS: dict[str, Any] = msgspec.to_builtins(Settings())
MONTH = timedelta(days=30)

_PATH = re.compile(r" - at `\$\.(\w+)[^`]*`$")


def of_user(user: User) -> Settings:
    """Settings a newer program stored are left out."""
    known = {name: value for name, value in user.settings.items() if name in DEFAULTS}
    return msgspec.convert(known, Settings)


def changed(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """`settings` with `changes`, each checked. Raises `Invalid` naming the first wrong one."""
    for name in changes:
        if name not in DEFAULTS:
            raise Invalid(f"{name}: unknown setting", field=name)
    wanted = msgspec.to_builtins(settings) | dict(changes)
    if isinstance(wanted["tiktok_username"], str):
        wanted["tiktok_username"] = usernames.normalise(wanted["tiktok_username"], "tiktok_username")
    try:
        return msgspec.convert(wanted, Settings)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error


def stored(settings: Settings, chosen: Iterable[str] = ()) -> dict[str, Any]:
    """`chosen`: settings somebody has named. A language is kept once named: English may be their choice."""
    values = msgspec.to_builtins(settings)
    kept = {"language"} & set(chosen)
    return {name: value for name, value in values.items() if value != DEFAULTS[name] or name in kept}


async def take_tiktok_name(uow: UnitOfWork, user_id: int, name: str, terms: Terms, now: datetime) -> None:
    """Note that the account listens to `name` from now on; refuses what the plan does not reach.

    An account holds as many names as its plan allows and moves freely between them. A further one takes the
    place of the oldest and counts as a change.
    """
    plan, names = terms.plan, await uow.accounts.tiktok_names(user_id)
    if name in {held.unique_id for held in names[-plan.tiktok_usernames :]}:
        return
    changes = _changes_since(names, plan, now - MONTH)
    if len(names) >= plan.tiktok_usernames and changes >= plan.tiktok_changes_per_month:
        raise refusal(terms, TIKTOK_CHANGES, changes, field="tiktok_username")
    uow.accounts.add_tiktok_name(user_id, name, now)


def _changes_since(names: Sequence[TiktokName], plan: Plan, moment: datetime) -> int:
    return sum(name.since > moment for name in names[plan.tiktok_usernames :])


def _invalid(message: str) -> Invalid:
    found = _PATH.search(message)
    field = found[1] if found else "body"
    return Invalid(f"{field}: {_PATH.sub('', message)}", field=field)
