"""Licenses and users as lines of text."""

from collections.abc import Mapping
from datetime import datetime

from core import administration, license_clock, licenses, staff, usernames
from core.clock import iso
from core.license_clock import DAY
from core.money import amounts
from core.money.ledger import Balance
from storage.db import UnitOfWork
from storage.models import AuditEntry, License, LicenseStatus, User
from ttboost.database import Opened

LICENSE_COLUMNS = "KEY\tPLAN\tSTATUS\tDAYS\tLEFT\tUSER\tNOTE"
USER_COLUMNS = "ID\tUSERNAME\tTELEGRAM\tROLE\tPLAN\tEXPIRES\tBANNED"


async def license_rows(opened: Opened, status: str | None, batch: str | None, limit: int) -> list[str]:
    async with opened.db.read() as uow:
        wanted = LicenseStatus(status) if status else None
        rows = await uow.licenses.list_page(status=wanted, batch=batch, limit=limit)
        now = opened.clock.now()
        return [LICENSE_COLUMNS, *[await license_line(uow, row, now) for row in rows]]


async def license_line(uow: UnitOfWork, row: License, now: datetime) -> str:
    owner = await uow.accounts.get_user(row.user_id) if row.user_id is not None else None
    left = await _days_left(uow, row, owner, now)
    return "\t".join(
        (row.key_tail, row.plan, row.status.value, str(row.days), left, name_of(owner), row.note or "-")
    )


async def license_facts(opened: Opened, key: str) -> list[str]:
    async with opened.db.read() as uow:
        row = await licenses.find(uow, key, opened.secrets.license_pepper)
        owner = await uow.accounts.get_user(row.user_id) if row.user_id is not None else None
        facts = {
            "key": f"…{row.key_tail}",
            "plan": row.plan,
            "status": row.status.value,
            "days": row.days,
            "days left": await _days_left(uow, row, owner, opened.clock.now()),
            "user": name_of(owner),
            "issued": iso(row.created_at),
            "redeemed": iso(row.redeemed_at) if row.redeemed_at else "-",
            "batch": row.batch or "-",
            "note": row.note or "-",
        }
        done = await uow.audit.list_page(subject=f"license:{row.key_tail}")
    return [*_lines(facts), *map(_entry, reversed(done))]


async def user_rows(opened: Opened, text: str, limit: int) -> list[str]:
    async with opened.db.read() as uow:
        users = await uow.accounts.list_users(text=usernames.fold(text), limit=limit)
        return [USER_COLUMNS, *[await user_line(uow, opened, user) for user in users]]


async def user_line(uow: UnitOfWork, opened: Opened, user: User) -> str:
    state = await licenses.state(uow, user, opened.clock.now(), opened.config)
    telegram = f"tg:{user.telegram_id}" if user.telegram_id is not None else "-"
    return "\t".join(
        (
            str(user.id),
            user.username or "-",
            telegram,
            staff.role_of(user, opened.config).value,
            state.plan or "-",
            iso(state.expires_at) if state.expires_at else "-",
            "banned" if user.is_banned else "-",
        )
    )


async def user_facts(opened: Opened, text: str) -> list[str]:
    async with opened.db.read() as uow:
        user = await administration.find_user(uow, text)
        state = await licenses.state(uow, user, opened.clock.now(), opened.config)
        facts = {
            "id": user.id,
            "username": user.username or "-",
            "telegram": f"tg:{user.telegram_id}" if user.telegram_id is not None else "-",
            "role": _role(user, opened),
            "banned": "yes" if user.is_banned else "no",
            "plan": state.plan or "-",
            "license expires": iso(state.expires_at) if state.expires_at else "-",
            "created": iso(user.created_at),
            "last seen": iso(user.last_seen_at) if user.last_seen_at else "-",
        }
        now = opened.clock.now()
        keys = [
            f"license: {await license_line(uow, row, now)}"
            for row in await uow.licenses.list_of_user(user.id)
        ]
        done = await uow.audit.list_page(subject=f"user:{user.id}")
    return [*_lines(facts), *keys, *map(_entry, reversed(done))]


def _role(user: User, opened: Opened) -> str:
    role = staff.role_of(user, opened.config).value
    return f"{role} (telegram.admin_ids)" if staff.is_configured(user, opened.config) else role


def balance_line(user: User, balance: Balance, currency: str) -> str:
    parts = [(balance.available, "available"), (balance.held, "set aside"), (balance.debt, "owed")]
    told = [f"{amounts.words(amount, currency)} {word}" for amount, word in parts if amount or word != "owed"]
    return f"{name_of(user)}: {', '.join(told)}"


def name_of(user: User | None) -> str:
    if user is None:
        return "-"
    return user.username or f"tg:{user.telegram_id}"


async def _days_left(uow: UnitOfWork, row: License, owner: User | None, now: datetime) -> str:
    seconds = row.remaining_seconds
    if owner:
        keys = await uow.licenses.list_of_user(owner.id)
        seconds = license_clock.remaining_at(owner, keys, now)[row.id]
    return f"{seconds / DAY:.1f}"


def _lines(facts: Mapping[str, object]) -> list[str]:
    return [f"{name}: {value}" for name, value in facts.items()]


def _entry(entry: AuditEntry) -> str:
    details = " ".join(f"{name}={value}" for name, value in entry.details.items())
    return f"{iso(entry.at)} {entry.actor} {entry.action} {details}".rstrip()
