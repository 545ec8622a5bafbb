"""What became of each event of a LIVE: matched or refused and by what, spoken, sent, played."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.clock import iso
from core.errors import Invalid, NotFound
from storage.db import UnitOfWork
from storage.models import HistoryRow

_TOLD = ("chat", "gift", "follow", "share", "subscribe", "effect")

_NOTHING: dict[str, Any] = {
    "user": None,
    "fired": [],
    "refused": [],
    "speech": None,
    "sent": False,
    "heard_by": [],
    "dropped": None,
}
"""What a row leaves out where there is nothing to tell."""


async def get_event(uow: UnitOfWork, user_id: int, message_id: str) -> dict[str, Any]:
    """The event told under this `id` on the socket."""
    row = await uow.history.get_event(user_id, message_id)
    if row is None:
        raise NotFound
    return _view(row)


async def list_events(uow: UnitOfWork, user_id: int, since: str, limit: int) -> list[dict[str, Any]]:
    """Oldest first. Without `since` the latest ones; with it those after that event, or from that time on."""
    return [_view(row) for row in await _rows(uow, user_id, since, limit)]


async def list_told(uow: UnitOfWork, user_id: int, limit: int) -> list[dict[str, Any]]:
    """The latest ones worth a line, oldest first: joins and likes come in floods."""
    return [_view(row) for row in await uow.history.list_latest_of(user_id, _TOLD, limit)]


async def _rows(uow: UnitOfWork, user_id: int, since: str, limit: int) -> Sequence[HistoryRow]:
    if not since:
        return await uow.history.list_latest(user_id, limit)
    if moment := _moment(since):
        return await uow.history.list_since(user_id, moment, limit)
    last = await uow.history.get_event(user_id, since)
    if last is None:
        raise Invalid("since: neither a time nor the id of an event", field="since")
    return await uow.history.list_after(user_id, last.id, limit)


def _moment(text: str) -> datetime | None:
    """ISO 8601; without a zone it is UTC. A `+` may have become a blank on its way through the address."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the first and the last day have no time in every zone
        return None


def _view(row: HistoryRow) -> dict[str, Any]:
    return {
        **_NOTHING,
        **row.data,
        "id": row.message_id,
        "seq": row.seq,
        "at": iso(row.at),
        "type": row.type,
        "live_id": row.live_id,
        "played_at": iso(row.played_at) if row.played_at else None,
    }


async def fired_today(uow: UnitOfWork, user_id: int, midnight: datetime) -> dict[int, tuple[int, datetime]]:
    """How often each trigger fired since `midnight`, wherever that is, and when last. Tests are left out."""
    return await uow.history.count_fired(user_id, midnight)
