"""Who may do what right now, remembered for a few seconds so that no request waits for the database."""

from collections import OrderedDict

from msgspec import Struct

from core import license_clock, staff
from core.clock import Clock
from core.config import Config
from core.errors import InvalidToken
from core.license_clock import LicenseState
from storage.db import Database
from storage.models import ChangeKind

KEPT_SECONDS = 5.0
MAX_KEPT = 20_000


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

    async def of(self, user_id: int) -> AccessState:
        """Raises `InvalidToken` where there is no such account: only tokens name accounts by id."""
        asked_at = self._clock.monotonic()
        kept = self._kept.get(user_id)
        if kept and asked_at - kept[0] < KEPT_SECONDS:
            return kept[1]
        state = await self._load(user_id)
        self._kept[user_id] = (asked_at, state)
        self._kept.move_to_end(user_id)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return state

    async def of_now(self, user_id: int) -> AccessState:
        """As `of`, asked anew: for what is rare and must not be late."""
        self.drop(user_id)
        return await self.of(user_id)

    def drop(self, user_id: int, kind: ChangeKind = ChangeKind.ACCESS) -> None:
        """Ask the database next time."""
        if kind is ChangeKind.ACCESS:
            self._kept.pop(user_id, None)

    async def _load(self, user_id: int) -> AccessState:
        async with self._db.read() as uow:
            now = self._clock.now()
            user, keys = await uow.licenses.get_user_with_keys(user_id)
            if user is None:
                raise InvalidToken
            ended = await uow.devices.ended(user_id, now)
        return AccessState(
            token_version=user.token_version,
            overlay_version=user.overlay_version,
            role=staff.role_of(user, self._config).value,
            is_banned=user.is_banned,
            license=license_clock.state_at(user, keys, now, self._config),
            ended=frozenset(ended),
        )
