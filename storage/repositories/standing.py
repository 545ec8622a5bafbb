"""What decides who may do what, read for many accounts at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import License, SignedIn, User


@dataclass(frozen=True, slots=True)
class Standing:
    user: User
    keys: list[License]  # in the order their days are used up
    ended: frozenset[str]  # ids of tokens that would still be good


class StandingRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_of(self, user_ids: Iterable[int], now: datetime) -> dict[int, Standing]:
        """By account; those that are not there, or were joined into others, are left out."""
        ids = _padded(sorted(user_ids))
        query = (
            select(User, License)
            .outerjoin(License, License.user_id == User.id)
            .where(User.id.in_(ids), User.joined_into.is_(None))
            .order_by(License.redeemed_at, License.id)
        )
        rows: Sequence[Any] = (await self._session.execute(query)).all()
        ended = await self._ended(ids, now)
        found: dict[int, Standing] = {}
        for user, key in rows:
            known = found.setdefault(user.id, Standing(user, [], frozenset(ended[user.id])))
            if key is not None:
                known.keys.append(key)
        return found

    async def _ended(self, user_ids: list[int], now: datetime) -> defaultdict[int, list[str]]:
        query = select(SignedIn.user_id, SignedIn.jti).where(
            SignedIn.user_id.in_(user_ids), SignedIn.ended_at.is_not(None), SignedIn.expires_at > now
        )
        ended = defaultdict[int, list[str]](list)
        for user_id, jti in await self._session.execute(query):
            ended[user_id].append(jti)
        return ended


def _padded(ids: list[int]) -> list[int]:
    """A power of two of them, the last one repeated: few different statements, which stay prepared."""
    size = 1 << (len(ids) - 1).bit_length()
    return ids + ids[-1:] * (size - len(ids))
