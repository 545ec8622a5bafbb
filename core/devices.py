"""Devices that are signed in: each is a token, and its owner can end it."""

from datetime import datetime, timedelta

import structlog
from msgspec import Struct

from core.account import require_user
from core.clock import Clock
from core.errors import NotFound
from storage.db import Database, DatabaseError, UnitOfWork
from storage.models import ChangeKind, SignedIn

log = structlog.get_logger(__name__)

MAX_NAME = 120
MAX_LISTED = 50
_SLACK = timedelta(minutes=5)  # clocks differ: an ended token is remembered a little longer than it lasts

# In the order they are looked for: Edge and Opera also say Chrome, and Chrome also says Safari.
_PROGRAMS = (
    ("OBS/", "OBS"),
    ("Dart/", "TTBoost app"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser/", "Yandex Browser"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class NewToken(Struct, frozen=True):
    """What is known of a token when it is given out."""

    jti: str
    audience: str
    token_version: int
    expires_at: datetime
    user_agent: str


class Device(Struct, frozen=True):
    id: int
    name: str  # such as "Chrome, Android"; empty where it said nothing we know
    audience: str  # of which API: `mobile` or `webapp`
    created_at: datetime
    last_seen_at: datetime | None
    is_this: bool


class Devices:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def signed_in(self, user_id: int, token: NewToken) -> None:
        """Not worth a refusal: one can sign in also where nothing can be written."""
        now = self._clock.now()
        row = SignedIn(
            user_id=user_id,
            jti=token.jti,
            audience=token.audience,
            device=name_of(token.user_agent),
            token_version=token.token_version,
            created_at=now,
            expires_at=token.expires_at + _SLACK,
            last_seen_at=now,
        )
        try:
            async with self._db.begin() as uow:
                await uow.devices.add(row)
        except DatabaseError as error:
            log.warning("device_not_noted", reason=type(error).__name__)

    async def list_open(self, user_id: int, this: str) -> list[Device]:
        """`this`: the id of the token that asks."""
        async with self._db.read() as uow:
            rows = await _open(uow, user_id, self._clock.now())
        return [_device(row, this) for row in rows[:MAX_LISTED]]

    async def end(self, user_id: int, device_id: int) -> None:
        """Its token and its sockets end. Raises `NotFound`, also for somebody else's."""
        now = self._clock.now()
        async with self._db.begin() as uow:
            found = [row for row in await _open(uow, user_id, now) if row.id == device_id]
            if not found:
                raise NotFound
            _end(uow, user_id, found, now)

    async def end_others(self, user_id: int, this: str) -> int:
        """All but the one that asks; how many they were."""
        now = self._clock.now()
        async with self._db.begin() as uow:
            others = [row for row in await _open(uow, user_id, now) if row.jti != this]
            _end(uow, user_id, others, now)
        return len(others)

    async def end_this(self, user_id: int, this: str) -> None:
        """The one that asks signs out; it may have been noted nowhere."""
        now = self._clock.now()
        async with self._db.begin() as uow:
            own = [row for row in await _open(uow, user_id, now) if row.jti == this]
            _end(uow, user_id, own, now)

    async def purge(self) -> int:
        """Forget tokens that open nothing any more by themselves."""
        async with self._db.begin() as uow:
            return await uow.devices.delete_expired(self._clock.now())


def name_of(user_agent: str) -> str:
    """In words a person knows their device by, from what its program says of itself."""
    known = [
        next((name for mark, name in table if mark in user_agent), "") for table in (_PROGRAMS, _SYSTEMS)
    ]
    return ", ".join(name for name in known if name)[:MAX_NAME]


async def _open(uow: UnitOfWork, user_id: int, now: datetime) -> list[SignedIn]:
    user = await require_user(uow, user_id)
    return list(await uow.devices.list_open(user_id, user.token_version, now))


def _end(uow: UnitOfWork, user_id: int, rows: list[SignedIn], now: datetime) -> None:
    for row in rows:
        row.ended_at = now
    uow.accounts.note_change(user_id, ChangeKind.ACCESS, now)


def _device(row: SignedIn, this: str) -> Device:
    return Device(
        id=row.id,
        name=row.device,
        audience=row.audience,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        is_this=row.jti == this,
    )
