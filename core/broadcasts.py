"""One text to many: written, tried on oneself, started, paused, resumed, stopped.

Who gets it is written down when it starts. Whoever sends asks for the next few, sends each once and notes
what became of it. What was handed out and never noted (the process died) may have arrived and is not sent
again.
"""

from datetime import timedelta
from typing import Any

from msgspec import Struct

from core import team
from core.account import require_user
from core.audit import Act
from core.clock import Clock, iso
from core.errors import BroadcastState, Invalid, NotFound
from core.notices import NoticeKind, add
from storage.db import Database, UnitOfWork
from storage.models import Audience, Broadcast, BroadcastStatus
from storage.models import Delivery as Delivery  # noqa: PLC0414  edges take it from here

LANGUAGES = ("en", "ru", "es")
MAX_TEXT = 3_500  # of the 4,096 characters Telegram takes
CLAIM = timedelta(minutes=5)  # as long as sending what was handed out may take


class Draft(Struct, frozen=True):
    """`texts` by language; whose language has none gets the English one, or else the first."""

    texts: dict[str, str]
    audience: str = "all"  # "licensed", "expired": had a license and has none
    language: str | None = None  # only those who use this one


class Progress(Struct, frozen=True):
    total: int
    sent: int
    blocked: int
    failed: int
    unsure: int  # may have arrived: the process died before it could say so
    left: int


class BroadcastView(Struct, frozen=True):
    id: int
    texts: dict[str, Any]
    audience: str
    language: str | None
    status: str
    actor: str
    created_at: str
    started_at: str | None
    ended_at: str | None
    progress: Progress


class Message(Struct, frozen=True):
    """One to be sent now, to one person."""

    broadcast_id: int
    user_id: int
    telegram_id: int
    text: str


class _Step(Struct, frozen=True):
    name: str
    known: tuple[BroadcastStatus, ...]  # from which it may be taken
    status: BroadcastStatus


_START = _Step("start", (BroadcastStatus.DRAFT,), BroadcastStatus.RUNNING)
_PAUSE = _Step("pause", (BroadcastStatus.RUNNING,), BroadcastStatus.PAUSED)
_RESUME = _Step("resume", (BroadcastStatus.PAUSED,), BroadcastStatus.RUNNING)
_STOP = _Step("stop", (BroadcastStatus.DRAFT, *_PAUSE.known, *_RESUME.known), BroadcastStatus.STOPPED)


class Broadcasts:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    # For admins

    async def create(self, draft: Draft, by: Act) -> BroadcastView:
        """A draft; nobody gets it before `start`."""
        _check(draft)
        async with self._db.begin() as uow:
            row = await uow.broadcasts.add(
                Broadcast(
                    texts=dict(draft.texts),
                    audience=Audience(draft.audience),
                    language=draft.language,
                    status=BroadcastStatus.DRAFT,
                    actor=by.actor,
                    created_at=by.at,
                )
            )
            by.note(uow, "broadcast.create", f"broadcast:{row.id}", audience=draft.audience)
            return await _view(uow, row)

    async def dry_run(self, broadcast_id: int, by: Act) -> int:
        """How many would get it now; the admin gets it in each of its languages."""
        async with self._db.begin() as uow:
            row = await _require(uow, broadcast_id)
            actor = await team.find_actor(uow, by)
            if actor is not None and actor.telegram_id is not None:
                for language, text in row.texts.items():  # together they may be more than one message holds
                    key = f"broadcast:{row.id}:preview:{iso(by.at)}:{language}"
                    await add(uow, actor.id, NoticeKind.BROADCAST_PREVIEW, key, by.at, text=text)
            by.note(uow, "broadcast.dry_run", f"broadcast:{row.id}")
            return await _count(uow, row, self._clock)

    async def audience(self, broadcast_id: int) -> int:
        """How many would get it now."""
        async with self._db.read() as uow:
            return await _count(uow, await _require(uow, broadcast_id), self._clock)

    async def start(self, broadcast_id: int, by: Act) -> BroadcastView:
        async with self._db.begin() as uow:
            row = await _move(uow, broadcast_id, _START, by)
            row.started_at = by.at
            await uow.broadcasts.enumerate(row, by.at)
            return await _view(uow, row)

    async def pause(self, broadcast_id: int, by: Act) -> BroadcastView:
        async with self._db.begin() as uow:
            return await _view(uow, await _move(uow, broadcast_id, _PAUSE, by))

    async def resume(self, broadcast_id: int, by: Act) -> BroadcastView:
        async with self._db.begin() as uow:
            return await _view(uow, await _move(uow, broadcast_id, _RESUME, by))

    async def stop(self, broadcast_id: int, by: Act) -> BroadcastView:
        """For good: who has not got it does not get it."""
        async with self._db.begin() as uow:
            row = await _move(uow, broadcast_id, _STOP, by)
            row.ended_at = by.at
            return await _view(uow, row)

    async def get(self, broadcast_id: int) -> BroadcastView:
        async with self._db.read() as uow:
            return await _view(uow, await _require(uow, broadcast_id))

    async def list_page(
        self, limit: int = 20, offset: int = 0, status: str | None = None
    ) -> tuple[list[BroadcastView], int]:
        """Newest first; how many there are in all."""
        async with self._db.read() as uow:
            wanted = BroadcastStatus(status) if status else None
            rows, total = await uow.broadcasts.list_page(limit, offset, wanted)
            return [await _view(uow, row) for row in rows], total

    # For whoever sends

    async def next_batch(self, limit: int) -> list[Message]:
        """Up to `limit` messages nobody else gets, to be sent now. Empty: nothing to do at the moment.

        What was handed out by a process that died is lost to it, so ask for no more than a second's worth.
        """
        now = self._clock.now()
        async with self._db.read() as uow:
            if await uow.broadcasts.first_running() is None:
                return []  # nobody waits for the database while there is nothing to send
        async with self._db.begin() as uow:
            row = await uow.broadcasts.first_running(lock=True)
            if row is None:
                return []
            await uow.broadcasts.give_up_claims(now - CLAIM, now)
            people = await uow.broadcasts.claim(row.id, now, limit)
            if not people and await uow.broadcasts.is_finished(row.id):
                row.status, row.ended_at = BroadcastStatus.DONE, now
            messages = []
            for one in people:
                if one.telegram_id is None or not one.is_reachable:
                    await uow.broadcasts.note(row.id, one.id, Delivery.BLOCKED, now)
                    continue
                language = one.settings.get("language", LANGUAGES[0])
                messages.append(Message(row.id, one.id, one.telegram_id, _text(row.texts, language)))
            return messages

    async def note_sent(self, message: Message, outcome: Delivery) -> None:
        """`LATER`: it was not tried after all. `BLOCKED`: nothing else is written to that person."""
        now = self._clock.now()
        async with self._db.begin() as uow:
            await uow.broadcasts.note(message.broadcast_id, message.user_id, outcome, now)
            if outcome is Delivery.BLOCKED:
                (await require_user(uow, message.user_id, lock=True)).is_reachable = False


