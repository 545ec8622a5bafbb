"""Keys made together, for an operator who sells them: what became of a batch, and of each of its keys."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from core.errors import NotFound
from storage.db import UnitOfWork
from storage.models import License

COLUMNS = ("license_key", "plan", "days", "batch", "note")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BatchView(Struct, frozen=True, kw_only=True):
    """`plan`, `days` and `note` of its first key; a rotated key counts once more as issued and revoked."""

    batch: str
    plan: str
    days: int
    note: str
    created_at: datetime
    issued: int
    redeemed: int
    suspended: int
    revoked: int


async def batches(
    uow: UnitOfWork, *, text: str = "", limit: int = 100, offset: int = 0
) -> tuple[list[BatchView], int]:
    """Newest first, and how many there are."""
    rows = await uow.licenses.batches(text=text, limit=limit, offset=offset)
    first = await uow.licenses.list_by_id([row.first_id for row in rows])
    views = [
        BatchView(
            batch=row.batch,
            plan=first[row.first_id].plan,
            days=first[row.first_id].days,
            note=first[row.first_id].note,
            created_at=first[row.first_id].created_at,
            issued=row.issued,
            redeemed=row.redeemed,
            suspended=row.suspended,
            revoked=row.revoked,
        )
        for row in rows
    ]
    return views, await uow.licenses.count_batches(text)


async def keys_of_batch(
    uow: UnitOfWork, batch: str, *, limit: int = 100, offset: int = 0
) -> tuple[Sequence[License], int]:
    """Newest first, and how many there are. Raises `NotFound`."""
    total = await uow.licenses.count(batch=batch)
    if total == 0:
        raise NotFound(f"no such batch: {batch}")
    return await uow.licenses.list_page(batch=batch, limit=limit, offset=offset), total


def as_csv(keys: Sequence[str], *, plan: str, days: int, batch: str, note: str) -> str:
    """The keys of a new batch as a table; a spreadsheet takes none of it for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    safe = f"'{note}" if note.startswith(_FORMULA) else note
    writer.writerows((key, plan, days, batch, safe) for key in keys)
    return text.getvalue()
