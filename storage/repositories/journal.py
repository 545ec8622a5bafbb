"""Write-behind: batches of history, totals of LIVEs, counters, reserved numbers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

import msgspec
from sqlalchemy import Table, Text, and_, bindparam, func, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Counter, HistoryRow, Live, LiveViewer, User
from storage.repositories.upserts import insert_into

_TOTALS = (
    "ended_at", "messages", "gifts", "diamonds", "likes", "likes_total", "joins", "follows", "shares",
    "subscribes", "peak_viewers", "deaf_seconds",
)  # fmt: skip

MAX_GIVERS = 500  # read for a LIVE that goes on after a restart
_HIGHEST = frozenset({"likes_total", "peak_viewers"})
_GIVEN = ("gifts", "diamonds", "likes", "messages")
_HISTORY_COLUMNS = ("user_id", "live_id", "message_id", "seq", "at", "type", "data", "played_at")
_HISTORY_AT_ONCE = (  # on a server: one statement, however many rows
    f"INSERT INTO history ({', '.join(_HISTORY_COLUMNS)}) SELECT * FROM unnest("  # noqa: S608 - ours alone
    "$1::int[], $2::int[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[], "
    "$8::timestamptz[])"
)
_VIEWER_COLUMNS = ("live_id", "viewer_id", "unique_id", "nickname", *_GIVEN)
_ADD_TO_VIEWER = (
    "ON CONFLICT (live_id, viewer_id) DO UPDATE SET "
    "unique_id = excluded.unique_id, nickname = excluded.nickname, "
    + ", ".join(f"{name} = live_viewers.{name} + excluded.{name}" for name in _GIVEN)
)
_OF_MINUTE = ("messages", "gifts", "diamonds", "likes", "follows")
_MINUTE_COLUMNS = ("live_id", "minute", "viewers", *_OF_MINUTE)
_ADD_TO_MINUTE = (
    "ON CONFLICT (live_id, minute) DO UPDATE SET viewers = CASE WHEN excluded.viewers > live_minutes.viewers "
    "THEN excluded.viewers ELSE live_minutes.viewers END, "
    + ", ".join(f"{name} = live_minutes.{name} + excluded.{name}" for name in _OF_MINUTE)
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
    given_before: dict[int, tuple[str, str, int]]


class ViewerTotals(Protocol):
    unique_id: str
    nickname: str
    gifts: int
    diamonds: int
    likes: int
    messages: int


class MinuteTotals(Protocol):
    viewers: int
    messages: int
    gifts: int
    diamonds: int
    likes: int
    follows: int


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


def _history_row(entry: HistoryEntry, moment: Callable[[datetime], Any]) -> tuple[Any, ...]:
    return (
        entry.user_id,
        entry.tally.live_id if entry.tally else None,
        entry.message_id,
        entry.seq,
        moment(entry.at),
        entry.type,
        _encode(entry.data).decode(),
        moment(entry.played_at) if entry.played_at else None,
    )


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
        """The row of the same room, written before a restart: `tally` goes on from what it holds."""
        row = await self._session.scalar(
            select(Live)
            .where(Live.user_id == tally.user_id, Live.room_id == tally.room_id)
            .order_by(Live.id.desc())
            .limit(1)
        )
        if row is None:
            return None
        tally.started_at = row.started_at
        tally.base = {name: getattr(row, name) for name in _TOTALS[1:]}
        givers = select(LiveViewer).where(LiveViewer.live_id == row.id, LiveViewer.diamonds > 0)
        givers = givers.order_by(LiveViewer.diamonds.desc(), LiveViewer.viewer_id).limit(MAX_GIVERS)
        tally.given_before = {
            one.viewer_id: (one.unique_id, one.nickname, one.diamonds)
            for one in await self._session.scalars(givers)
        }
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

    async def add_minutes(self, minutes: Sequence[tuple[LiveTotals, Mapping[int, MinuteTotals]]]) -> None:
        """`minutes`: by their number on the clock; stored counted from the one the LIVE began in."""
        rows: list[tuple[Any, ...]] = [
            (
                tally.live_id,
                max(0, number - int(tally.started_at.timestamp()) // 60),  # a clock may be set back
                one.viewers,
                *(getattr(one, name) for name in _OF_MINUTE),
            )
            for tally, ones in minutes
            if tally.live_id is not None
            for number, one in ones.items()
        ]
        await self._insert_rows("live_minutes", _MINUTE_COLUMNS, rows, _ADD_TO_MINUTE)

    async def add_history(self, entries: Sequence[HistoryEntry]) -> None:
        if not entries:
            return
        connection = await self._session.connection()
        if connection.dialect.name == "postgresql":
            columns = zip(*(_history_row(one, _unchanged) for one in entries), strict=True)
            await connection.exec_driver_sql(_HISTORY_AT_ONCE, tuple(list(column) for column in columns))
        else:
            rows = [_history_row(one, _sqlite_moment) for one in entries]
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

    async def mark_unheard(self, unheard: Sequence[tuple[str, str]]) -> None:
        """`(message id, why)`. Put at the end of the row's JSON, where it counts over an earlier word."""
        if not unheard:
            return
        data = sql_cast(_HISTORY.c.data, Text)
        await (await self._session.connection()).execute(
            update(_HISTORY)
            .where(_HISTORY.c.message_id == bindparam("id_"))
            .values(data=func.substr(data, 1, func.length(data) - 1).concat(bindparam("more", type_=Text))),
            [
                {"id_": message_id, "more": f',"dropped":{_encode(why).decode()}}}'}
                for message_id, why in unheard
            ],
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
            statement = insert_into(self._session, Counter.__table__).values(
                user_id=user_id, name=name, value=add
            )
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

    async def count_events(self, user_id: int, since: datetime) -> int:
        query = select(func.count()).select_from(HistoryRow)
        query = query.where(HistoryRow.user_id == user_id, HistoryRow.at >= since)
        return await self._session.scalar(query) or 0

    async def users_waiting(self) -> Sequence[int]:
        """Those whose LIVE is waited for with nobody connected."""
        marked = sql_cast(User.settings, Text).contains('"auto_connect_live":true')
        return list(await self._session.scalars(select(User.id).where(marked, User.is_banned.is_(False))))
