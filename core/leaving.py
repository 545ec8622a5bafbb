"""Deleting an account for good, by its owner.

Books stay, as they must: the ledger, orders and payments, under a number that names nobody any more.
"""

from core import license_clock
from core.account import require_user
from core.accounts import Accounts
from core.audit import Act
from core.clock import Clock, iso
from core.errors import BalanceLeft, InvalidCredentials, OrdersOpen
from core.init_data import InitData
from core.money import adjustments, ledger
from storage.db import Database, UnitOfWork
from storage.models import DELETED, ChangeKind, LicenseStatus, User, UserRole

REASON = "account deleted by its owner"


class Leaving:
    def __init__(self, db: Database, accounts: Accounts, clock: Clock) -> None:
        self._db = db
        self._accounts = accounts
        self._clock = clock

    async def delete(self, user_id: int, proof: str | InitData, *, gives_up_balance: bool = False) -> None:
        """`proof`: the account's password, or what Telegram has just said of whoever asks.

        Raises `InvalidCredentials`, `OrdersOpen` while money is held, and `BalanceLeft` unless the owner
        gives it up.
        """
        await self._prove(user_id, proof)
        by = Act(f"user:{user_id}", self._clock.now())
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            await _end_licenses(uow, user, by)
            await _settle(uow, user, by, gives_up_balance=gives_up_balance)
            await uow.leaving.erase(user_id, user.telegram_id)
            _forget(user)
            by.note(uow, "account.deleted", f"user:{user_id}")
            for kind in (ChangeKind.ACCESS, ChangeKind.SETUP):
                uow.accounts.note_change(user_id, kind, by.at)

    async def _prove(self, user_id: int, proof: str | InitData) -> None:
        async with self._db.read() as uow:
            user = await require_user(uow, user_id)
        if isinstance(proof, InitData):
            if user.telegram_id != proof.telegram_id:
                raise InvalidCredentials
        elif user.username is None or (await self._accounts.prove(user.username, proof)).id != user_id:
            raise InvalidCredentials


async def _end_licenses(uow: UnitOfWork, user: User, by: Act) -> None:
    keys = list(await uow.licenses.list_of_user(user.id, lock=True))
    license_clock.settle(user, keys, by.at)
    for key in keys:
        key.status = LicenseStatus.REVOKED


async def _settle(uow: UnitOfWork, user: User, by: Act, *, gives_up_balance: bool) -> None:
    left = await ledger.balance(uow, user.id)
    if left.held:
        raise OrdersOpen
    if left.available <= 0:
        return
    if not gives_up_balance:
        raise BalanceLeft(available=left.available)
    await adjustments.debit(uow, user, left.available, REASON, f"leaving:{user.id}:{iso(by.at)}", by)


def _forget(user: User) -> None:
    user.username = user.password_hash = user.telegram_id = None
    user.first_name = user.last_name = user.telegram_name = ""
    user.settings, user.overlay_look, user.muted = {}, {}, []
    user.is_reachable, user.role = False, UserRole.USER
    user.token_version += 1
    user.overlay_version += 1
    user.joined_into = DELETED
