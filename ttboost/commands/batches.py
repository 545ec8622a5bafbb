"""Batches of license keys: as a file, and as lines of text."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core import license_batches
from core.clock import iso
from core.errors import Invalid
from core.licenses import Batch, Issued
from ttboost.database import Opened

COLUMNS = "BATCH\tPLAN\tDAYS\tISSUED\tREDEEMED\tSUSPENDED\tREVOKED\tMADE\tNOTE"


@contextmanager
def prepared(path: Path | None) -> Iterator[TextIO | None]:
    """A new file for the owner alone, made before the keys are: they can be read only once."""
    if path is None:
        yield None
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Invalid(f"cannot write {path}: {error.strerror}", field="file") from error
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        try:
            yield file
        finally:
            if file.tell() == 0:  # no keys were made
                path.unlink()


def write(file: TextIO, issued: Issued, batch: Batch) -> None:
    file.write(
        license_batches.as_csv(
            issued.keys, plan=batch.plan, days=batch.days, batch=issued.batch, note=batch.note
        )
    )


async def rows(opened: Opened, limit: int) -> list[str]:
    async with opened.db.read() as uow:
        found, _ = await license_batches.batches(uow, limit=limit)
    return [COLUMNS, *map(_line, found)]


def _line(one: license_batches.BatchView) -> str:
    counts = (one.issued, one.redeemed, one.suspended, one.revoked)
    return "\t".join(
        (one.batch, one.plan, str(one.days), *map(str, counts), iso(one.created_at), one.note or "-")
    )
