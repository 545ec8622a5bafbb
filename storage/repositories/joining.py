"""What two accounts hold, and everything of one made the other's.

The ledger's rows never change, so they stay where they are: the account that has any must be the one kept.
"""

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    UniqueConstraint,
    and_,
    delete,
    exists,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import (
    Base,
    Counter,
    HistoryRow,
    LedgerAccount,
    LinkRequest,
    Live,
    ResetCode,
    SignInTicket,
    Sound,
    TriggerRow,
    User,
)

STAYS = frozenset({"ledger_accounts", "ledger_entries", "ledger_holds", "changes"})
"""Not to be changed, or of no meaning for another account."""
LATER = frozenset({"licenses"})
"""Moved by `core.joining`, which has to settle their clock."""
ENDS = (ResetCode, SignInTicket, LinkRequest)
_CONTENT = (TriggerRow, Sound, Live, Counter, HistoryRow)


class JoiningRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def has_books(self, user_id: int) -> bool:
        """Whether money ever moved here."""
        return await self._has(LedgerAccount.user_id == user_id)

    async def has_content(self, user_id: int) -> bool:
        """Triggers, sounds, counters, LIVEs or their history."""
        for kind in _CONTENT:
            if await self._has(kind.user_id == user_id):
                return True
        return False

    async def move(self, from_id: int, to_id: int) -> None:
        """Every row of every table that names the account. What would be there twice stays behind."""
        await self._add_counters(from_id, to_id)
        for kind in ENDS:
            await self._session.execute(delete(kind).where(kind.user_id.in_((from_id, to_id))))
        for table in Base.metadata.sorted_tables:
            for column in owner_columns(table):
                free = [~_collision(table, column, names, to_id) for names in _unique_names(table, column)]
                moving = update(table).where(column == from_id, *free).values({column.name: to_id})
                await self._session.execute(moving)

    async def flush(self) -> None:
        """What was set on rows is in the database before anything follows."""
        await self._session.flush()

    async def _add_counters(self, from_id: int, to_id: int) -> None:
        """A counter both have goes on from the sum."""
        mine = Base.metadata.tables[Counter.__tablename__]
        other = mine.alias()
        theirs = select(other.c.value).where(other.c.user_id == from_id, other.c.name == mine.c.name)
        is_doubled = and_(mine.c.user_id == to_id, exists(theirs))
        added = mine.c.value + theirs.scalar_subquery()
        await self._session.execute(update(mine).where(is_doubled).values(value=added))
        kept = exists().where(other.c.user_id == to_id, other.c.name == mine.c.name)
        await self._session.execute(delete(mine).where(mine.c.user_id == from_id, kept))

    async def _has(self, condition: ColumnElement[bool]) -> bool:
        return bool(await self._session.scalar(select(exists().where(condition))))


def owner_columns(table: Table) -> list[Column[int]]:
    """Those that say whose a row is, as far as they move."""
    if table.name in STAYS | LATER or table.name == User.__tablename__:
        return []
    return [column for column in table.columns if column.name == "user_id" or _names_a_user(column)]


def _names_a_user(column: Column[int]) -> bool:
    return any(key.target_fullname == "users.id" for key in column.foreign_keys)


def _unique_names(table: Table, column: Column[int]) -> list[list[str]]:
    """Sets of columns with this one among them that no two rows may share."""
    sets = [table.primary_key.columns]
    sets += [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    sets += [one.columns for one in table.indexes if one.unique]
    return [[one.name for one in columns] for columns in sets if column.name in columns]


def _collision(table: Table, column: Column[int], names: list[str], to_id: int) -> ColumnElement[bool]:
    other = table.alias()
    same = [other.c[name] == table.c[name] for name in names if name != column.name]
    return exists().where(other.c[column.name] == to_id, *same)
