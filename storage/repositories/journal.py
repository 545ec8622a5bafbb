"""Write-behind: batches of history, totals of LIVEs, counters, reserved numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

import msgspec
from sqlalchemy import CursorResult, Table, Text, and_, bindparam, delete, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Counter, HistoryRow, Live, LiveViewer, User

_TOTALS = (
    "ended_at", "messages", "gifts", "diamonds", "likes", "likes_total", "joins", "follows", "shares",
    "subscribes", "peak_viewers", "deaf_seconds",
)  # fmt: skip

_HIGHEST = frozenset({"likes_total", "peak_viewers"})
_GIVEN = ("gifts", "diamonds", "likes", "messages")
_HISTORY_COLUMNS = ("user_id", "live_id", "message_id", "seq", "at", "type", "data", "played_at")
_VIEWER_COLUMNS = ("live_id", "viewer_id", "unique_id", "nickname", *_GIVEN)
_ADD_TO_VIEWER = (
    "ON CONFLICT (live_id, viewer_id) DO UPDATE SET "
    "unique_id = excluded.unique_id, nickname = excluded.nickname, "
    + ", ".join(f"{name} = live_viewers.{name} + excluded.{name}" for name in _GIVEN)
)
_encode = msgspec.json.Encoder().encode
_LIVES = cast("Table", Live.__table__)
_USERS = cast("Table", User.__table__)
_HISTORY = cast("Table", HistoryRow.__table__)


class LiveTotals(Protocol):
    """`core.tally.Tally`."""

    user_id: int
    unique_id: str
    room_id: str
    started_at: datetime
    live_id: int | None
    base: dict[str, float]


class ViewerTotals(Protocol):
    unique_id: str
    nickname: str
    gifts: int
    diamonds: int
    likes: int
    messages: int


class HistoryEntry(Protocol):
    user_id: int
    message_id: str
    seq: int
    at: datetime
    type: str
    data: dict[str, Any]
    played_at: datetime | None

    @property
    def tally(self) -> Any: ...


def _unchanged(moment: datetime) -> datetime:
    return moment


def _sqlite_moment(moment: datetime) -> str:
    """As SQLAlchemy's own type stores it: UTC without a zone."""
    return moment.isoformat(" ", "microseconds")[:26]


def _total(tally: LiveTotals, name: str) -> Any:
    own = getattr(tally, name)
    if name not in tally.base:
        return own
    return max(own, tally.base[name]) if name in _HIGHEST else own + tally.base[name]


class JournalRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save_lives(self, tallies: Sequence[LiveTotals]) -> None:
        """Write the totals. A broadcast a restarted process meets again goes on in its row.

        Gives each its `live_id`; None where the account, or the row, has been deleted meanwhile.
        """
        for tally in tallies:
            if tally.live_id is None:
                tally.live_id = await self._open_live(tally) or await self._add_live(tally)
        known = {tally.live_id for tally in tallies if tally.live_id is not None}
        if not known:
            return
        there = set(await self._session.scalars(select(Live.id).where(Live.id.in_(known))))
        rows = []
        for tally in tallies:
            if tally.live_id in there:
                rows.append({"id_": tally.live_id, **{f"{name}_": _total(tally, name) for name in _TOTALS}})
            else:
                tally.live_id = None
        if rows:
            values: dict[str, Any] = {name: bindparam(f"{name}_") for name in _TOTALS}
            statement = update(_LIVES).where(_LIVES.c.id == bindparam("id_")).values(values)
            await (await self._session.connection()).execute(statement, rows)

    async def _add_live(self, tally: LiveTotals) -> int | None:
        if await self._session.get(User, tally.user_id) is None:
            return None
        row = Live(
            user_id=tally.user_id,
            unique_id=tally.unique_id,
            room_id=tally.room_id,
            started_at=tally.started_at,
        )
        self._session.add(row)
        await self._session.flush()
        return row.id

    async def _open_live(self, tally: LiveTotals) -> int | None:
        """The row of the same room, written before a restart; what it holds becomes the `base` of `tally`."""
        row = await self._session.scalar(
            select(Live)
            .where(Live.user_id == tally.user_id, Live.room_id == tally.room_id)
            .order_by(Live.id.desc())
            .limit(1)
        )
        if row is None:
            return None
        tally.base = {name: getattr(row, name) for name in _TOTALS[1:]}
        return row.id

    async def add_viewers(self, viewers: Sequence[tuple[LiveTotals, Mapping[int, ViewerTotals]]]) -> None:
        rows: list[tuple[Any, ...]] = [
            (
                tally.live_id,
                viewer_id,
                one.unique_id,
                one.nickname,
                one.gifts,
                one.diamonds,
                one.likes,
                one.messages,
            )
            for tally, ones in viewers
            if tally.live_id is not None
            for viewer_id, one in ones.items()
        ]
        await self._insert_rows("live_viewers", _VIEWER_COLUMNS, rows, _ADD_TO_VIEWER)

    async def add_history(self, entries: Sequence[HistoryEntry]) -> None:
        dialect = (await self._session.connection()).dialect.name
        is_postgres = dialect == "postgresql"
        moment = _unchanged if is_postgres else _sqlite_moment
        rows = [
            (
                one.user_id,
                one.tally.live_id if one.tally else None,
                one.message_id,
                one.seq,
                moment(one.at),
                one.type,
                _encode(one.data).decode(),
                moment(one.played_at) if one.played_at else None,
            )
            for one in entries
        ]
        await self._insert_rows("history", _HISTORY_COLUMNS, rows)

    async def _insert_rows(
        self, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]], on_conflict: str = ""
    ) -> None:
        """In the driver's own words: binding rows costs as much as writing them, and this is most of both."""
        if not rows:
            return
        connection = await self._session.connection()
        is_postgres = connection.dialect.name == "postgresql"
        marks = (f"${number}" if is_postgres else "?" for number in range(1, len(columns) + 1))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(marks)}) {on_conflict}"  # noqa: S608
        await connection.exec_driver_sql(statement, rows)

    async def mark_played(self, played: Sequence[tuple[str, datetime]]) -> None:
        if not played:
            return
        await (await self._session.connection()).execute(
            update(_HISTORY)
            .where(and_(_HISTORY.c.message_id == bindparam("id_"), _HISTORY.c.played_at.is_(None)))
            .values(played_at=bindparam("played_at_")),
            [{"id_": message_id, "played_at_": at} for message_id, at in played],
        )

    async def reserve_seqs(self, seqs: Mapping[int, int]) -> None:
        if not seqs:
            return
        statement = (
            update(_USERS).where(_USERS.c.id == bindparam("id_")).values(seq_reserved=bindparam("upto"))
        )
        rows = [{"id_": user_id, "upto": upto} for user_id, upto in seqs.items()]
        await (await self._session.connection()).execute(statement, rows)

    async def take_seqs(self, user_id: int, count: int) -> int:
        """Reserve the next `count` numbers; the last one used before."""
        last = await self._session.scalar(select(User.seq_reserved).where(User.id == user_id))
        await self._session.execute(
            update(User).where(User.id == user_id).values(seq_reserved=(last or 0) + count)
        )
        return last or 0

    async def add_counters(self, counters: Mapping[tuple[int, str], int]) -> None:
        for (user_id, name), add in counters.items():
            statement = self._insert(Counter.__table__).values(user_id=user_id, name=name, value=add)
            await self._session.execute(
                statement.on_conflict_do_update(
                    index_elements=["user_id", "name"], set_={"value": Counter.value + add}
                )
            )

    async def counters_of(self, user_id: int) -> dict[str, int]:
        rows = await self._session.execute(
            select(Counter.name, Counter.value).where(Counter.user_id == user_id)
        )
        return {row.name: row.value for row in rows}

    async def users_waiting(self) -> Sequence[int]:
        """Those whose LIVE is waited for with nobody connected."""
        marked = sql_cast(User.settings, Text).contains('"auto_connect_live":true')
        return list(await self._session.scalars(select(User.id).where(marked, User.is_banned.is_(False))))

    async def purge_history(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` rows older than `before`; how many went."""
        # Rows come in the order of time: the oldest are the first, and no index of times is needed.
        first = select(HistoryRow.id, HistoryRow.at).order_by(HistoryRow.id).limit(limit)
        found = [row.id for row in await self._session.execute(first) if row.at < before]
        if found:
            await self._session.execute(_HISTORY.delete().where(_HISTORY.c.id.in_(found)))
        return len(found)

    async def purge_viewers(self, before: datetime) -> int:
        """Forget who was in LIVEs that began before; their totals stay."""
        old = select(Live.id).where(Live.started_at < before)
        gone = await self._session.execute(delete(LiveViewer).where(LiveViewer.live_id.in_(old)))
        return cast("CursorResult[Any]", gone).rowcount

    def _insert(self, table: Any) -> Any:
        kind = self._session.get_bind().dialect.name
        return postgres_insert(table) if kind == "postgresql" else sqlite_insert(table)
