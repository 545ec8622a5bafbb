"""A forgotten password: six digits sent to the linked Telegram chat, good for ten minutes and five tries.

The database holds a keyed hash of the code, and a seed from which whoever has our key makes it again: the
bot, when it sends it. Neither a copy of the tables nor the export of an account tells a code.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from storage.db import UnitOfWork
from storage.models import ResetCode, User

VALID_FOR = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)  # between two codes for one account
MAX_TRIES = 5


async def new_code(uow: UnitOfWork, user: User, key: bytes, now: datetime) -> str | None:
    """The seed of a code that replaces the one before; None where another may not be sent yet.

    Tries are counted on while a code is good, so that asking anew buys nobody more guesses.
    """
    before = await uow.accounts.get_reset_code(user.id)
    is_good = before is not None and now < before.expires_at
    tries = before.tries if before and is_good else 0
    if before and is_good and (tries >= MAX_TRIES or now < before.expires_at - VALID_FOR + PAUSE):
        return None
    seed = secrets.token_urlsafe(16)
    code = code_of(seed, key)
    await uow.accounts.delete_reset_code(user.id)
    uow.accounts.add_reset_code(
        ResetCode(user_id=user.id, code_mac=_mac(user.id, code, key), expires_at=now + VALID_FOR, tries=tries)
    )
    return seed


def code_of(seed: str, key: bytes) -> str:
    """The six digits."""
    made = hmac.digest(key, f"code:{seed}".encode(), hashlib.sha256)
    return f"{int.from_bytes(made) % 1_000_000:06}"


async def is_right(uow: UnitOfWork, user: User, code: str, key: bytes, now: datetime) -> bool:
    """Counts the try where it is wrong: commit the transaction before refusing."""
    held = await uow.accounts.get_reset_code(user.id)
    if held is None or held.tries >= MAX_TRIES or now >= held.expires_at:
        return False
    if hmac.compare_digest(held.code_mac, _mac(user.id, code.strip(), key)):
        return True
    held.tries += 1
    return False


def _mac(user_id: int, code: str, key: bytes) -> str:
    return hmac.new(key, f"{user_id}:{code}".encode(), hashlib.sha256).hexdigest()
