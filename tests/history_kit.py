"""Rows of history as the journal writes them."""

from datetime import datetime, timedelta
from typing import Any

from storage.db import Database
from storage.models import HistoryRow
from tests.fakes import MovedClock

START = MovedClock().now()


def row(
    number: int, kind: str = "chat", user_id: int = 1, *, played: bool = False, **data: Any
) -> HistoryRow:
    """That many seconds after `START`, told as `m<number>`."""
    at = START + timedelta(seconds=number)
    return HistoryRow(
        user_id=user_id,
        live_id=None,
        message_id=f"m{number}",
        seq=number,
        at=at,
        type=kind,
        data={"sent": True, **data},
        played_at=at + timedelta(seconds=2) if played else None,
    )


def by(nickname: str = "Ann", username: str = "ann_1") -> dict[str, str]:
    return {"nickname": nickname, "username": username}


def gift(number: int, name: str = "Rose", diamonds: int = 1, count: int = 1, **data: Any) -> HistoryRow:
    about = {"gift_name": name, "gift_id": 5655, "diamonds": diamonds, "count": count, "streak_total": count}
    return row(number, "gift", **{"user": by(), "phase": "only", **about, **data})


async def keep(db: Database, *rows: HistoryRow) -> None:
    async with db.begin() as uow:
        uow.history._session.add_all(rows)


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
