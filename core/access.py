"""Who may do what right now, remembered for a few seconds so that no request waits for the database.

Where thousands ask at once, as when the sockets of a dead process come to another one, those who ask while
the database is being asked are asked for together.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from msgspec import Struct

from core import license_clock, staff
from core.clock import Clock
from core.config import Config
from core.errors import InvalidToken
from core.license_clock import LicenseState
from storage.db import Database, DatabaseError
from storage.models import ChangeKind
from storage.repositories.standing import Standing

KEPT_SECONDS = 5.0
MAX_KEPT = 20_000
MAX_AT_ONCE = 256
ASK_SECONDS = 10.0


class AccessState(Struct, frozen=True):
    token_version: int
    overlay_version: int
    role: str  # `core.staff`
    is_banned: bool
    license: LicenseState
    ended: frozenset[str] = frozenset()  # ids of tokens whose owner has ended them


class Access:
    """Subscribe `drop` to the change feed: what other processes change is then noticed within its poll."""

    def __init__(self, db: Database, config: Config, clock: Clock) -> None:
        self._db = db
        self._config = config
        self._clock = clock
        self._kept: OrderedDict[int, tuple[float, AccessState]] = OrderedDict()
        self._asked: dict[int, asyncio.Future[AccessState | None]] = {}
        self._read: set[int] = set()  # being asked for, and not dropped since
        self._turn = asyncio.Lock()

    async def of(self, user_id: int) -> AccessState:
        """Raises `InvalidToken` where there is no such account: only tokens name accounts by id."""
        while True:
            kept = self._kept.get(user_id)
            if kept and self._clock.monotonic() - kept[0] < KEPT_SECONDS:
                return kept[1]
            asked = self._asked.get(user_id)
            if asked is None:
                asked = self._asked[user_id] = asyncio.get_running_loop().create_future()
            async with self._turn:  # whoever comes to it asks for all who wait behind
                while not asked.done():
                    await self._ask()
            if not asked.cancelled():  # it is where who asked for us was given up
                found = asked.result()
                if found is None:
                    raise InvalidToken
                return found

    async def of_now(self, user_id: int) -> AccessState:
        """As `of`, asked anew: for what is rare and must not be late."""
        self.drop(user_id)
        return await self.of(user_id)

    def drop(self, user_id: int, kind: ChangeKind = ChangeKind.ACCESS) -> None:
        """Ask the database next time."""
        if kind is ChangeKind.ACCESS:
            self._kept.pop(user_id, None)
            self._read.discard(user_id)

    async def _ask(self) -> None:
        """Answer those who have waited longest."""
        asked = {user_id: self._asked.pop(user_id) for user_id in list(islice(self._asked, MAX_AT_ONCE))}
        self._read = set(asked)
        asked_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(ASK_SECONDS):
                found = await self._load(asked)
            for user_id, one in asked.items():
                state = found.get(user_id)
                if state and user_id in self._read:
                    self._keep(user_id, asked_at, state)
                one.set_result(state)
        except (DatabaseError, OSError) as error:
            for one in asked.values():
                one.set_exception(error)
                one.exception()  # whoever asked may have gone
        finally:
            for one in asked.values():
                one.cancel()  # where this was given up, the others ask for themselves

    def _keep(self, user_id: int, asked_at: float, state: AccessState) -> None:
        self._kept[user_id] = (asked_at, state)
        self._kept.move_to_end(user_id)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    async def _load(self, user_ids: Iterable[int]) -> dict[int, AccessState]:
        now = self._clock.now()
        async with self._db.read() as uow:
            found = await uow.standing.list_of(user_ids, now)
        return {user_id: self._state(one, now) for user_id, one in found.items()}

    def _state(self, found: Standing, now: datetime) -> AccessState:
        user = found.user
        return AccessState(
            token_version=user.token_version,
            overlay_version=user.overlay_version,
            role=staff.role_of(user, self._config).value,
            is_banned=user.is_banned,
            license=license_clock.state_at(user, found.keys, now, self._config),
            ended=found.ended,
        )