async def _count(uow: UnitOfWork, row: Broadcast, clock: Clock) -> int:
    return await uow.broadcasts.count_audience(row.audience, row.language, clock.now())


async def _move(uow: UnitOfWork, broadcast_id: int, step: _Step, by: Act) -> Broadcast:
    """Locked, so that nobody is handed another message before the step is taken."""
    row = await _require(uow, broadcast_id, lock=True)
    if row.status not in step.known:
        raise BroadcastState(status=row.status.value)
    row.status = step.status
    by.note(uow, f"broadcast.{step.name}", f"broadcast:{row.id}")
    return row


async def _view(uow: UnitOfWork, row: Broadcast) -> BroadcastView:
    return BroadcastView(
        id=row.id,
        texts=row.texts,
        audience=row.audience.value,
        language=row.language,
        status=row.status.value,
        actor=row.actor,
        created_at=iso(row.created_at),
        started_at=iso(row.started_at) if row.started_at else None,
        ended_at=iso(row.ended_at) if row.ended_at else None,
        progress=_progress(await uow.broadcasts.outcomes(row.id)),
    )


async def _require(uow: UnitOfWork, broadcast_id: int, *, lock: bool = False) -> Broadcast:
    row = await uow.broadcasts.get(broadcast_id, lock=lock)
    if row is None:
        raise NotFound
    return row


def _check(draft: Draft) -> None:
    if not draft.texts or not set(draft.texts) <= set(LANGUAGES):
        raise Invalid(f"texts: one for each of {', '.join(LANGUAGES)}, or some of them", field="texts")
    if any(not text.strip() or len(text) > MAX_TEXT for text in draft.texts.values()):
        raise Invalid(f"texts: 1 to {MAX_TEXT} characters", field="texts")
    if draft.audience not in list(Audience):
        raise Invalid(f"audience: one of {', '.join(Audience)}", field="audience")
    if draft.language is not None and draft.language not in LANGUAGES:
        raise Invalid(f"language: one of {', '.join(LANGUAGES)}", field="language")


def _text(texts: dict[str, Any], language: str) -> str:
    return str(texts.get(language) or texts.get(LANGUAGES[0]) or next(iter(texts.values())))


def _progress(counts: dict[Delivery | None, int]) -> Progress:
    return Progress(
        total=sum(counts.values()),
        sent=counts.get(Delivery.SENT, 0),
        blocked=counts.get(Delivery.BLOCKED, 0),
        failed=counts.get(Delivery.FAILED, 0),
        unsure=counts.get(Delivery.UNSURE, 0),
        left=counts.get(None, 0),
    )
